"""The home of networks: which address a text means, and which networks one subscriber may have. Pure.

One host has one address here, however it is written: else whoever is refused as one comes again as another.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "unknown"
"""The network of requests that come from nowhere."""
WIDTHS: Final = {64: 1, 56: 4, 48: 16}
"""How wide the networks of IPv6 are that a provider gives to one subscriber, and how many times the limit of the
narrowest each has: a provider of telephones may have put many subscribers into the wider ones."""

_LONGEST = 64
"""Of an address with the name of its interface: longer ones would fill the memory."""
_MAPPED = IPv6Network("::ffff:0:0/96")
_TRANSLATED = IPv6Network("64:ff9b::/96")
"""RFC 6052: how hosts of IPv4 look to a server that has IPv6 only. Taken for IPv6, all of them were one /64."""
_LOCAL = tuple(map(IPv4Network, ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"))) + tuple(
    map(IPv4Network, ("172.16.0.0/12", "192.168.0.0/16"))
)
"""What RFC 6052 (3.1) forbids to translate: who calls from such an address is no neighbour of ours."""


def plain(text: str) -> str | None:
    """Return the IP address that *text* is, at most 39 characters, IPv4 as such; None if it is none."""
    return _parsed(text) if len(text) <= _LONGEST else None


def plain_network(text: str) -> IPv4Network | IPv6Network:
    """Return the network that *text* is, IPv4 as such. Raises `ValueError`."""
    found = ip_network(text)
    if isinstance(found, IPv6Network) and found.subnet_of(_MAPPED):
        return IPv4Network((int(found.network_address) & 0xFFFFFFFF, found.prefixlen - _MAPPED.prefixlen))
    return found


def spellings(network: str) -> list[str]:
    """Return *network* as programs write it: what listens to IPv6 as well writes IPv4 as a part of that."""
    found = ip_network(network)
    if isinstance(found, IPv6Network):
        return [network]
    return [network, f"::ffff:{found.network_address}/{_MAPPED.prefixlen + found.prefixlen}"]


def networks_of(address: str | None) -> list[str]:
    """Return the networks of an *address* that its subscriber may have, the narrowest first."""
    if address is None or (text := plain(address)) is None:
        return [UNKNOWN]
    return list(_networks_of(text))


def network_of(address: str | None) -> str:
    """Return the network of an *address*: who has an IPv6 address has at least 2^64 of them."""
    return networks_of(address)[0]


def told(network: str | None) -> str | None:
    """Return *network* if it is one."""
    return None if network == UNKNOWN else network


@lru_cache(4096)  # each request asks
def _networks_of(text: str) -> tuple[str, ...]:
    found = ip_address(text)
    found = (isinstance(found, IPv6Address) and _tunnelled(found)) or found
    if isinstance(found, IPv4Address):
        return (str(found),)
    return tuple(str(ip_network((found, width), strict=False)) for width in WIDTHS)


@lru_cache(4096)
def _parsed(text: str) -> str | None:
    try:
        # Behind the % stands the name of an interface, of any length.
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        found = found.ipv4_mapped or _translated(found) or found
    return str(found)


def _translated(address: IPv6Address) -> IPv4Address | None:
    return _of_the_world(IPv4Address(int(address) & 0xFFFFFFFF)) if address in _TRANSLATED else None


def _tunnelled(address: IPv6Address) -> IPv4Address | None:
    """Return whose tunnel an address is: by 6to4 one address of IPv4 has a /48, by Teredo thousands share a /64."""
    teredo = address.teredo
    return _of_the_world(address.sixtofour or (teredo[1] if teredo else None))


def _of_the_world(address: IPv4Address | None) -> IPv4Address | None:
    return None if address is None or any(address in network for network in _LOCAL) else address
