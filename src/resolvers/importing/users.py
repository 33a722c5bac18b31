"""The home of taking in many users at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import select

from db.bulk import insert_rows
from db.enums import ChannelKind
from db.ids import new_ids
from db.models import Channel, Role, User, UserRole
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
        taken = select(User.canonical_email_address).where(
            User.channel_id == self.channel.id, among(User.canonical_email_address, addresses)
        )
        held = dict.fromkeys((await session.exec(taken)).all(), 1)
        if self.channel.kind is ChannelKind.B2C:
            served = await session.exec(select(User.customer_id).where(among(User.customer_id, customers.values())))
            held |= dict.fromkeys(served, 1)
        roles = await session.exec(select(Role.code, Role.id).where(Role.channel_id == self.channel.id))
        # By the customer: a user may have moved to another address since.
        digests = [record.columns["imported_as"] for record in records if record.columns["imported_as"]]
        known = select(User.imported_as).where(
            among(User.customer_id, customers.values()), among(User.imported_as, digests)
        )
        digests = list(filter(None, await session.exec(known)))
        return FoundForUsers(self, held, digests, customers, dict(roles.all()))


@dataclass(frozen=True, slots=True)
class FoundForUsers:
    """Customers by number, roles by code, addresses that are taken and customers who are."""

    users: Users
    held: Mapping[str, int]
    known: Collection[str]
    customers: Mapping[str, str]
    roles: Mapping[str, str]

    def refer(self, record: RecordedUser, inspection: Inspection) -> Sequence[Claim]:
        """Return the claims on the address and, where customer and user are one, on the customer."""
        consumers = self.users.channel.kind is ChannelKind.B2C
        for position, code in enumerate(record.roles):
            if code not in self.roles:
                inspection.add(("roles", str(position)), ViolationCode.UNKNOWN)
        if not record.roles and not consumers:
            inspection.add(("roles",), ViolationCode.REQUIRED)
        claims = [Claim(("emailAddress",), record.columns["canonical_email_address"])]
        customer_id = self.customers.get(record.customer_number)
        if customer_id is None:
            inspection.add(("customerNumber",), ViolationCode.UNKNOWN, None, NO_CUSTOMER)
        elif consumers:
            claims.append(Claim(("customerNumber",), customer_id))
        return claims

    async def write(self, session: AsyncSession, records: Sequence[RecordedUser]) -> None:
        """Insert the users with their roles; the user of a consumer is admin of the own customer."""
        channel, ids = self.users.channel, new_ids(User.letters, self.users.clock.now())
        rows, granted = [], []
        for record, user_id in zip(records, ids, strict=False):
            given = {
                "id": user_id,
                "channel_id": channel.id,
                "customer_id": self.customers[record.customer_number],
                "locale": locales.best_fit(record.columns["locale"], channel.locales, channel.default_locale),
            }
            rows.append(record.columns | given)
            granted += [{"user_id": user_id, "role_id": self.roles[code]} for code in record.roles or (CUSTOMER_ADMIN,)]
        await insert_rows(session, User, rows)
        await insert_rows(session, UserRole, granted)
