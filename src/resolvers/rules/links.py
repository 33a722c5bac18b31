r"""The home of the links in mails: which pages of a shop they may lead to, and how a token is added. Pure.

A link carries a token, and whoever asks for the mail says where it leads: anybody may, for any address. So it leads to
no page but those that the shop lists for the purpose. What two programs could read in two ways is refused before it is
compared: Python and browsers disagree about ``https://evil.com\@shop.example/``, browsers and servers about
``/account/..;/search`` and ``/account/%2e%2e%2fsearch``.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from db.enums import LinkPurpose, MailKind
from db.lengths import LINK
from resolvers.rules.origins import Origin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


PURPOSES: Final = {
    MailKind.REGISTRATION: LinkPurpose.CONFIRM,
    MailKind.CONFIRMATION: LinkPurpose.CONFIRM,
    MailKind.PASSWORD_RESET: LinkPurpose.RESET,
    MailKind.EMAIL_ADDRESS_CHANGE: LinkPurpose.CHANGE_ADDRESS,
}
"""What the page does that a mail leads to; mails of other kinds have no link."""

# All that RFC 3986 has, less the brackets: of a backslash browsers make a slash, blanks and tabs they drop.
_UNWRITTEN = re.compile(r"[^A-Za-z0-9._~!$&'()*+,;=:@/?%#-]")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOSTS = re.compile(rf"{_LABEL}(?:\.{_LABEL})*", re.ASCII)
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
_LOOPBACK = {"localhost", "127.0.0.1"}
# A development server takes whatever port is free.
_ANY_PORT = re.compile(r"(https?://(?:localhost|127\.0\.0\.1)):\*(?=[/?]|\Z)", re.ASCII | re.IGNORECASE)
# RFC 3986's pchar without the semicolon, from which on Java's servers see nothing, and with escapes of blanks and of
# what is not ASCII alone: servers decode those of dots and slashes, browsers don't. No segment is empty, a dot or two.
_PATHS = re.compile(r"(?:/(?!/|\.{1,2}(?:/|\Z))(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%20|%[89A-Fa-f][0-9A-Fa-f])*)*", re.ASCII)
_QUERIES = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*", re.ASCII)
_TOKEN_PARAMETER = re.compile(r"(?:^|&)(?:t|%74)(?:o|%6f)(?:k|%6b)(?:e|%65)(?:n|%6e)(?:=|&|$)", re.IGNORECASE)
_WHOLE_ORIGIN = re.compile(r"https://(?!(?:localhost|127\.0\.0\.1)[:/])[^/]+/")

_TOO_LONG = f"it has more than {LINK} characters"
_FRAGMENT = "it has a fragment, of which the token would become a part"
_SCHEME = "its scheme is not https (in development also http, at localhost or 127.0.0.1)"
_ORIGIN = "its origin is not a host with at most a port"
_PATH = "its path has a segment that is empty or made of dots, a semicolon, or an escape of what needs none"
_QUERY = "its query has a % that escapes nothing"
_TOKEN = "its query has a token already"  # noqa: S105 - a sentence
_NO_PAGE = "it names no page; with a slash at its end it stands for all pages below"
_STAR = "it has a star, which stands for nothing but any port of localhost; end it with a slash for all below"
_UNLISTED = "its {} is not listed"


@dataclass(frozen=True, slots=True)
class _Page:
    """A page whose address browsers and servers read alike: its origin, and path and query as browsers send them."""

    origin: Origin
    path: str
    query: str

    @classmethod
    def of(cls, url: str) -> _Page:
        """Return the page at *url*; raise `ValueError`, which tells what is the matter, if it has no such address."""
        if len(url) > LINK:
            raise ValueError(_TOO_LONG)
        if unwritten := _UNWRITTEN.search(url):
            msg = f"it has the character {unwritten[0]!r}, with which no address is written"
            raise ValueError(msg)
        if "#" in url:
            raise ValueError(_FRAGMENT)
        origin, rest = _begin(url)
        path, _, query = rest.partition("?")
        if not _PATHS.fullmatch(path) or not _spells_letters(path):
            raise ValueError(_PATH)
        if not _QUERIES.fullmatch(query):
            raise ValueError(_QUERY)
        if _TOKEN_PARAMETER.search(query):
            raise ValueError(_TOKEN)
        return cls(origin, path or "/", query)

    @property
    def place(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def origins(self) -> Iterator[str]:
        """Yield how a shop may list its origin."""
        yield str(self.origin)
        if self.origin.host in _LOOPBACK:
            yield f"{self.origin.scheme}://{self.origin.host}:*"


def landing_page(text: str) -> str:
    """Return the landing page that *text* is, as it is listed; raise `ValueError`, which tells why it can't be one.

    One that ends with a slash stands for all below it; ``http://localhost:*/`` for every port, for development.
    """
    any_port = _ANY_PORT.match(text)
    plain = any_port[1] + text[any_port.end() :] if any_port else text
    page = _Page.of(plain)
    if "*" in plain:
        raise ValueError(_STAR)
    if page.place == "/" and not text.endswith("/"):
        raise ValueError(_NO_PAGE)  # an origin alone: whoever means all of its pages shall say so
    *_, origin = page.origins() if any_port else [str(page.origin)]
    return origin + page.place


def matter(base_url: str, landing_pages: Iterable[str]) -> str | None:
    """Return what is the matter with *base_url*; None if a mail may lead there.

    It may if it is one of *landing_pages*, which `landing_page` has returned, or below one. A query counts only as it
    is listed: one of a stranger's choice could have the page do something.
    """
    try:
        page = _Page.of(base_url)
    except ValueError as error:
        return str(error)
    origins = [*page.origins()]
    places = [
        listed.removeprefix(origin).partition("?")
        for listed in landing_pages
        for origin in origins
        if listed.startswith(f"{origin}/")
    ]
    if not places:
        return _UNLISTED.format("origin")
    queries = [query for path, mark, query in places if _is_at(page.path, path, below=not mark)]
    if not queries:
        return _UNLISTED.format("path")
    return None if page.query in queries else _UNLISTED.format("query")


def whole_origins(landing_pages: Iterable[str]) -> list[str]:
    """Return those of *landing_pages* that stand for every page of a shop's host."""
    return [page for page in landing_pages if _WHOLE_ORIGIN.fullmatch(page)]


def with_token(base_url: str, token: str) -> str:
    """Return the link that is mailed."""
    _, mark, query = base_url.partition("?")
    joint = "?" if not mark else "&" if query and not query.endswith("&") else ""
    return f"{base_url}{joint}token={token}"


def _begin(url: str) -> tuple[Origin, str]:
    """Return the origin to which tokens may travel, and the rest of *url*; raise `ValueError` if it has none."""
    scheme, mark, _ = url.partition("://")
    if not mark or scheme.lower() not in {"https", "http"}:
        raise ValueError(_SCHEME)
    try:
        origin, rest = Origin.begin(url)
    except ValueError:
        raise ValueError(_ORIGIN) from None
    if rest[:1] not in {"", "/", "?"} or not _is_one_host(origin.host):
        raise ValueError(_ORIGIN)
    if origin.scheme == "http" and origin.host not in _LOOPBACK:
        raise ValueError(_SCHEME)
    return origin, rest


def _is_one_host(host: str) -> bool:
    """Tell whether *host* is a name or a whole address: of 127.1 and 0x7f.1 browsers make 127.0.0.1."""
    if not _HOSTS.fullmatch(host):
        return False
    if not _NUMBER.fullmatch(host.rpartition(".")[2]):
        return True
    try:
        return str(IPv4Address(host)) == host
    except ValueError:
        return False


def _spells_letters(path: str) -> bool:
    """Tell whether escapes in *path* spell what is written with: servers take some other signs for slashes and dots."""
    try:
        text = unquote(path, errors="strict")
    except UnicodeDecodeError:
        return False
    return all(sign.isascii() or unicodedata.category(sign)[0] in "LMN" for sign in text)


def _is_at(path: str, listed: str, *, below: bool) -> bool:
    return path == listed or (below and listed.endswith("/") and path.startswith(listed))
