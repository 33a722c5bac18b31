"""The home of taking in many customers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import select

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import Channel, Customer
from resolvers.customers.rules import RecordedCustomer, checked_customer
from resolvers.importing.intake import Claim, among, take_intake_turn
from resolvers.rules import locales

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.ports import Clock
    from resolvers.rules.inspection import Inspection


@dataclass(frozen=True, slots=True)
class Customers:
    """Takes customers into *channel*."""

    channel: Channel
    clock: Clock

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> RecordedCustomer:
        """Return the customer that *fields* tell."""
        record = checked_customer(fields, inspection, self.clock.now())
        record.columns["imported_as"] = inspection.digest
        return record

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedCustomer]) -> FoundForCustomers:
        """Look up which numbers are taken."""
        await take_intake_turn(session, self.channel.id)
        # Registrations, which count numbers up, wait meanwhile.
        await session.exec(select(Channel.id).where(Channel.id == self.channel.id).with_for_update(key_share=True))
        taken = select(Customer.customer_number, Customer.imported_as).where(
            Customer.channel_id == self.channel.id,
            among(Customer.customer_number, [record.number for record in records]),
        )
        found = dict((await session.exec(taken)).all())
        return FoundForCustomers(self, dict.fromkeys(found, 1), set(filter(None, found.values())))


@dataclass(frozen=True, slots=True)
class FoundForCustomers:
    """Numbers that are taken, and the records behind them."""

    customers: Customers
    held: Mapping[str, int]
    known: Collection[str]

    def refer(self, record: RecordedCustomer, inspection: Inspection) -> Sequence[Claim]:  # noqa: ARG002 - a customer refers to nothing
        """Return the claim on the number."""
        return (Claim(("customerNumber",), record.number),)

    async def write(self, session: AsyncSession, records: Sequence[RecordedCustomer]) -> None:
        """Insert the customers; a locale that the channel lacks becomes the one that serves them best."""
        channel, ids = self.customers.channel, new_ids(Customer.letters, self.customers.clock.now())
        rows = []
        for record, customer_id in zip(records, ids, strict=False):
            locale = locales.best_fit(record.columns["locale"], channel.locales, channel.default_locale)
            rows.append({"id": customer_id, "channel_id": channel.id, **record.columns, "locale": locale})
        await insert_rows(session, Customer, rows)
