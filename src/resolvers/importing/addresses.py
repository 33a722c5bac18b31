"""The home of taking in many addresses at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, func, select

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import Address, Channel, Customer
from resolvers.addresses.rules import MOST_ADDRESSES, RecordedAddress, checked_address
from resolvers.importing.intake import NO_CUSTOMER, Claim, among, customer_ids, take_intake_turn
from resolvers.rules.search_text import addition
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.ports import Clock
    from resolvers.rules.inspection import Inspection


@dataclass(frozen=True, slots=True)
class Addresses:
    """Takes addresses into *channel*."""

    channel: Channel
    clock: Clock

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedAddress:
        """Return the address that *fields* tell."""
        record = checked_address(fields, inspection, self.clock.now())
        record.columns["imported_as"] = inspection.digest
        return record

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedAddress]) -> FoundForAddresses:
        """Look up customers, how many addresses they have, and which of them are defaults."""
        await take_intake_turn(session, self.channel.id)
        customers = await customer_ids(session, self.channel.id, [record.customer_number for record in records])
        # Who else changes an address book locks the customer first; in the order of ids nobody waits in a circle.
        locked = among(Customer.id, customers.values())
        await session.exec(select(Customer.id).where(locked).order_by(Customer.id).with_for_update())
        owned = among(Address.customer_id, customers.values())
        counts = await session.exec(
            select(Address.customer_id, func.count()).where(owned).group_by(col(Address.customer_id))
        )
        defaults = await session.exec(
            select(Address.customer_id, Address.type, Address.id).where(owned, col(Address.is_default))
        )
        digests = [record.columns["imported_as"] for record in records if record.columns["imported_as"]]
        known = await session.exec(select(Address.imported_as).where(owned, among(Address.imported_as, digests)))
        return FoundForAddresses(
            self,
            dict(counts.all()),
            set(filter(None, known)),
            customers,
            {(customer_id, kind): address_id for customer_id, kind, address_id in defaults},
        )


@dataclass(frozen=True, slots=True)
class FoundForAddresses:
    """Customers by number, how many addresses each has, and their default ones."""

    addresses: Addresses
    held: Mapping[str, int]
    known: Collection[str]
    customers: Mapping[str, str]
    defaults: Mapping[tuple[str, str], str]

    def refer(self, record: RecordedAddress, inspection: Inspection) -> Sequence[Claim]:
        """Return the claim on a place in the address book."""
        customer_id = self.customers.get(record.customer_number)
        if customer_id is None:
            inspection.add(("customerNumber",), ViolationCode.UNKNOWN, None, NO_CUSTOMER)
            return ()
        return (Claim(("customerNumber",), customer_id, MOST_ADDRESSES),)

    async def write(self, session: AsyncSession, records: Sequence[RecordedAddress]) -> None:
        """Insert the addresses; the first of a type is its default, until another one asks to be."""
        ids = new_ids(Address.letters, self.addresses.clock.now())
        rows: list[dict[str, Any]] = []
        default: dict[tuple[str, str], dict[str, Any] | None] = dict.fromkeys(self.defaults)
        replaced = []
        for record, address_id in zip(records, ids, strict=False):
            row = {"id": address_id, "customer_id": self.customers[record.customer_number], **record.columns}
            key = row["customer_id"], row["type"]
            if key not in default or row["is_default"]:
                if before := default.get(key):
                    before["is_default"] = False
                elif key in self.defaults:
                    replaced.append(self.defaults[key])
                row["is_default"] = True
                default[key] = row
            rows.append(row)
        if replaced:
            yielding = sa.update(Address).where(among(Address.id, replaced))
            await session.exec(yielding.values(is_default=False, updated_at=self.addresses.clock.now()))
        await insert_rows(session, Address, rows)
        await _make_findable(session, rows)


async def _make_findable(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append the addresses' e-mail to what their customers are found by."""
    found: dict[str, str] = {}
    for row in rows:
        if row["email_address"]:
            found[row["customer_id"]] = found.get(row["customer_id"], "") + addition(row["email_address"])
    if found:
        appended = col(Customer.search_text) + sa.bindparam("appended", type_=sa.Text)
        statement = sa.update(Customer).where(col(Customer.id) == sa.bindparam("customer"))
        await (await session.connection()).execute(
            statement.values(search_text=appended),
            [{"customer": customer_id, "appended": text} for customer_id, text in found.items()],
        )
