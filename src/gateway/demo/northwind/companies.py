"""The home of Northwind's customers: 91 companies, each with its address and one user."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from babel import Locale

from db.enums import AddressType
from db.ids import new_id
from db.models import Address, Customer, User
from gateway.demo.rows import Account
from gateway.demo.tables import table
from resolvers.users.email_address import EmailAddress

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCALE = "en_US"
OPENED = datetime(1996, 7, 1, tzinfo=UTC)
"""The books begin before the first order, that of 4 July 1996."""

_SHORT_COUNTRIES = {"UK": "GB", "USA": "US"}


def username(customer_id: str) -> str:
    """Return the address that the user of a company signs in with."""
    return f"{customer_id.lower()}@northwind.example"


def usernames() -> list[str]:
    """Return the addresses of all users."""
    return [username(record["customer_id"]) for record in table("northwind", "customers")]


def companies(channel_id: str, password_hashes: Mapping[str, str]) -> list[Account]:
    """Return the companies, whose ids sort as the source does: each is made a millisecond after the one before."""
    return [
        _company(record, channel_id, password_hashes, OPENED + timedelta(milliseconds=position))
        for position, record in enumerate(table("northwind", "customers"))
    ]


def country_code(name: str) -> str:
    """Return the ISO 3166-1 code of a country; raise `KeyError` for a name that nobody knows."""
    return _SHORT_COUNTRIES.get(name) or _codes_by_name()[name]


def split_name(full_name: str) -> tuple[str, str]:
    """Split a contact's name: the last name is the last word, or begins at a particle such as "de"."""
    words = full_name.split(" ")
    last = next((position for position, word in enumerate(words) if word[0].islower()), len(words) - 1)
    return " ".join(words[:last]), " ".join(words[last:])


@cache
def _codes_by_name() -> dict[str, str]:
    territories = Locale("en").territories
    return {name: code for code, name in territories.items() if len(code) == 2 and code.isalpha()}  # noqa: PLR2004 - alpha-2


def _company(record: dict[str, str], channel_id: str, password_hashes: Mapping[str, str], now: datetime) -> Account:
    customer = _customer(record, channel_id, now)
    user = _user(customer, password_hashes[username(record["customer_id"])])
    return Account(customer, user, [_contact(record, customer), _billing(record, customer)]).searchable()


def _customer(record: dict[str, str], channel_id: str, now: datetime) -> Customer:
    first_name, last_name = split_name(record["contact_name"])
    return Customer(
        id=new_id(Customer.letters, now),
        channel_id=channel_id,
        customer_number=record["customer_id"],
        email_address=username(record["customer_id"]),
        locale=LOCALE,
        first_name=first_name,
        last_name=last_name,
        company=record["company_name"],
        custom_data={"contactTitle": record["contact_title"]},
        created_at=now,
        updated_at=now,
    )


def _user(customer: Customer, password_hash: str) -> User:
    email_address = username(customer.customer_number)
    return User(
        id=new_id(User.letters, customer.created_at),
        channel_id=customer.channel_id,
        customer_id=customer.id,
        email_address=email_address,
        canonical_email_address=EmailAddress.parse(email_address).canonical,
        first_name=customer.first_name,
        last_name=customer.last_name,
        locale=customer.locale,
        time_zone="UTC",
        confirmed_at=customer.created_at,
        password_hash=password_hash,
        created_at=customer.created_at,
    )


def _contact(record: dict[str, str], customer: Customer) -> Address:
    address = _address(record, customer, AddressType.CONTACT)
    address.first_name, address.last_name = customer.first_name, customer.last_name
    address.phone_number = record["phone"]
    address.remarks = f"Fax {record['fax']}" if record["fax"] else None
    return address


def _billing(record: dict[str, str], customer: Customer) -> Address:
    return _address(record, customer, AddressType.BILLING)


def _address(record: dict[str, str], customer: Customer, purpose: AddressType) -> Address:
    return Address(
        id=new_id(Address.letters, customer.created_at),
        customer_id=customer.id,
        type=purpose,
        is_default=True,
        company=record["company_name"],
        street=record["address"],
        zip_code=record["postal_code"] or None,
        city=record["city"],
        region=record["region"] or None,
        country=country_code(record["country"]),
        created_at=customer.created_at,
        updated_at=customer.created_at,
    )
