"""The home of which addresses are near: of this machine, or of a network that the internet does not lead to."""

from __future__ import annotations

from ipaddress import ip_address

from resolvers.networks import plain


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches *host*, a name or an address to listen at."""
    found = plain(host)
    return host.lower() == "localhost" if found is None else ip_address(found).is_loopback


def is_private(found: str) -> bool:
    """Tell whether a plain address is none of the internet."""
    return not ip_address(found).is_global  # with the addresses that providers share, 100.64.0.0/10
