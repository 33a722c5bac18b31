from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules.networks import network_of, networks_of, plain, plain_network, spellings, told


@pytest.mark.parametrize(
    ("address", "networks"),
    [
        ("192.0.2.1", ["192.0.2.1"]),
        ("::ffff:192.0.2.1", ["192.0.2.1"]),
        ("0:0:0:0:0:FFFF:C000:0201", ["192.0.2.1"]),
        ("64:ff9b::192.0.2.1", ["192.0.2.1"]),
        ("2002:c000:201::1", ["192.0.2.1"]),  # 6to4: a /48 for each address of IPv4
        ("2001:0:cb00:7107:8000:63bf:3fff:fdfe", ["192.0.2.1"]),  # Teredo: thousands share a /64
        ("2001:db8::1", ["2001:db8::/64", "2001:db8::/56", "2001:db8::/48"]),
        ("2001:DB8:0:1ff:1::", ["2001:db8:0:1ff::/64", "2001:db8:0:100::/56", "2001:db8::/48"]),
        ("fe80::1%eth0", ["fe80::/64", "fe80::/56", "fe80::/48"]),
        ("::1", ["::/64", "::/56", "::/48"]),
        ("unix:", ["unknown"]),
        (None, ["unknown"]),
    ],
)
def test_a_network_is_what_one_subscriber_has(address: str | None, networks: list[str]) -> None:
    assert networks_of(address) == networks
    assert network_of(address) == networks[0]


@given(st.ip_addresses(v=4))
def test_an_address_of_ipv4_is_the_same_however_it_is_written(address: IPv4Address) -> None:
    written = (f"{address}", f"::ffff:{address}", f"::FFFF:{int(address) >> 16:x}:{int(address) & 0xFFFF:x}")

    assert {plain(text) for text in written} == {str(address)}
    assert [network_of(text) for text in written] == [str(address)] * 3


@pytest.mark.parametrize("local", ["10.0.0.1", "127.0.0.1", "192.168.1.1", "172.16.0.1", "169.254.0.1", "100.64.0.1"])
def test_nobody_becomes_a_neighbour_by_a_translator_or_tunnel(local: str) -> None:
    numbers = int(IPv4Address(local))

    assert plain(f"64:ff9b::{local}") == str(ip_network(f"64:ff9b::{local}").network_address)
    assert local not in networks_of(f"2002:{numbers >> 16:x}:{numbers & 0xFFFF:x}::1")


@pytest.mark.parametrize(
    ("text", "network"),
    [
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("10.0.0.1", "10.0.0.1/32"),
        ("::ffff:10.0.0.1", "10.0.0.1/32"),
        ("::ffff:10.0.0.0/104", "10.0.0.0/8"),
        ("::ffff:0:0/96", "0.0.0.0/0"),
        ("::1", "::1/128"),
        ("2001:db8::/32", "2001:db8::/32"),
    ],
)
def test_a_network_of_ipv4_is_the_same_however_it_is_written(text: str, network: str) -> None:
    assert str(plain_network(text)) == network


@given(st.integers(0, 32), st.ip_addresses(v=4))
def test_a_network_is_spelt_so_that_each_spelling_means_it(width: int, address: IPv4Address) -> None:
    network = IPv4Network((int(address) >> (32 - width) << (32 - width), width))

    assert {plain_network(text) for text in spellings(str(network))} == {network}


def test_nobody_is_told_of_a_network_that_is_none() -> None:
    assert [told(network) for network in ("192.0.2.1", "unknown", None)] == ["192.0.2.1", None, None]
