"""Turns two exports of Magento 2 (CSV) into customers, users and addresses for `gateway import`.

    python magento.py base customer.csv customer_address.csv into

They are "Customers Main File" and "Customer Addresses" of System > Export. "base" is the code of the website whose
customers are taken: on another one the same e-mail address is somebody else's account. The directory "into" gets
customers.jsonl, users.jsonl and addresses.jsonl. No column tells a customer's id: the e-mail address is the number.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from base64 import b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

GENDERS = {"male": "MALE", "1": "MALE", "female": "FEMALE", "2": "FEMALE"}
PRICE_GROUPS = {"1": "general", "2": "wholesale", "3": "retailer"}
LOCALES = {"german": "de_CH", "english": "en_US"}
"""By the codes of store views. The customers of others get the default of the shop."""
CONFIRMS = True
"""Whether Magento has asked new customers to confirm their addresses. If it has not, nobody has confirmed one."""

# The hash in hexadecimal, the salt, and that it is Argon2id alone: its length, passes and memory in bytes.
_ARGON2ID = re.compile(r"([0-9a-f]{64}):([0-9A-Za-z]{16,}):3_32_(\d+)_(\d+)")
_LONGEST_NUMBER, _LONGEST_NAME, _LONGEST_STREET = 40, 30, 50


Row = dict[str, str]
Record = dict[str, Any]


def number_of(email: str) -> str:
    """Return the number of the customer who has an e-mail address."""
    found = email.lower()
    # What is cut off could be all that tells two customers from each other.
    return found if len(found) <= _LONGEST_NUMBER else f"{found[:31]}-{sha256(found.encode()).hexdigest()[:8]}"


def time_of(told: str) -> str:
    """Return a time with its offset: Magento stores UTC, and writes none."""
    return told and f"{told}Z"


def first_name(row: Row) -> str:
    """Return the first name, with the middle one if there is room for both."""
    both = f"{row['firstname']} {row['middlename']}".strip()
    return both if len(both) <= _LONGEST_NAME else row["firstname"]


def customer(row: Row) -> Record:
    """Return a customer."""
    group = row["group_id"]
    return {
        "customerNumber": number_of(row["email"]), "emailAddress": row["email"], "firstName": first_name(row),
        "lastName": row["lastname"], "gender": GENDERS.get(row["gender"].lower(), "UNKNOWN"),
        "dateOfBirth": row["dob"][:10], "locale": LOCALES.get(row["_store"]),
        "priceGroups": [PRICE_GROUPS.get(group, f"group-{group}")] if group else [],
        "customData": {"vatNumber": row["taxvat"]} if row["taxvat"] else None, "createdAt": time_of(row["created_at"]),
    }  # fmt: skip


def password_hash(told: str) -> str | None:
    """Return the hash as Argon2 writes it; None of those of SHA-256, and of those that were made of an older hash."""
    if not (found := _ARGON2ID.fullmatch(told)):
        return None
    # Magento salts with the first 16 bytes alone, as libsodium wants them, and libsodium knows but one lane.
    salt, key = (b64encode(each).decode().rstrip("=") for each in (found[2][:16].encode(), bytes.fromhex(found[1])))
    return f"$argon2id$v=19$m={int(found[4]) // 1024},t={found[3]},p=1${salt}${key}"


def user(row: Row) -> Record:
    """Return the user who acts for a customer."""
    # "confirmation" has the key that was mailed, until it came back.
    return {
        "customerNumber": number_of(row["email"]), "emailAddress": row["email"], "firstName": first_name(row),
        "lastName": row["lastname"], "locale": LOCALES.get(row["_store"]),
        "confirmed": CONFIRMS and not row["confirmation"], "roles": ["customer-admin"],
        "passwordHash": password_hash(row["password_hash"]), "createdAt": time_of(row["created_at"]),
    }  # fmt: skip


def street_of(lines: list[str]) -> tuple[str, str]:
    """Return the street, and what has to stand in the remarks: lines that are too long for one."""
    # A house number may have a line of its own: it belongs to the street wherever there is room.
    both = ", ".join(filter(None, map(str.strip, lines)))
    return (both, "") if len(both) <= _LONGEST_STREET else (lines[0].strip(), "\n".join(lines[1:]))


def addresses(row: Row) -> Iterator[Record]:
    """Yield an address for each purpose: goods go to one that is no default."""
    street, remarks = street_of(row["street"].splitlines())
    found = {
        "customerNumber": number_of(row["_email"]), "title": row["prefix"], "firstName": first_name(row),
        "lastName": row["lastname"], "company": row["company"], "street": street, "zipCode": row["postcode"],
        "city": row["city"], "region": row["region"], "country": row["country_id"], "phoneNumber": row["telephone"],
        "remarks": remarks,
    }  # fmt: skip
    defaults = {"BILLING": row["_address_default_billing_"], "SHIPPING": row["_address_default_shipping_"]}
    purposes = [purpose for purpose, flag in defaults.items() if flag == "1"]
    for purpose in purposes or ["SHIPPING"]:
        yield found | {"type": purpose, "isDefault": bool(purposes)}


def rows_of(file: str, website: str) -> Iterator[Row]:
    """Yield the rows of a website."""
    with Path(file).open(encoding="utf-8-sig", newline="") as opened:
        for row in csv.DictReader(opened):
            if row["_website"] == website:
                # Magento puts a blank before "+41 44 ...", lest a spreadsheet computes it.
                yield {name: value.strip() for name, value in row.items()}


def write(file: Path, records: Iterable[Record]) -> None:
    """Write records, a line each, without what is empty."""
    # For its owner alone: hashes of passwords are in it.
    with open(file, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as opened:
        for record in records:
            told = {name: value for name, value in record.items() if value not in ("", None, [])}
            opened.write(json.dumps(told) + "\n")


def main(website: str, customers_file: str, addresses_file: str, into: str) -> None:
    """Write the three files."""
    folder = Path(into)
    folder.mkdir(parents=True, exist_ok=True)
    write(folder / "customers.jsonl", map(customer, rows_of(customers_file, website)))
    write(folder / "users.jsonl", map(user, rows_of(customers_file, website)))
    found = (each for row in rows_of(addresses_file, website) for each in addresses(row))
    write(folder / "addresses.jsonl", found)


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 5 else sys.exit(__doc__)  # noqa: PLR2004 - all of them
