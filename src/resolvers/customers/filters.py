"""The home of which customers a list has, and in which order."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from db import models
from db.word_search import Asked, may_hold
from resolvers.caller import viewer
from resolvers.planner import Ordering, Shortcut, bind
from resolvers.planner.rows import Row
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.sdl.descriptions import api_input
from resolvers.search import searched


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
        customers = customers.where(*_has_address(customer, found.email_address))
    return customers if found.search is None else searched(customers, customer, found.search)


def _has_address(customer: Any, email_address: Any) -> tuple[sa.ColumnElement[bool], ...]:  # noqa: ANN401 - the model, an argument
    """Tell whether the address is of a customer or of one of its users: first who may have it, by indexes."""
    canonical = bind(canonical_or_nobodys, email_address, type_=sa.Text())
    of_user = (
        select(models.User.customer_id)
        .join(models.Account, col(models.Account.id) == models.User.account_id)
        .where(models.Account.channel_id == viewer.channel_id, models.Account.canonical_email_address == canonical)
    )
    mentioned = may_hold(customer, bind(_asked_for, email_address, type_=Asked()))
    of_book = sa.exists().where(col(models.Address.customer_id) == customer.id, _is(models.Address, canonical))
    may_have = col(customer.id).in_(sa.union(of_user, mentioned))
    return may_have, or_(_is(customer, canonical), of_book, col(customer.id).in_(of_user))


def _is(row: Any, canonical: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a model, a parameter
    # An address is ASCII, of which all databases make the same small letters.
    its: sa.ColumnElement[bool] = sa.func.lower(col(row.email_address)) == canonical
    return its


def _asked_for(email_address: str) -> list[str]:
    return [found] if (found := canonical_or_nobodys(email_address)) else []
