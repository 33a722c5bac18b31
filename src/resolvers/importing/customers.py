"""The home of taking in many customers at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import select

from db.bulk import insert_rows
from db.ids import new_ids
from db.models import Channel, Customer
from resolvers.customers.rules import RecordedCustomer, checked_customer
from resolvers.importing.intake import Claim, customer_ids, take_intake_turn
from resolvers.rules import locales

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

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
        return checked_customer(fields, inspection, self.clock.now())

    async def look_up(self, session: AsyncSession, records: Sequence[RecordedCustomer]) -> FoundForCustomers:
        """Look up which numbers are taken."""
        await take_intake_turn(session, self.channel.id)
        # Registrations, which count numbers up, wait meanwhile.
        await session.exec(select(Channel.id).where(Channel.id == self.channel.id).with_for_update(key_share=True))
        taken = await customer_ids(session, self.channel.id, [record.number for record in records])
        return FoundForCustomers(self, dict.fromkeys(taken, 1))


@dataclass(frozen=True, slots=True)
class FoundForCustomers:
    """Numbers that are taken."""

    customers: Customers
    held: Mapping[str, int]

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
