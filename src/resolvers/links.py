r"""The home of the links in mails: which pages of a shop they may lead to, and how a token is added. Pure.

A link carries a token. A page off the channel's list of origins would give it to a stranger, so what two programs could
read in two ways is refused: Python and browsers disagree about ``https://evil.com\@shop.example/``.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from typing import TYPE_CHECKING

from resolvers.origins import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 2000

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
# RFC 3986's pchar without the escapes of dots and slashes, and without what browsers treat as a slash.
_PATH = re.compile(r"(?:/(?!/)(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%[0-9A-Fa-f]{2})*)*", re.ASCII)
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:/?-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_TOKEN_PARAMETER = re.compile(r"(?:^|&)(?:t|%74)(?:o|%6f)(?:k|%6b)(?:e|%65)(?:n|%6e)(?:=|&|$)", re.IGNORECASE)
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_LOOPBACK = {"localhost", "127.0.0.1"}


def origin(text: str) -> str:
    """Return the origin that *text* is, as browsers write it; raise `ValueError` if it is none that links may lead to.

    Only https, or http on the machine itself, for development.
    """
    found = Origin.of(text)
    if not _is_safe(found):
        msg = "links lead to https://HOST, or to http://localhost with a port"
        raise ValueError(msg)
    return str(found)


def is_allowed(base_url: str, origins: Iterable[str]) -> bool:
    """Tell whether a mail may link to *base_url*: a page of one of *origins*, which `origin` has returned."""
    try:
        its_origin, rest = Origin.begin(base_url)
    except ValueError:
        return False
    path, _, query = rest.partition("?")
    return (
        len(base_url) <= MAX_LENGTH
        and _is_safe(its_origin)
        and str(its_origin) in origins
        and _PATH.fullmatch(path) is not None
        and _QUERY.fullmatch(query) is not None
        and not _TOKEN_PARAMETER.search(query)
    )


def with_token(base_url: str, token: str) -> str:
    """Return the link that is mailed."""
    _, mark, query = base_url.partition("?")
    joint = "?" if not mark else "&" if query and not query.endswith("&") else ""
    return f"{base_url}{joint}token={token}"


def _is_safe(origin: Origin) -> bool:
    """Tell whether tokens may travel to *origin*, and browsers take its host for what it says."""
    return (
        (origin.scheme == "https" or origin.host in _LOOPBACK)
        and _HOST.fullmatch(origin.host) is not None
        and _is_one_host(origin.host)
    )


def _is_one_host(host: str) -> bool:
    """Tell whether *host* is a name or a whole address: of 127.1 and 0x7f.1 browsers make 127.0.0.1."""
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return True
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False
