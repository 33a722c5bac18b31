"""The home of rendering: a letter becomes a message of HTML and text that loads nothing and says the same in both."""

from __future__ import annotations

from email.headerregistry import Address
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import mrml
from jinja2 import Environment, StrictUndefined, Template

from gateway.mail.headers import POLICY
from gateway.mail.wording import one_line, worded
from resolvers.rules.email_address import EmailAddress

if TYPE_CHECKING:
    from gateway.mail.wording import Wording
    from resolvers.mails.letter import Letter

_LAYOUT: Final = Path(__file__).parent / "layout.mjml"


def render(letter: Letter, default_sender: str) -> EmailMessage:
    """Return *letter* as it is sent, at each try the same; from *default_sender* unless it has a sender of its own.

    Raise `ValueError` where an address is none, and `KeyError` where the letter lacks what its theme speaks of.
    """
    wording = worded(letter)
    sender = _address(letter.sender_address or default_sender, one_line(letter.sender_name))
    message = EmailMessage(POLICY)
    message["Message-ID"] = f"<{letter.mail_id}@{sender.domain}>"
    message["Date"] = letter.written_at
    message["From"] = sender
    message["To"] = _address(letter.receiver)
    message["Subject"] = wording.subject
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    _set_bodies(message, wording)
    message.set_boundary(f"=_{letter.mail_id}")  # a random one would differ at each try; quoted-printable has no =_
    return message


def _address(text: str, name: str = "") -> Address:
    address = EmailAddress.parse(text)
    return Address(name, address.local, address.domain)


def _set_bodies(message: EmailMessage, wording: Wording) -> None:
    # Lines of SMTP end after 998 characters, which one of HTML may exceed.
    message.set_content(_text(wording), cte="quoted-printable")
    message.add_alternative(_layout().render(wording=wording), subtype="html", cte="quoted-printable")
    message["Content-Language"] = wording.language  # the bodies would take it for themselves


@cache
def _layout() -> Template:
    """Return the layout, compiled while it holds places only: what users have written never meets the MJML parser."""
    html = mrml.to_html(_LAYOUT.read_text("utf-8")).content
    return Environment(autoescape=True, undefined=StrictUndefined).from_string(html)


def _text(wording: Wording) -> str:
    link = (f"{wording.button}:\n{wording.link}", wording.until) if wording.until else ()
    farewell = f"{wording.farewell}\n{wording.shop}"
    return "\n\n".join((wording.greeting, *wording.paragraphs, *link, wording.otherwise, farewell, wording.why + "\n"))
