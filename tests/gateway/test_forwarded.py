"""The client's address: what a trusted proxy says, if it is an address, and the peer's own otherwise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from gateway.http.forwarded import IS_PROXY, Forwarded
from gateway.http.request_log import KEY, Exchange
from gateway.operator.notices import Notice
from resolvers.rules.errors import Limit
from resolvers.rules.networks import plain

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


TRUSTED = ("10.0.0.0/8", "::1/128")


async def passed(
    peer: str,
    headers: list[tuple[bytes, bytes]],
    trusted: Sequence[str] = TRUSTED,
    meets: Callable[[Exchange], None] = lambda _exchange: None,
) -> tuple[dict[str, Any], list[str]]:
    """Return the scope that the application is told, and what the operator is."""
    told: list[Any] = []
    noticed: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        told.append(scope)
        meets(Exchange.of(scope))

    async def never(*_message: object) -> Any:
        raise AssertionError

    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": headers, KEY: Exchange()}
    forwarded = Forwarded(app, trusted, Notice(noticed.append), Notice(noticed.append))
    for _ in range(3):
        await forwarded(dict(scope), never, never)
    return told[0], noticed


async def client_of(peer: str, *forwarded: str) -> str | None:
    """Return the address that the application is told."""
    return plain((await told_of(peer, *forwarded))["client"][0])


async def told_of(peer: str, *forwarded: str) -> dict[str, Any]:
    """Return the scope that the application is told."""
    scope, _noticed = await passed(peer, [(b"x-forwarded-for", value.encode()) for value in forwarded])
    return scope


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


@pytest.mark.parametrize("name", ["x-forwarded-for", "forwarded", "x-real-ip"])
@pytest.mark.parametrize(
    ("peer", "trusted", "who"),
    [
        ("192.168.1.7", TRUSTED, "192.168.1.7"),
        ("192.168.1.7", (), "192.168.1.7"),
        ("127.0.0.1", (), "127.0.0.1"),
        ("::ffff:172.17.0.1", (), "172.17.0.1"),
        ("fd00::7", (), "fd00::7"),
        ("100.64.0.7", (), "100.64.0.7"),
        ("93.184.216.34", (), "a public address"),
    ],
)
async def test_what_a_proxy_that_is_not_trusted_says_is_told_once(
    peer: str, trusted: Sequence[str], who: str, name: str
) -> None:
    scope, [told] = await passed(peer, [(name.encode(), b"192.0.2.7")], trusted)

    assert plain(scope["client"][0]) == plain(peer)
    assert told.lower().startswith(f"{name} of {who} is not believed")
    assert told.endswith("add it to GATEWAY_TRUSTED_PROXIES.")
    assert "192.0.2.7" not in told
    assert len(told) <= 300


@pytest.mark.parametrize("name", ["forwarded", "x-real-ip"])
async def test_a_trusted_proxy_that_says_it_otherwise_is_told_how(name: str) -> None:
    _scope, [told] = await passed("10.0.0.1", [(name.encode(), b"192.0.2.7")])

    assert told.endswith("have it send X-Forwarded-For.")


@pytest.mark.parametrize(
    ("peer", "headers"),
    [
        ("10.0.0.1", [(b"x-forwarded-for", b"192.0.2.7"), (b"x-real-ip", b"192.0.2.7")]),
        ("10.0.0.1", [(b"x-forwarded-for", b"unknown"), (b"x-real-ip", b"unknown")]),
        ("10.0.0.1", [(b"host", b"x")]),
        ("192.168.1.7", [(b"host", b"x")]),
        ("93.184.216.34", []),
    ],
)
async def test_what_is_right_is_not_told(peer: str, headers: list[tuple[bytes, bytes]]) -> None:
    assert (await passed(peer, headers))[1] == []


def closes(limit: Limit) -> Callable[[Exchange], None]:
    return lambda exchange: exchange.meets(limit)


FORWARDED = [(b"x-forwarded-for", b"93.184.216.34")]
BY_NETWORK = [
    closes(Limit.NETWORK),
    closes(Limit.REGISTRATIONS),
    closes(Limit.MAILS_OF_NETWORK),
    closes(Limit.DOCUMENTS_OF_NETWORK),
]


@pytest.mark.parametrize("meets", BY_NETWORK)
@pytest.mark.parametrize(
    ("peer", "trusted", "expected"),
    [
        ("172.17.0.1", (), "for 172.17.0.1, which is none of the internet"),
        ("127.0.0.1", (), "for 127.0.0.1, which is none of the internet"),
        ("::1", (), "for ::1, which is none of the internet"),
        ("10.0.0.1", TRUSTED, "for 10.0.0.1, one of GATEWAY_TRUSTED_PROXIES"),
    ],
)
async def test_a_limit_that_closes_for_all_visitors_of_a_proxy_is_told_once(
    peer: str, trusted: Sequence[str], expected: str, meets: Callable[[Exchange], None]
) -> None:
    _scope, [told] = await passed(peer, [], trusted, meets)

    assert expected in told
    assert "X-Forwarded-For" in told or "GATEWAY_TRUSTED_PROXIES" in told
    assert len(told) <= 300


@pytest.mark.parametrize(
    ("peer", "headers", "meets"),
    [
        ("93.184.216.34", [], closes(Limit.NETWORK)),
        ("10.0.0.1", FORWARDED, closes(Limit.NETWORK)),
        ("172.17.0.1", [], closes(Limit.ACCOUNT)),
        ("172.17.0.1", [], closes(Limit.OWN)),
        ("172.17.0.1", [], closes(Limit.HASHER)),
        ("172.17.0.1", [], lambda _exchange: None),
    ],
)
async def test_a_limit_that_closes_for_one_visitor_is_not_told(
    peer: str, headers: list[tuple[bytes, bytes]], meets: Callable[[Exchange], None]
) -> None:
    assert (await passed(peer, headers, TRUSTED, meets))[1] == []
