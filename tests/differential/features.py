"""The home of what must occur: a proof that never meets a feature proves nothing about it."""

from __future__ import annotations

from typing import Any

WRITTEN = (
    "__typename", "alias", "alias that is another name", "key of 64 bytes and more", "130 keys and more",
    "leaf repeated", "field merged", "several root fields", "several operations",
    "named fragment", "named fragment on Node", "nested fragments", "fragment spread again",
    "inline fragment without condition", "inline fragment on the type itself", "inline fragment on Node",
    "inline fragment on a type behind the interface", "one key for different fields of different types",
    "@skip with a literal", "@skip with a variable", "@include with a literal", "@include with a variable",
    "variable with a default", "variable used twice", "variable omitted", "variable null", "null literal",
    "variable inside an input object", "variable for a whole input object", "null inside an input object",
    "list with expressions", "single value for a list", "empty list",
    "null for a non-null argument", "time with an offset",
    "Query.node(id)", "Query.customer(id)", "Query.passwordResetToken(token)",
    "Query.addressRules(country)", "Query.customers(first)", "Query.customers(last)", "Query.customers(after)",
    "Query.customers(before)", "Query.customers(filter)",
    "Query.orders(first)", "Query.orders(last)", "Query.orders(after)", "Query.orders(before)", "Query.orders(filter)",
    "caller: admin or API key", "caller: staff elsewhere or no more",
    "Customer.addresses(type)", "Customer.defaultAddress(type)",
    "Customer.order(orderNumber)", "Customer.orders(first)", "Customer.orders(last)", "Customer.orders(after)",
    "Customer.orders(before)", "Customer.orders(orderBy)", "Customer.orders(filter)", "Customer.users(first)",
    "Customer.users(last)", "Customer.users(after)", "Customer.users(before)", "Customer.orderPage(page)",
    "Customer.orderPage(size)", "Customer.orderPage(orderBy)", "Customer.orderPage(filter)",
    "first and last together", "size out of range", "page out of range", "page beyond the end",
    "cursor: real", "cursor: of a foreign row", "cursor: of a deleted row", "cursor: made for another order",
    "cursor: broken", "id: own", "id: foreign", "id: unknown", "id: malformed", "id: of another type",
    "id: of a row without a type", "token: mailed for PASSWORD_RESET", "token: mailed for EMAIL_CONFIRMATION",
    "token: unknown", "NUL in a token",
    "NUL in a search",
    "caller: signed in", "caller: anonymous", "caller: session of another channel",
    "caller: expired session or disabled user",
)  # fmt: skip

ANSWERED = (
    "answer: BAD_USER_INPUT", "answer: QUERY_TOO_EXPENSIVE", "answer: UNAUTHENTICATED", "answer: FORBIDDEN",
    "answer: several errors",
    "answer: null", "answer: empty object", "answer: empty list", "answer: hasNextPage", "answer: hasPreviousPage",
    "answer: 20 rows and more", "answer: valid", "answer: not valid",
)  # fmt: skip

EXPECTED = (*WRITTEN, *ANSWERED)
_MANY = 20


def of_answer(response: dict[str, Any]) -> set[str]:
    """Return the features of a response."""
    errors = response.get("errors", ())
    found = {f"answer: {error['extensions']['code']}" for error in errors}
    if len(errors) > 1:
        found.add("answer: several errors")
    _collect(response.get("data"), found)
    return found


def _collect(value: Any, found: set[str]) -> None:
    match value:
        case None:
            found.add("answer: null")
        case {} if not value:
            found.add("answer: empty object")
        case []:
            found.add("answer: empty list")
        case dict():
            found |= {
                f"answer: {name}" for name in ("hasNextPage", "hasPreviousPage", "valid") if value.get(name) is True
            }
            found |= {"answer: not valid"} if value.get("valid") is False else set()
            for item in value.values():
                _collect(item, found)
        case list():
            if len(value) >= _MANY:
                found.add("answer: 20 rows and more")
            for item in value:
                _collect(item, found)
