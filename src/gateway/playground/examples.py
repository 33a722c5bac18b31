"""The home of the examples: the tabs that the playground opens with, to be run from the first to the last."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

NAMES = ("SignIn", "CustomerOverview", "OrderHistory", "Refetch", "Register")
_WIDTH = 48
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


def tabs(sign_in: SignIn | None) -> list[dict[str, str]]:
    """Return the examples with their variables; without *sign_in* they leave blank who signs in."""
    variables = _variables(sign_in or SignIn("", ""))
    found = [{"query": document(name), "variables": _text(variables[name])} for name in NAMES]
    if sign_in is None:
        found[0]["query"] = f"# Write an address and a password into the variables below.\n{found[0]['query']}"
    return found


def _variables(sign_in: SignIn) -> dict[str, dict[str, Any]]:
    newcomer = {"emailAddress": "", "firstName": "", "lastName": "", "user": {"password": ""}}
    if sign_in.username:
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
        "Register": {"input": newcomer},
    }


def _text(value: object, indent: str = "") -> str:
    """Return JSON with an object on one line where it fits into the narrow editor."""
    line = json.dumps(value)
    if not isinstance(value, dict) or len(indent) + len(line) <= _WIDTH:
        return line
    within = f"{indent}  "
    members = ",\n".join(f'{within}"{name}": {_text(member, within)}' for name, member in value.items())
    return f"{{\n{members}\n{indent}}}"
