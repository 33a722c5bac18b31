"""The home of Hans Muster, the customer of the REST original's examples, with his address book and cards."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from db.enums import AddressType, Gender
from db.ids import new_id
from db.models import Address, Customer, PaymentInstrument, User
from gateway.demo.rows import Account
from gateway.demo.tables import table
from resolvers.users.email_address import EmailAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

USERNAME = "hans.muster@astina.io"
REGISTERED = datetime(2015, 2, 11, 18, 16, 31, tzinfo=UTC)


def account(channel_id: str, customer_number: str, password_hashes: Mapping[str, str]) -> Account:
    """Return the customer with its user and address book.

    A record without a time is a former address: only orders remember it.
    """
    customer = _customer(channel_id, customer_number)
    user = _user(customer, password_hashes[USERNAME])
    entries = [record for record in table("paloma", "addresses") if record["created_at"]]
    return Account(customer, user, [_address(record, customer) for record in entries]).searchable()


def payment_instruments(customer: Customer) -> list[PaymentInstrument]:
    """Return the two cards that the original prints, with its ULIDs."""
    return [
        _card(customer, "01E4V2JCC9T33QXEAXPHCJEC4F", "Mastercard", "513659xxxxxx5354", date(2024, 12, 31)),
        _card(customer, "01F5V2JD49T33ZTEQXPVCJZC08", "VISA", "476325xxxxxx7800", date(2019, 5, 31)),
    ]


def _customer(channel_id: str, customer_number: str) -> Customer:
    return Customer(
        id=new_id(Customer.letters, REGISTERED),
        channel_id=channel_id,
        customer_number=customer_number,
        email_address=USERNAME,
        locale="de_DE",
        first_name="Hans",
        last_name="Muster",
        gender=Gender.MALE,
        date_of_birth=date(1984, 5, 23),
        price_groups=["retail", "club"],
        custom_data={"newsletter": True, "clubPoints": 1250},
        created_at=REGISTERED,
        updated_at=REGISTERED,
    )


def _user(customer: Customer, password_hash: str) -> User:
    return User(
        id=new_id(User.letters, REGISTERED),
        channel_id=customer.channel_id,
        customer_id=customer.id,
        email_address=USERNAME,
        canonical_email_address=EmailAddress.parse(USERNAME).canonical,
        first_name=customer.first_name,
        last_name=customer.last_name,
        locale=customer.locale,
        time_zone="Europe/Zurich",
        confirmed_at=REGISTERED,
        password_hash=password_hash,
        created_at=REGISTERED,
    )


def _address(record: dict[str, str], customer: Customer) -> Address:
    created_at = datetime.fromisoformat(record["created_at"])
    return Address(
        id=new_id(Address.letters, created_at),
        customer_id=customer.id,
        type=AddressType(record["type"]),
        is_default=bool(record["is_default"]),
        title=record["title"] or None,
        title_code=record["title_code"] or None,
        first_name=record["first_name"],
        last_name=record["last_name"],
        company=record["company"] or None,
        street=record["street"],
        zip_code=record["zip_code"],
        city=record["city"],
        region=record["region"] or None,
        country=record["country"],
        phone_number=record["phone_number"] or None,
        email_address=record["email_address"] or None,
        remarks=record["remarks"] or None,
        created_at=created_at,
        updated_at=created_at,
    )


def _card(customer: Customer, ulid: str, kind: str, masked_number: str, expires_on: date) -> PaymentInstrument:
    return PaymentInstrument(
        id=f"{PaymentInstrument.letters}_{ulid}",
        customer_id=customer.id,
        type=kind,
        masked_card_number=masked_number,
        expiration_month=f"{expires_on:%m}",
        expiration_year=f"{expires_on:%y}",
        expires_on=expires_on,
    )
