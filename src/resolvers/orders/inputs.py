"""The home of what a shop's own systems record of an order."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import strawberry

from db import enums
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.scalars import JSON


@api_input
class PostalAddressInput:
    """An address as it was when the order was placed: texts of at most {PRINTED} characters."""

    title: str | None = None
    """A title or salutation."""
    first_name: str | None = None
    """First name."""
    last_name: str | None = None
    """Last name."""
    company: str | None = None
    """Company."""
    street: str | None = None
    """Street and number; a line break becomes a comma."""
    zip_code: str | None = None
    """Post code."""
    city: str | None = None
    """City or town."""
    region: str | None = None
    """Region, state or canton."""
    country: str | None = None
    """Country, ISO 3166-1 alpha-2."""
    phone_number: str | None = None
    """Phone number."""
    email_address: str | None = None
    """E-mail address."""


@api_input
class OrderItemInput:
    """A line of an order."""

    sku: str
    """The shop's number of the article; at most {SKU} characters."""
    code: str | None = None
    """A second number of the article, such as the manufacturer's; at most {SKU} characters."""
    name: str
    """The article's name; at most {ITEM_NAME} characters."""
    quantity: float
    """How many units, with at most three decimals; zero of a line that was voided, less of one that came back."""
    unit: str | None = None
    """The unit, such as a box of ten; at most {UNIT} characters."""
    unit_price: Decimal
    """The price of one unit, with at most four decimals."""
    original_price: Decimal | None = None
    """The price of one unit before discounts, with at most four decimals."""
    line_price: Decimal
    """The price of the line, with the digits of the currency."""
    image_url: str | None = None
    """A picture of the article; at most {IMAGE_URL} characters."""


@api_input
class OrderAdjustmentInput:
    """What an order costs more or less than its lines."""

    type: enums.OrderAdjustmentType
    """Why."""
    name: str
    """What the customer reads; at most {ITEM_NAME} characters."""
    price: Decimal
    """How much; negative where it is less, as DISCOUNT and PROMOTION are."""


@api_input
class OrderTaxInput:
    """A tax on an order."""

    name: str
    """What the tax is called; at most {ITEM_NAME} characters."""
    rate: Decimal
    """The rate in percent, "7.7"."""
    amount: Decimal
    """How much."""


@api_input
class OrderShipmentInput:
    """A parcel or delivery of an order."""

    carrier: str
    """Who carries it; at most {CARRIER} characters."""
    tracking_number: str | None = None
    """The carrier's number; at most {TRACKING_NUMBER} characters."""
    tracking_url: str | None = None
    """Where the carrier tells how far it is; https, at most {URL} characters."""
    shipped_at: datetime | None = None
    """When it was handed over."""
    delivered_at: datetime | None = None
    """When it arrived."""


@api_input
class OrderDocumentInput:
    """A document of an order, such as its invoice."""

    kind: enums.OrderDocumentKind
    """What it is."""
    title: str
    """What the customer reads; at most {DOCUMENT_TITLE} characters."""
    url: str
    """Where the shop keeps it; https, at most {URL} characters."""
    issued_on: date | None = None
    """The day it was issued."""


@api_input
class OrderInput:
    """An order, whole: what was recorded under its number before, it replaces."""

    order_number: str
    """The shop's number of the order; unique in the channel, at most {NUMBER} characters."""
    customer_number: str
    """The number of the customer who bought; the same as before."""
    username: str | None = None
    """The e-mail address of the user who placed it, one of this customer's."""
    order_date: datetime
    """When it was placed."""
    locale: str
    """The locale that it was placed in, such as de_CH; the channel's default if it is und."""
    status: enums.OrderStatus
    """How far it has come."""
    currency: str
    """The currency of all its amounts, ISO 4217."""
    tax_included: bool = True
    """Whether its prices contain the taxes."""
    items: list[OrderItemInput]
    """The lines; at most 1,000."""
    adjustments: list[OrderAdjustmentInput] = strawberry.field(default_factory=list)
    """What it costs more or less than its lines; at most 1,000."""
    taxes: list[OrderTaxInput] = strawberry.field(default_factory=list)
    """The taxes; at most 1,000."""
    total: Decimal | None = None
    """Checked if it is given: the lines, adjustments, and taxes unless they are included."""
    billing_address: PostalAddressInput | None = None
    """Where the invoice goes."""
    shipping_address: PostalAddressInput | None = None
    """Where the goods go."""
    payment_method: str | None = None
    """How it is paid, as the customer reads it; at most {METHOD} characters."""
    shipping_method: str | None = None
    """How it is shipped, as the customer reads it; at most {METHOD} characters."""
    custom_data: JSON | None = None
    """What the shop keeps with the order. Its customer can read it."""
    shipments: list[OrderShipmentInput] = strawberry.field(default_factory=list)
    """Parcels and deliveries; at most 1,000."""
    documents: list[OrderDocumentInput] = strawberry.field(default_factory=list)
    """Documents, such as the invoice; at most 1,000."""


@api_input
class RecordOrdersInput:
    """Orders to record."""

    orders: list[OrderInput]
    """The orders; at most 100."""
