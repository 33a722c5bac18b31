"""The home of who may see what: one predicate for each table, which the planner adds wherever a plan enters it.

What is not visible is not there. A predicate reads columns of its row and the caller, and must imply the predicate of
every row that a non-null field leads to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, or_

from db import models
from db.enums import AdminScope, Permission
from resolvers.caller import viewer

if TYPE_CHECKING:
    from collections.abc import Callable

    Predicate = Callable[[Any], Any]


def _of_channel(row: Any, scope: AdminScope) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a row of the plan
    """Tell whether the caller is staff that may see such rows of the channel of this endpoint."""
    return and_(viewer.has(scope), row.channel_id == viewer.channel_id)


def _of_its_customer(row: Any, scope: AdminScope) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a row of the plan
    """Tell the same of a row whose customer alone says whose channel it is of."""
    owner = aliased(models.Customer, name="owner")
    its = sa.exists().where(col(owner.id) == row.customer_id, col(owner.channel_id) == viewer.channel_id)
    return and_(viewer.has(scope), its)


def _channel(row: type[models.Channel]) -> sa.ColumnElement[bool]:
    looked_after = aliased(models.AdminChannel, name="looked_after")
    own = sa.exists().where(col(looked_after.channel_id) == row.id, col(looked_after.admin_id) == viewer.admin_id)
    return or_(row.id == viewer.channel_id, own)


def _role(row: type[models.Role]) -> sa.ColumnElement[bool]:
    return and_(row.channel_id == viewer.channel_id, viewer.caller_id.is_not(None))


def _customer(row: type[models.Customer]) -> sa.ColumnElement[bool]:
    return or_(row.id == viewer.customer_id, _of_channel(row, AdminScope.CUSTOMERS_READ))


def _user(row: type[models.User]) -> sa.ColumnElement[bool]:
    colleague = and_(row.customer_id == viewer.customer_id, viewer.may(Permission.USERS_READ))
    return or_(row.id == viewer.user_id, colleague, _of_channel(row, AdminScope.CUSTOMERS_READ))


def _address(row: type[models.Address]) -> sa.ColumnElement[bool]:
    return or_(row.customer_id == viewer.customer_id, _of_its_customer(row, AdminScope.CUSTOMERS_READ))


def _order(row: type[models.Order]) -> sa.ColumnElement[bool]:
    own = and_(viewer.may(Permission.ORDERS_READ_OWN), row.user_id == viewer.user_id)
    of_customer = and_(row.customer_id == viewer.customer_id, or_(viewer.may(Permission.ORDERS_READ), own))
    return or_(of_customer, _of_channel(row, AdminScope.ORDERS_READ))


def _payment_instrument(row: type[models.PaymentInstrument]) -> sa.ColumnElement[bool]:
    own = and_(row.customer_id == viewer.customer_id, viewer.may(Permission.PAYMENT_INSTRUMENTS_READ))
    return or_(own, _of_its_customer(row, AdminScope.CUSTOMERS_READ))


def _session(row: type[models.Session]) -> sa.ColumnElement[bool]:
    return and_(row.account_id == viewer.account_id, row.expires_at > viewer.now)


def _admin_session(row: type[models.AdminSession]) -> sa.ColumnElement[bool]:
    return and_(row.admin_id == viewer.admin_id, row.expires_at > viewer.now)


def _with_its_order(_row: object) -> sa.ColumnElement[bool]:
    # Lines have no id: the only way to them is an order that was itself entered visibly.
    return sa.true()


_VISIBLE: dict[type[Any], Predicate] = {
    models.Channel: _channel,
    models.Role: _role,
    models.Customer: _customer,
    models.User: _user,
    models.Session: _session,
    models.Address: _address,
    models.Order: _order,
    models.OrderItem: _with_its_order,
    models.OrderAdjustment: _with_its_order,
    models.OrderTax: _with_its_order,
    models.OrderShipment: _with_its_order,
    models.OrderDocument: _with_its_order,
    models.PaymentInstrument: _payment_instrument,
    models.Admin: lambda row: row.id == viewer.admin_id,
    models.AdminSession: _admin_session,
}


def visible(model: type[Any], row: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a row of the plan
    """Return whether the caller may see *row* of *model*; raise `KeyError` for a table that has no predicate."""
    predicate: sa.ColumnElement[bool] = _VISIBLE[model](row)
    return predicate
