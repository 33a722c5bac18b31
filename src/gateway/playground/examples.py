"""The home of the examples: the tabs that the playground opens with, to be run from the first to the last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

NAMES = (
    "SignIn",
    "CustomerOverview",
    "OrderHistory",
    "Refetch",
    "AddressForm",
    "AddAddress",
    "UpdateProfile",
    "Sessions",
    "ChangePassword",
    "StartReset",
    "ResetToken",
    "FinishReset",
    "SignOut",
    "Register",
)
_WIDTH = 48
_NEW_PASSWORD = "pineapple"  # noqa: S105 - the REST original's example
_RESET_PAGE = "https://mywebshop.com/security/password-reset"
"""Of the shop of the REST original's examples; the demo's channels let mails link there."""
_ADDRESS = {
    "type": "SHIPPING",
    "firstName": "Hans",
    "lastName": "Muster",
    "street": "Bahnhofstrasse 1",
    "zipCode": "8001",
    "city": "Zürich",
    "country": "CH",
}
_DOCUMENTS = Path(__file__).parent / "examples"


class SignIn(NamedTuple):
    """Somebody whom the demo lets everybody be."""

    username: str
    password: str


SignIns = Mapping[str, SignIn]
"""Whom the examples sign in, by channel. Empty but in the demo."""


@cache
def document(name: str) -> str:
    """Return the text of an example."""
    return (_DOCUMENTS / f"{name}.graphql").read_text("utf-8")


def tabs(sign_in: SignIn | None, channel: str) -> list[dict[str, str]]:
    """Return the examples of *channel* with their variables; without *sign_in* they leave blank who signs in."""
    variables = _variables(sign_in or SignIn("", ""))
    found = [
        {"query": document(name).replace("{channel}", channel), "variables": _text(variables[name])} for name in NAMES
    ]
    if sign_in is None:
        found[0]["query"] = f"# Write an address and a password into the variables below.\n{found[0]['query']}"
    return found


def _variables(sign_in: SignIn) -> dict[str, dict[str, Any]]:
    newcomer = {"emailAddress": "", "firstName": "", "lastName": "", "user": {"password": ""}}
    new_password, page = "", ""
    address: dict[str, str] = {**dict.fromkeys(_ADDRESS, ""), "type": "SHIPPING", "country": "CH"}
    profile: dict[str, dict[str, str]] = {"user": {}, "customer": {}}
    if sign_in.username:
        new_password, page, address = _NEW_PASSWORD, _RESET_PAGE, _ADDRESS
        profile = {"user": {"timeZone": "Europe/Zurich"}, "customer": {"dateOfBirth": "1984-05-23"}}
        password = {"password": sign_in.password}
        newcomer = {"emailAddress": "eva@example.org", "firstName": "Eva", "lastName": "Keller", "user": password}
    return {
        "SignIn": {"input": sign_in._asdict()},
        "CustomerOverview": {"orders": 2},
        "OrderHistory": {
            "page": 0,
            "size": 5,
            "filter": {"statuses": ["SHIPPED", "DELIVERED"]},
            "orderBy": {"field": "ORDER_DATE", "direction": "DESC"},
        },
        # The page fills in an id of the last answer.
        "Refetch": {"id": ""},
        "Sessions": {},
        "ChangePassword": {"input": {"currentPassword": sign_in.password, "newPassword": new_password}},
        "StartReset": {"input": {"emailAddress": sign_in.username, "confirmationBaseUrl": page}},
        "AddressForm": {"country": "CH"},
        "AddAddress": {"input": {"address": address}},
        "UpdateProfile": profile,
        # A person copies the token out of the mail.
        "ResetToken": {"token": ""},
        "FinishReset": {"input": {"token": "", "password": new_password}},
        "SignOut": {"input": {"everywhere": False}},
        "Register": {"input": newcomer},
    }


def _text(value: object, indent: str = "") -> str:
    """Return JSON with an object on one line where it fits into the narrow editor, also once blanks are filled in."""
    line = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict) or (len(indent) + len(line) <= _WIDTH and '""' not in line):
        return line
    within = f"{indent}  "
    members = ",\n".join(f'{within}"{name}": {_text(member, within)}' for name, member in value.items())
    return f"{{\n{members}\n{indent}}}"
