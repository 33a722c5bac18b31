"""The home of the customer as the API shows it: the hub that addresses, orders and users hang on."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from resolvers.addresses.types import Address
from resolvers.caller import viewer
from resolvers.channels.types import Channel
from resolvers.node import Node
from resolvers.orders.filters import OrderFilter, filtered, ordered
from resolvers.orders.types import Order
from resolvers.payment_instruments.types import PaymentInstrument
from resolvers.planner import Ordering, connection, many, one, planned, value
from resolvers.planner.rows import Row
from resolvers.sdl.descriptions import described_enum
from resolvers.sdl.scalars import JSON
from resolvers.users.types import User

Gender = described_enum(enums.Gender)


def _by_creation(row: Row) -> Ordering:
    return Ordering("CREATED_AT", row.created_at, row.id)


@planned(models.Customer)
class Customer(Node):
    """The person or company that has the business relationship with the shop."""

    customer_number: str
    """The shop's number of the customer; unique in the channel."""
    email_address: str | None
    """Where the customer is written to. Who signs in is a user."""
    locale: str
    """The language and country that the customer prefers."""
    first_name: str | None
    """First name, of a person."""
    last_name: str | None
    """Last name, of a person."""
    company: str | None
    """Name, of a company."""
    gender: enums.Gender
    """How the customer wishes to be addressed."""
    date_of_birth: date | None
    """Date of birth, of a person."""
    price_groups: list[str]
    """The shop's groups that decide prices. The customer's users can read them."""
    custom_data: JSON | None
    """What the shop keeps with the customer. The customer's users can read it."""
    created_at: datetime
    """When the customer came into being."""
    updated_at: datetime
    """When the customer was last changed."""

    @one(Channel)
    def channel(row: type[models.Customer]) -> SelectOfScalar[models.Channel]:
        """The shop whose customer this is."""
        return select(models.Channel).where(models.Channel.id == row.channel_id)

    @many(Address)
    def addresses(
        row: type[models.Customer],
        type: Annotated[
            enums.AddressType | None, strawberry.argument(description="Only addresses of this type.")
        ] = None,
    ) -> SelectOfScalar[models.Address]:
        """The address book, oldest first."""
        found = select(models.Address).where(models.Address.customer_id == row.id)
        found = found if type is None else found.where(models.Address.type == type)
        return found.order_by(col(models.Address.created_at), col(models.Address.id))

    @one(Address | None)
    def default_address(
        row: type[models.Customer],
        type: Annotated[enums.AddressType, strawberry.argument(description="The type of the address.")],
    ) -> SelectOfScalar[models.Address]:
        """The default address of a type, if there is one."""
        address = models.Address
        return select(address).where(address.customer_id == row.id, address.type == type, col(address.is_default))

    @connection(Order, order_by=ordered)
    def orders(
        row: type[models.Customer],
        filter: Annotated[
            OrderFilter | None, strawberry.argument(description="Only orders that it lets through.")
        ] = None,
    ) -> SelectOfScalar[models.Order]:
        """The order history by cursor, newest first unless ordered otherwise."""
        return filtered(select(models.Order).where(models.Order.customer_id == row.id), filter)

    order_page = orders.by_number("The order history by page number, newest first unless ordered otherwise.")

    @one(Order | None)
    def order(
        row: type[models.Customer],
        order_number: Annotated[str, strawberry.argument(description="The number of the order.")],
    ) -> SelectOfScalar[models.Order]:
        """An order of this customer by its number."""
        order = models.Order
        return select(order).where(
            order.channel_id == row.channel_id, order.order_number == order_number, order.customer_id == row.id
        )

    @many(PaymentInstrument)
    def payment_instruments(row: type[models.Customer]) -> SelectOfScalar[models.PaymentInstrument]:
        """The stored means of payment, oldest first."""
        stored = models.PaymentInstrument
        return select(stored).where(stored.customer_id == row.id).order_by(col(stored.id))

    @connection(User, order_by=_by_creation)
    def users(row: type[models.Customer]) -> SelectOfScalar[models.User]:
        """The users who act for the customer, oldest first."""
        return select(models.User).where(models.User.customer_id == row.id)

    @value(list[enums.Permission])
    def viewer_permissions(row: type[models.Customer]) -> SelectOfScalar[enums.Permission]:
        """What the viewer may do here, in the order of the enum; to show or hide buttons."""
        return viewer.permissions().where(row.id == viewer.customer_id)
