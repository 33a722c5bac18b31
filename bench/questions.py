"""The home of what is asked: the operations that are measured, and how each is sent."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import orjson

from bench import shop

_OPERATIONS = Path(__file__).parents[1] / "tests" / "operations"

OVERVIEW = (_OPERATIONS / "CustomerOverview.graphql").read_text("utf-8")
"""The main query: a customer, 4 addresses, a card, orders with 4 items each."""
TINY = "{ customer { customerNumber } }"


@dataclass(frozen=True, slots=True)
class Question:
    """A document with variables, asked by *callers*: everybody, those with many orders, or nobody signed in.

    A ``~`` becomes a number of its own in each request.
    """

    document: str
    variables: dict[str, Any]
    callers: Literal["all", "great", "nobody"] = "all"

    def body(self, number: int | None = None) -> bytes:
        """Return the body of the request, with *number* in its place unless that is None."""
        body = orjson.dumps({"query": self.document, "variables": self.variables})
        return body if number is None else body.replace(b"~", b"%d" % number)


def overview(orders: int = shop.ORDERS, callers: Literal["all", "great"] = "all") -> Question:
    """Return the main query with so many orders."""
    return Question(OVERVIEW, {"orders": orders}, callers)


TINY_QUERY = Question(TINY, {})
DISTINCT = Question(OVERVIEW.replace("    id customerNumber", "    id n~: customerNumber", 1), {"orders": shop.ORDERS})
"""The main query as nobody has sent it before."""
SIGN_IN = Question(
    (_OPERATIONS / "Authenticate.graphql").read_text("utf-8"),
    {"input": {"username": shop.username("~"), "password": shop.PASSWORD}},
    "nobody",
)
