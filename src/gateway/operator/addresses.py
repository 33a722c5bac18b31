"""The home of which addresses are near: of this machine, or of a network that the internet does not lead to."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING

from resolvers.rules.networks import plain

if TYPE_CHECKING:
    from starlette.datastructures import Headers

_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
_NEAR = re.compile(r"(?:localhost|127(?:\.[0-9]{1,3}){3}|\[::1\])(?::[0-9]{1,5})?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Tell whether nobody but this machine reaches *host*, a name or an address to listen at."""
    found = plain(host)
    return host.lower() == "localhost" if found is None else ip_address(found).is_loopback


def is_private(found: str) -> bool:
    """Tell whether a plain address is none of the internet."""
    return not ip_address(found).is_global  # with the addresses that providers share, 100.64.0.0/10


def is_near(headers: Headers) -> bool:
    """Tell whether a request, which came to an address of this machine, was sent from there to there.

    A proxy says that it passes one on, and a page of another site has another Host, wherever its name leads.
    """
    host = headers.get("host", "").lower()
    return not any(name in headers for name in _OF_PROXIES) and bool(_NEAR.fullmatch(host))
