"""The home of what a customer is found by: it is written again whenever one of its parts has changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import col, select

from db.models import Address
from resolvers.rules import search_text

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Customer


async def make_findable(session: AsyncSession, customer: Customer) -> None:
    """Have *customer*, whose row is locked, be found by number, names and all addresses' e-mail."""
    mentioned = await session.exec(select(Address.email_address).where(col(Address.customer_id) == customer.id))
    customer.search_text = search_text.of_customer(customer.model_dump(), mentioned)
    session.add(customer)
