"""The home of which customers a list has, and in which order."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from resolvers.caller import viewer
from resolvers.customers.search import searched
from resolvers.planner import Ordering, Shortcut, bind
from resolvers.planner.rows import Row
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.sdl.descriptions import api_input
from resolvers.search import mentions


@api_input
class CustomerFilter:
    """Which customers a list has. What is left out or null does not filter."""

    search: str | None = None
    """Only customers in whose number, names, company, e-mail address or address book's e-mail addresses all these words
    occur. Case and accents do not matter; at most {SEARCH} characters."""
    email_address: str | None = None
    """Only customers who have this address: their own, one of the address book, or that of a user."""
    customer_number: str | None = None
    """Only the customer of this number."""


def newest_first(row: Row) -> Ordering:
    """Return the order of *row*."""
    return Ordering("CREATED_AT", row.created_at, row.id, "DESC")


def filtered(
    customers: SelectOfScalar[models.Customer], found: CustomerFilter | None
) -> SelectOfScalar[models.Customer] | Shortcut:
    """Return those of *customers* that *found* lets through."""
    if found is None:
        return customers
    customer = models.Customer
    if found.customer_number is not None:
        customers = customers.where(customer.customer_number == found.customer_number)
    if found.email_address is not None:
        canonical = bind(canonical_or_nobodys, found.email_address, type_=sa.Text())
        users = select(models.User.customer_id).where(
            models.User.channel_id == viewer.channel_id, models.User.canonical_email_address == canonical
        )
        customers = customers.where(
            or_(col(customer.id).in_(users), mentions(customer.search_text, found.email_address))
        )
    return customers if found.search is None else searched(customers, found.search)
