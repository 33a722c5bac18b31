"""The home of taking in many users at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import sqlalchemy as sa
from sqlmodel import col, select

from db.bulk import insert_rows
from db.enums import ChannelKind
from db.ids import new_ids
from db.models import Account, Channel, Role, User, UserRole
from resolvers.importing.intake import NO_CUSTOMER, Claim, among, customer_ids, take_intake_turn
from resolvers.rules import locales
from resolvers.rules.roles import CUSTOMER_ADMIN
from resolvers.rules.violations import ViolationCode
from resolvers.users.rules import RecordedUser, checked_user

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.ports import Clock
    from resolvers.rules.inspection import Inspection


class Known(NamedTuple):
    """An account that is there."""

    id: str
    password_hash: str | None
    is_trusted: bool
    """Whether nobody signs in to it who has only typed its address: it was proved or imported, or has no password."""


@dataclass(frozen=True, slots=True)
class Users:
    """Takes users into *channel*."""

    channel: Channel
    clock: Clock

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedUser:
        """Return the user that *fields* tell."""
        record = checked_user(fields, inspection, self.clock.now())
        record.columns["imported_as"] = inspection.digest
        return record

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedUser]) -> FoundForUsers:
        """Look up customers, roles, which addresses are taken, and which customers of consumers have their user."""
        await take_intake_turn(session, self.channel.id)
        customers = await customer_ids(session, self.channel.id, [record.customer_number for record in records])
        addresses = [record.address.canonical for record in records if record.address]
        its_owner_s = sa.or_(
            col(Account.confirmed_at).is_not(None),
            col(Account.password_hash).is_(None),
            sa.exists().where(col(User.account_id) == Account.id, col(User.imported_as).is_not(None)),
        )
        accounts = select(Account.canonical_email_address, Account.id, Account.password_hash, its_owner_s).where(
            Account.channel_id == self.channel.id, among(Account.canonical_email_address, addresses)
        )
        found = {
            canonical: Known(account_id, password_hash, bool(is_trusted))
            for canonical, account_id, password_hash, is_trusted in await session.exec(accounts)
        }
        users = select(User.account_id, User.customer_id).where(
            among(User.account_id, [account.id for account in found.values()])
        )
        held = dict.fromkeys((_key(*pair) for pair in await session.exec(users)), 1)
        if self.channel.kind is ChannelKind.B2C:
            served = await session.exec(select(User.customer_id).where(among(User.customer_id, customers.values())))
            held |= dict.fromkeys(served, 1) | dict.fromkeys(found, 1)
        roles = await session.exec(select(Role.code, Role.id).where(Role.channel_id == self.channel.id))
        # By the customer: a user may have moved to another address since.
        digests = [record.columns["imported_as"] for record in records if record.columns["imported_as"]]
        known = select(User.imported_as).where(
            among(User.customer_id, customers.values()), among(User.imported_as, digests)
        )
        digests = list(filter(None, await session.exec(known)))
        return FoundForUsers(self, held, digests, customers, found, dict(roles.all()))


@dataclass(frozen=True, slots=True)
class FoundForUsers:
    """Customers by number, accounts by canonical address, roles by code, and which of them are users already."""

    users: Users
    held: Mapping[str, int]
    known: Collection[str]
    customers: Mapping[str, str]
    accounts: Mapping[str, Known]
    roles: Mapping[str, str]
    hashes: dict[str, str] = field(default_factory=dict, repr=False)
    """Of passwords, by canonical address, as the records tell them that were judged so far."""

    def refer(self, record: RecordedUser, inspection: Inspection) -> Sequence[Claim]:
        """Return the claims on being a user of the customer and, of a consumer, on address and customer."""
        consumers = self.users.channel.kind is ChannelKind.B2C
        for position, code in enumerate(record.roles):
            if code not in self.roles:
                inspection.add(("roles", str(position)), ViolationCode.UNKNOWN)
        if not record.roles and not consumers:
            inspection.add(("roles",), ViolationCode.REQUIRED)
        canonical = record.account["canonical_email_address"]
        self._judge_hash(canonical, record.account["password_hash"], inspection)
        customer_id = self.customers.get(record.customer_number)
        if customer_id is None:
            inspection.add(("customerNumber",), ViolationCode.UNKNOWN, None, NO_CUSTOMER)
            return ()
        if consumers:
            return Claim(("emailAddress",), canonical), Claim(("customerNumber",), customer_id)
        account = self.accounts.get(canonical)
        if account is not None and not account.is_trusted:
            # Whoever registered a stranger's address would act for the company by the password of that registration.
            told = "Somebody has registered this address, and has not proved it. Bring the user in once that is done."
            inspection.add(("emailAddress",), ViolationCode.NOT_ALLOWED, None, told)
        return (Claim(("emailAddress",), _key(account.id if account else canonical, customer_id)),)

    def _judge_hash(self, canonical: str, password_hash: str | None, inspection: Inspection) -> None:
        """Refuse a second password of an account: which of two is right nobody can tell."""
        if password_hash is None:
            return
        account = self.accounts.get(canonical)
        there = (account.password_hash if account else None) or self.hashes.get(canonical)
        if there is not None and there != password_hash:
            told = "The account has another password. Leave the hash out, and the user signs in by that one."
            inspection.add(("passwordHash",), ViolationCode.NOT_ALLOWED, None, told)
        elif not inspection.violations:
            self.hashes[canonical] = password_hash

    async def write(self, session: AsyncSession, records: Sequence[RecordedUser]) -> None:
        """Insert the users with their roles, and the accounts that are new; a consumer is admin of the own customer."""
        channel, now = self.users.channel, self.users.clock.now()
        accounts = await self._write_accounts(session, records)
        rows, granted = [], []
        for record, user_id in zip(records, new_ids(User.letters, now), strict=False):
            given = {
                "id": user_id,
                "channel_id": channel.id,
                "customer_id": self.customers[record.customer_number],
                "account_id": accounts[record.account["canonical_email_address"]],
                "locale": locales.best_fit(record.columns["locale"], channel.locales, channel.default_locale),
            }
            rows.append(record.columns | given)
            granted += [{"user_id": user_id, "role_id": self.roles[code]} for code in record.roles or (CUSTOMER_ADMIN,)]
        await insert_rows(session, User, rows)
        await insert_rows(session, UserRole, granted)

    async def _write_accounts(self, session: AsyncSession, records: Sequence[RecordedUser]) -> Mapping[str, str]:
        """Return the ids of all accounts by canonical address. One without a password gets that which is told now."""
        new: dict[str, dict[str, Any]] = {}
        for record in records:
            canonical = record.account["canonical_email_address"]
            account = self.accounts.get(canonical)
            if account is None:
                merged = new.setdefault(canonical, dict(record.account))
                for name in ("password_hash", "confirmed_at"):
                    merged[name] = merged[name] or record.account[name]
            elif account.password_hash is None and record.account["password_hash"] is not None:
                its = sa.and_(col(Account.id) == account.id, col(Account.password_hash).is_(None))
                await session.exec(sa.update(Account).where(its).values(password_hash=record.account["password_hash"]))
        ids = dict(zip(new, new_ids(Account.letters, self.users.clock.now()), strict=False))
        rows = [made | {"id": ids[canonical], "channel_id": self.users.channel.id} for canonical, made in new.items()]
        await insert_rows(session, Account, rows)
        return {canonical: account.id for canonical, account in self.accounts.items()} | ids


def _key(account: str, customer_id: str) -> str:
    return f"{account} {customer_id}"
