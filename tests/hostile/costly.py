"""The home of requests that cost as much as the limits allow, and of how long each holds all others up."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import orjson
from graphql import get_introspection_query

from tests.hostile.documents import LARGE, WRONG, times
from tests.hostile.values import ID

_LONG = "x" * 60_000
_SEARCH = "query ($v: String) { customer { orders(filter: {search: $v}) { totalCount } } }"
_AFTER = "query ($v: String) { customer { orders(after: $v, orderBy: {field: #}) { totalCount } } }"
_STATUSES = "query ($v: [OrderStatus!]) { customer { orders(filter: {statuses: $v}) { totalCount } } }"
_FILTER = "query ($v: OrderFilter) { customer { orders(filter: $v) { totalCount } } }"
_REGISTER = "mutation ($v: RegisterCustomerInput!) { registerCustomer(input: $v) { __typename } }"
_AUTHENTICATE = "mutation ($v: AuthenticateInput!) { authenticate(input: $v) { __typename } }"
_ORDER = "orderNumber orderDate status itemCount total { amount currency } items { sku name linePrice { amount } }"
# § is another number each time, so that no template is known.
_NEW = (
    'a#: orders(first: 3, filter: {search: "a", mine: true}, orderBy: {field: STATUS}) '
    "{ n§: nodes { id total { amount } } pageInfo { hasNextPage endCursor } totalCount }"
)
_DEEP = "{ customer { orders(first: 2) { nodes { customer { orders(first: 2) { nodes { customer { orders(first: 2) {"


def _registration(**given: Any) -> dict[str, Any]:
    return {"v": {"emailAddress": "x", "user": {"password": "x"}} | given}


REQUESTS: dict[str, tuple[str, Any]] = {
    **{name: (document.text, None) for name, document in (LARGE | WRONG).items()},
    "63 duplicate objects": (times(63, "channel{id}"), None),
    "499 duplicate leaves": ("{ channel " + times(499, "id") + "}", None),
    "99 fragments": (times(99, "...F#") + times(99, "fragment F# on Query {__typename}")[1:-1], None),
    "48 conditions": ("{ ... on Query " + times(48, "... @include(if: true) {channel{id}}") + "}", None),
    "1,900 enums": ("{ customer { orders(filter: {statuses: [" + "SHIPPED " * 1_900 + "]}) { totalCount } } }", None),
    "60,000 letters of a literal": (f'{{ node(id: "{_LONG}") {{ id }} }}', None),
    "10,000 escapes": ('{ node(id: "' + "\\u0041" * 9_900 + '") { id } }', None),
    "30,000 lines of a block": ('{ node(id: """' + "\n " * 30_000 + '""") { id } }', None),
    "a comment of 60,000 letters": ("{ __typename } #" + _LONG, None),
    "introspection as tools do it": (get_introspection_query(), None),
    "introspection as often as allowed": (
        times(9, "a#: __schema {types {fields {name args {name type {name}}}}}"),
        None,
    ),
    "10 lists of orders": ("{ customer " + times(10, "a#: orders(first: 3) { nodes { " + _ORDER + " } }") + "}", None),
    "30 customers": (times(30, f'a#: customer(id: "{ID}") {{ customerNumber addresses {{ city }} }}'), None),
    "15 lists under keys that are new": ("{ customer " + times(15, _NEW) + "}", None),
    "depth 12": (_DEEP + " nodes { id } } } } } } } } } }", None),
    "60,000 letters of a search": (_SEARCH, {"v": "x " * 30_000}),
    "60,000 letters of an id": ("query ($v: ID!) { node(id: $v) { id } }", {"v": _LONG}),
    **{
        f"a cursor of 60,000 letters by {order}": (
            _AFTER.replace("#", order),
            {"v": f"{order}:DESC:{'9' * 59_000}:{ID}"},
        )
        for order in ("ORDER_DATE", "TOTAL", "ORDER_NUMBER")
    },
    "5,900 enums of a variable": (_STATUSES, {"v": ["SHIPPED"] * 5_900}),
    "15,000 wrong enums of a variable": (_STATUSES, {"v": ["X"] * 15_000}),
    "5,000 unknown input fields of a variable": (_FILTER, {"v": {f"a{at}": 1 for at in range(5_000)}}),
    "5,000 unknown variables": (_SEARCH, {f"a{at}": 1 for at in range(5_000)}),
    "an address of 60,000 letters": (_REGISTER, _registration(emailAddress="a@" + "x." * 29_000 + "com")),
    "an address of 120 umlauts": (_REGISTER, _registration(emailAddress="a@" + "ü." * 120 + "com")),
    "a locale of 60,000 letters": (_REGISTER, _registration(locale="de_" * 19_000)),
    "a name of 60,000 letters": (_REGISTER, _registration(firstName=_LONG[:59_000])),
    "a password of signs": (
        _REGISTER,
        _registration(company="4@8{" * 12, user={"password": "@11+||1<|7|(|6717||1{|+9"}),
    ),
    "a password of 1,024 signs": (_REGISTER, _registration(user={"password": "4@8({[<369&#!1|0$5+7%2" * 46})),
    "a password of accents": (_REGISTER, _registration(user={"password": "a\u0301\u0323" * 341})),
    "a password of 59,000 letters": (_AUTHENTICATE, {"v": {"username": "a@b.example", "password": _LONG[:59_000]}}),
    "a username of 59,000 letters": (_AUTHENTICATE, {"v": {"username": "a@" * 29_000, "password": "x"}}),
}
"""Documents with their variables, by what is dear about them."""


Ask = Callable[[bytes], Awaitable[object]]
"""Sends a body."""


async def lateness(ask: Ask, name: str, attempts: int = 3) -> float:
    """Return for how many seconds a request keeps all others waiting, in the best of some *attempts*."""
    return min([await _attempt(ask, *REQUESTS[name]) for _ in range(attempts)])


_numbers = itertools.count()


async def _attempt(ask: Ask, document: str, variables: Any) -> float:
    # A comment makes a document that no cache knows.
    number = next(_numbers)
    body = orjson.dumps({"query": f"{document}\n#{number}".replace("§", str(number)), "variables": variables})
    watching = _Watch()
    task = asyncio.create_task(watching.run())
    await asyncio.sleep(0.01)
    watching.longest = 0.0
    await ask(body)
    await asyncio.sleep(0.002)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    return watching.longest


class _Watch:
    """Sleeps for a millisecond at a time; notes for how long it was kept from it by what else its own thread does.

    Two clocks, and neither counts what the rest of a busy machine takes: the time of the processor that the thread
    used, and how often another thread could sleep for a millisecond meanwhile. The second sees a thread that waits,
    which uses none; it sees little of one that works, which leaves no turn to others.
    """

    def __init__(self) -> None:
        self.longest = 0.0
        self._turns = 0

    async def run(self) -> None:
        over = threading.Event()
        other = threading.Thread(target=self._count_turns, args=(over,))
        other.start()
        try:
            while True:
                begun, turns = time.thread_time(), self._turns
                await asyncio.sleep(0.001)
                self.longest = max(self.longest, time.thread_time() - begun, (self._turns - turns) * 0.001)
        finally:
            over.set()
            other.join()

    def _count_turns(self, over: threading.Event) -> None:
        while not over.wait(0.001):
            self._turns += 1
