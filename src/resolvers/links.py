r"""The home of the links in mails: which pages of a shop they may lead to, and how a token is added. Pure.

A link carries a token. A page off the channel's list of origins would give it to a stranger, so what two programs could
read in two ways is refused: Python and browsers disagree about ``https://evil.com\@shop.example/``.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 2000

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL})*"
_ORIGIN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?", re.ASCII | re.IGNORECASE
)
# RFC 3986's pchar without the escapes of dots and slashes, and without what browsers treat as a slash.
_PATH = re.compile(r"(?:/(?!/)(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*", re.ASCII)
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:/?-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_TOKEN_PARAMETER = re.compile(r"(?:^|&)(?:t|%74)(?:o|%6f)(?:k|%6b)(?:e|%65)(?:n|%6e)(?:=|&|$)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_HIGHEST_PORT = 65535
_OWN_PORT = {"http": "80", "https": "443"}
_LOOPBACK = {"localhost", "127.0.0.1"}


def origin(text: str) -> str:
    """Return the origin that *text* is, as browsers write it; raise `ValueError` if it is none that links may lead to.

    Only https, or http on the machine itself, for development.
    """
    found = _ORIGIN.fullmatch(text)
    if not found or (written := _origin(found)) is None:
        msg = "an origin is https://HOST, or http://localhost with a port"
        raise ValueError(msg)
    return written


def is_allowed(base_url: str, origins: Iterable[str]) -> bool:
    """Tell whether a mail may link to *base_url*: a page of one of *origins*, which `origin` has returned."""
    if len(base_url) > MAX_LENGTH or not (found := _ORIGIN.match(base_url)):
        return False
    path, _, query = base_url[found.end() :].partition("?")
    return (
        (_origin(found) or "") in origins
        and _PATH.fullmatch(path) is not None
        and _QUERY.fullmatch(query) is not None
        and not _TOKEN_PARAMETER.search(query)
    )


def with_token(base_url: str, token: str) -> str:
    """Return the link that is mailed."""
    _, mark, query = base_url.partition("?")
    joint = "?" if not mark else "&" if query and not query.endswith("&") else ""
    return f"{base_url}{joint}token={token}"


def _origin(found: re.Match[str]) -> str | None:
    scheme, host, port = found["scheme"].lower(), found["host"].lower(), found["port"]
    if int(port or 0) > _HIGHEST_PORT or (scheme == "http" and host not in _LOOPBACK) or not _is_one_host(host):
        return None
    return f"{scheme}://{host}" + ("" if port in {None, _OWN_PORT[scheme]} else f":{port}")


def _is_one_host(host: str) -> bool:
    """Tell whether browsers take *host* for what it says: of 127.1 and 0x7f.1 they make 127.0.0.1."""
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return True
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False
