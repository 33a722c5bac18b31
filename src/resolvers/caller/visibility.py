"""The home of who may see what: one predicate for each table, which the planner adds wherever a plan enters it.

What is not visible is not there. A predicate reads columns of its row and the caller, and must imply the predicate of
every row that a non-null field leads to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import and_, or_

from db import models
from db.enums import Permission
from resolvers.caller import viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    Predicate = Callable[[Any], Any]


def _order(row: type[models.Order]) -> sa.ColumnElement[bool]:
    own = and_(viewer.may(Permission.ORDERS_READ_OWN), row.user_id == viewer.user_id)
    return and_(row.customer_id == viewer.customer_id, or_(viewer.may(Permission.ORDERS_READ), own))


def _user(row: type[models.User]) -> sa.ColumnElement[bool]:
    colleague = and_(row.customer_id == viewer.customer_id, viewer.may(Permission.USERS_READ))
    return or_(row.id == viewer.user_id, colleague)


def _payment_instrument(row: type[models.PaymentInstrument]) -> sa.ColumnElement[bool]:
    return and_(row.customer_id == viewer.customer_id, viewer.may(Permission.PAYMENT_INSTRUMENTS_READ))


def _role(row: type[models.Role]) -> sa.ColumnElement[bool]:
    return and_(row.channel_id == viewer.channel_id, viewer.user_id.is_not(None))


def _session(row: type[models.Session]) -> sa.ColumnElement[bool]:
    return and_(row.user_id == viewer.user_id, row.expires_at > viewer.now)


def _with_its_order(_row: object) -> sa.ColumnElement[bool]:
    # Lines have no id: the only way to them is an order that was itself entered visibly.
    return sa.true()


_VISIBLE: dict[type[Any], Predicate] = {
    models.Channel: lambda row: row.id == viewer.channel_id,
    models.Role: _role,
    models.Customer: lambda row: row.id == viewer.customer_id,
    models.User: _user,
    models.Session: _session,
    models.Address: lambda row: row.customer_id == viewer.customer_id,
    models.Order: _order,
    models.OrderItem: _with_its_order,
    models.OrderAdjustment: _with_its_order,
    models.OrderTax: _with_its_order,
    models.PaymentInstrument: _payment_instrument,
}


def visible(model: type[Any], row: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a row of the plan
    """Return whether the caller may see *row* of *model*; raise `KeyError` for a table that has no predicate."""
    predicate: sa.ColumnElement[bool] = _VISIBLE[model](row)
    return predicate
