"""The home of the mailbox: pages where developers look at the mails of a channel, as if they had got them.

They show links with their tokens to everybody: never where customers are.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.mail.rendering import render
from gateway.mail.wording import worded

if TYPE_CHECKING:
    from email.message import EmailMessage

    from starlette.requests import Request

    from db.enums import MailState
    from resolvers.mails.letter import Letter

NEWEST: Final = 100
"""How many mails the list shows."""

_PAGES: Final = Path(__file__).parent / "pages"
_STYLE: Final = (_PAGES / "mailbox.css").read_text("utf-8")
_STYLE_HASH: Final = f"'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'"
# A mail brings styles of its own, in attributes too. They can't tell anybody what they see, as nothing may be loaded.
_STYLES_OF_A_MAIL: Final = "'unsafe-inline'"
_HEADERS: Final = {
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
}

Endpoint = Callable[["Request"], Awaitable[Response]]


class Posted(NamedTuple):
    """A letter of the outbox, and what has become of it."""

    letter: Letter
    state: MailState


class Outbox(Protocol):
    """Where the mailbox gets its letters."""

    async def newest(self, channel_code: str, limit: int) -> Sequence[Posted] | None:
        """Return the newest letters, the last first; None if there is no such channel."""

    async def letter(self, channel_code: str, mail_id: str) -> Letter | None:
        """Return a letter of the channel; None if there is none."""


def routes(outbox: Outbox, default_sender: str) -> list[tuple[str, Endpoint]]:
    """Return the paths and what answers at each; *default_sender* as for `render`."""
    mailbox = _Mailbox(outbox, default_sender)
    return [("/{channel}/mailbox", mailbox.list), ("/{channel}/mailbox/{mail_id}", mailbox.mail)]


@dataclass(frozen=True, slots=True)
class _Mailbox:
    outbox: Outbox
    default_sender: str

    async def list(self, request: Request) -> Response:
        channel = request.path_params["channel"]
        posted = await self.outbox.newest(channel, NEWEST)
        if posted is None:
            raise HTTPException(404)
        mails = [(letter, self._rendered(letter)["Subject"], state) for letter, state in posted]
        return _page("list.html", _STYLE_HASH, channel=channel, mails=mails)

    async def mail(self, request: Request) -> Response:
        channel = request.path_params["channel"]
        letter = await self.outbox.letter(channel, request.path_params["mail_id"])
        if letter is None:
            raise HTTPException(404)
        message = self._rendered(letter)
        bodies = {kind: _body(message, kind) for kind in ("html", "plain")}
        return _page(
            "mail.html", _STYLES_OF_A_MAIL, channel=channel, link=worded(letter).link, message=message, **bodies
        )

    def _rendered(self, letter: Letter) -> EmailMessage:
        return render(letter, self.default_sender)


def _body(message: EmailMessage, kind: str) -> str:
    [found] = [part for part in message.iter_parts() if part.get_content_subtype() == kind]
    content: str = found.get_content()
    return content


@cache
def _pages() -> Environment:
    return Environment(autoescape=True, loader=FileSystemLoader(_PAGES), undefined=StrictUndefined)


def _page(name: str, style_source: str, **shown: Any) -> Response:  # noqa: ANN401 - pages show all kinds of things
    policy = (
        f"default-src 'none'; style-src {style_source}; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    # Ours alone is markup; all else is escaped.
    html = _pages().get_template(name).render(style=Markup(_STYLE), **shown)  # noqa: S704
    return Response(html, headers=_HEADERS | {"content-security-policy": policy}, media_type="text/html")
