"""The home of Hans Muster, the customer of the REST original's examples, with his address book and cards."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from db.models import PaymentInstrument
from gateway.demo.tables import table

if TYPE_CHECKING:
    from collections.abc import Iterator

USERNAME = "hans.muster@astina.io"
REGISTERED = "2015-02-11T18:16:31Z"


def customer(customer_number: str) -> dict[str, Any]:
    """Return the customer, as a file to import has it."""
    return {
        "customerNumber": customer_number,
        "emailAddress": USERNAME,
        "firstName": "Hans",
        "lastName": "Muster",
        "gender": "MALE",
        "dateOfBirth": "1984-05-23",
        "locale": "de_DE",
        "priceGroups": ["retail", "club"],
        "customData": {"newsletter": True, "clubPoints": 1250},
        "createdAt": REGISTERED,
    }


def user(customer_number: str) -> dict[str, Any]:
    """Return the user, without a password."""
    return {
        "customerNumber": customer_number,
        "emailAddress": USERNAME,
        "firstName": "Hans",
        "lastName": "Muster",
        "locale": "de_DE",
        "timeZone": "Europe/Zurich",
        "confirmed": True,
        "createdAt": REGISTERED,
    }


def addresses(customer_number: str) -> Iterator[dict[str, Any]]:
    """Yield the address book. A record without a time is a former address: only orders remember it."""
    for record in table("paloma", "addresses"):
        if record["created_at"]:
            yield {
                "customerNumber": customer_number,
                "type": record["type"],
                "isDefault": bool(record["is_default"]),
                "titleCode": record["title_code"],
                "remarks": record["remarks"],
                "createdAt": record["created_at"],
                **snapshot(record),
            }


def snapshot(record: dict[str, str]) -> dict[str, str]:
    """Return an address as an order remembers it: a later change of the address book does not reach it."""
    return {
        "title": record["title"],
        "firstName": record["first_name"],
        "lastName": record["last_name"],
        "company": record["company"],
        "street": record["street"],
        "zipCode": record["zip_code"],
        "city": record["city"],
        "region": record["region"],
        "country": record["country"],
        "phoneNumber": record["phone_number"],
        "emailAddress": record["email_address"],
    }


def payment_instruments(customer_id: str) -> list[PaymentInstrument]:
    """Return the two cards that the original prints, with its ULIDs."""
    return [
        _card(customer_id, "01E4V2JCC9T33QXEAXPHCJEC4F", "Mastercard", "513659xxxxxx5354", date(2024, 12, 31)),
        _card(customer_id, "01F5V2JD49T33ZTEQXPVCJZC08", "VISA", "476325xxxxxx7800", date(2019, 5, 31)),
    ]


def _card(customer_id: str, ulid: str, kind: str, masked_number: str, expires_on: date) -> PaymentInstrument:
    return PaymentInstrument(
        id=f"{PaymentInstrument.letters}_{ulid}",
        customer_id=customer_id,
        type=kind,
        masked_card_number=masked_number,
        expiration_month=f"{expires_on:%m}",
        expiration_year=f"{expires_on:%y}",
        expires_on=expires_on,
    )
