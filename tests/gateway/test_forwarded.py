"""The client's address: what a trusted proxy says, if it is an address, and the peer's own otherwise."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.forwarded import IS_PROXY, Forwarded
from resolvers.networks import plain

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:DB8::7", "2001:db8::7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:c000:207", "192.0.2.7"),
        ("64:ff9b::192.0.2.7", "192.0.2.7"),
        ("64:ff9b::10.0.0.1", "64:ff9b::a00:1"),
        ("fe80::1%eth0", "fe80::1"),
        ("unknown", None),
        ("", None),
        ("192.0.2.7:80", None),
        ("1" * 10_000, None),
    ],
)
def test_an_address_is_written_in_one_way(text: str, expected: str | None) -> None:
    assert plain(text) == expected


async def client_of(peer: str, *forwarded: str) -> str | None:
    """Return the address that the application is told."""
    return plain((await told_of(peer, *forwarded))["client"][0])


async def told_of(peer: str, *forwarded: str) -> dict[str, Any]:
    """Return the scope that the application is told."""
    told: list[Any] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        told.append(scope)

    async def never(*_message: object) -> Any:
        raise AssertionError

    headers = [(b"x-forwarded-for", value.encode()) for value in forwarded]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers}
    await Forwarded(app, ["10.0.0.0/8", "::1/128"])(scope, never, never)
    return told[0]  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["203.0.113.9, 192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["203.0.113.9", "192.0.2.7, 10.0.0.2"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.7:4711"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.7, ::ffff:10.0.0.2"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.7, ::ffff:a00:2, [::ffff:10.0.0.3]:80"], "192.0.2.7"),
        ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
        ("10.0.0.1", ["::ffff:192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["x" * 5000], "10.0.0.1"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::1", ["192.0.2.7"], "192.0.2.7"),
        ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("203.0.113.9", ["192.0.2.7"], "203.0.113.9"),
    ],
)
async def test_a_trusted_proxy_says_who_calls(peer: str, forwarded: list[str], expected: str) -> None:
    assert await client_of(peer, *forwarded) == expected


@pytest.mark.parametrize(
    ("peer", "forwarded", "calls_for_many"),
    [
        ("10.0.0.1", [], True),
        ("::ffff:10.0.0.1", [], True),
        ("10.0.0.1", ["192.0.2.7"], False),
        ("10.0.0.1", ["10.0.0.2"], False),
        ("10.0.0.1", ["unknown"], False),
        ("10.0.0.1", [""], False),
        ("203.0.113.9", [], False),
    ],
)
async def test_a_listed_server_that_names_no_visitor_calls_for_many(
    peer: str,
    forwarded: list[str],
    calls_for_many: bool,  # noqa: FBT001 - of the cases above
) -> None:
    assert (await told_of(peer, *forwarded))[IS_PROXY] is calls_for_many
