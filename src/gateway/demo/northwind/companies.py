"""The home of Northwind's customers: 91 companies, each with its address and one user, as a file to import has them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from babel import Locale

from gateway.demo.tables import table
from resolvers.rules.countries import CODES
from resolvers.rules.roles import CUSTOMER_ADMIN

if TYPE_CHECKING:
    from collections.abc import Iterator

LOCALE = "en_US"
OPENED = "1996-07-01T00:00:00Z"
"""The books begin before the first order, that of 4 July 1996."""

_SHORT_COUNTRIES = {"UK": "GB", "USA": "US"}


def username(customer_id: str) -> str:
    """Return the address that the user of a company signs in with."""
    return f"{customer_id.lower()}@northwind.example"


def usernames() -> list[str]:
    """Return the addresses of all users."""
    return [username(record["customer_id"]) for record in table("northwind", "customers")]


def customers() -> Iterator[dict[str, Any]]:
    """Yield the companies, in the order of the source."""
    for record in table("northwind", "customers"):
        first_name, last_name = split_name(record["contact_name"])
        yield {
            "customerNumber": record["customer_id"],
            "emailAddress": username(record["customer_id"]),
            "firstName": first_name,
            "lastName": last_name,
            "company": record["company_name"],
            "locale": LOCALE,
            "customData": {"contactTitle": record["contact_title"]},
            "createdAt": OPENED,
        }


def users() -> Iterator[dict[str, Any]]:
    """Yield the user of each company, without a password."""
    for customer in customers():
        yield {
            "customerNumber": customer["customerNumber"],
            "emailAddress": customer["emailAddress"],
            "firstName": customer["firstName"],
            "lastName": customer["lastName"],
            "locale": LOCALE,
            "timeZone": "UTC",
            "confirmed": True,
            "roles": [CUSTOMER_ADMIN],
            "createdAt": OPENED,
        }


def addresses() -> Iterator[dict[str, Any]]:
    """Yield of each company where it is reached, then where invoices go."""
    for record in table("northwind", "customers"):
        place = {
            "customerNumber": record["customer_id"],
            "company": record["company_name"],
            "street": record["address"],
            "zipCode": record["postal_code"],
            "city": record["city"],
            "region": record["region"],
            "country": country_code(record["country"]),
            "createdAt": OPENED,
        }
        first_name, last_name = split_name(record["contact_name"])
        contact = {"firstName": first_name, "lastName": last_name, "phoneNumber": record["phone"]}
        yield place | contact | {"type": "CONTACT", "remarks": f"Fax {record['fax']}" if record["fax"] else None}
        yield place | {"type": "BILLING"}


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
    return {name: code for code, name in Locale("en").territories.items() if code in CODES}
