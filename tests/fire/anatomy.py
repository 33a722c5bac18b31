"""The home of what a mail is made of, as whoever receives it finds it, and of what must not be in one."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aiosmtpd.smtp import Envelope

_HEADER = re.compile(rb"^([^\s:]+):", re.MULTILINE)
_STATIC = {"Auto-Submitted", "X-Auto-Response-Suppress", "MIME-Version", "Content-Language"}
_LOOKS_LIKE_A_HEADER = re.compile(
    r"^(?:b?cc|to|from|subject|date|reply-to|sender|message-id|mime-version|content-[a-z-]+|x-[a-z-]+)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_LINKED_BY_MAIL_PROGRAMS = re.compile(r"[@:/\\\u3002\uff0e\uff61]|\.(?=\S)|\bwww\b")
_LEADS = {"href", "src", "action", "background", "srcset", "formaction"}
_SPEAKS = {"aria-label"}


class Anatomy(NamedTuple):
    """All of a mail but its words: the same for everybody who gets one of a kind."""

    headers: tuple[tuple[str, str | None], ...]
    """With the values of those that are the same in all mails."""
    parts: tuple[str, ...]
    elements: tuple[tuple[object, ...], ...]
    """With their attributes; where they lead and what they say is left out."""
    lines: int
    """Of the text."""


@dataclass
class _Markup(HTMLParser):
    elements: list[tuple[object, ...]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *((name, None if name in _LEADS | _SPEAKS else value) for name, value in attrs)))
        self.links += [value or "" for name, value in attrs if name in _LEADS]

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!--", data))

    def handle_decl(self, decl: str) -> None:
        self.elements.append(("!", decl))

    def handle_pi(self, data: str) -> None:
        self.elements.append(("?", data))


class Opened:
    """A mail that has arrived."""

    def __init__(self, envelope: Envelope) -> None:
        assert isinstance(envelope.content, bytes)
        self._content = envelope.content
        self._head = envelope.content.partition(b"\r\n\r\n")[0]
        self._receivers = envelope.rcpt_tos
        message = message_from_bytes(envelope.content, EmailMessage, policy=default)
        self._headers = dict(message.items())
        # Each look at a part parses its headers anew.
        self._parts = {part.get_content_type(): part for part in message.walk()}

    @property
    def id(self) -> str:
        """The id of the row that it was made of."""
        return str(self._headers["Message-ID"]).strip("<>").partition("@")[0]

    @property
    def everything(self) -> bytes:
        """As it came, and what is encoded in it."""
        return b"\n".join((self._content, self.text.encode(), self._body("html").encode()))

    @cached_property
    def text(self) -> str:
        """What those read who don't read HTML."""
        return self._body("plain")

    @cached_property
    def links(self) -> list[str]:
        """Where its elements lead."""
        return self._markup.links

    @cached_property
    def anatomy(self) -> Anatomy:
        """What it is made of."""
        names = [name.decode() for name in _HEADER.findall(self._head)]
        return Anatomy(
            tuple((name, str(self._headers[name]) if name in _STATIC else None) for name in names),
            tuple(self._parts),
            tuple(self._markup.elements),
            len(self.text.splitlines()),
        )

    def faults(self, innocent: Anatomy, page: str) -> Iterator[str]:
        """Yield what makes it another mail than the *innocent* one with links to *page*."""
        yield from (
            f"other {part} than for anybody"
            for part, mine, its in zip(Anatomy._fields, self.anatomy, innocent, strict=True)
            if mine != its
        )
        addressed = [address.addr_spec for address in self._headers["To"].addresses]
        if len(self._receivers) != 1 or addressed != self._receivers:
            yield f"{len(addressed)} receivers, and sent to {len(self._receivers)}"
        subject, sender = str(self._headers["Subject"]), str(self._headers["From"])
        if not is_one_line(subject) or not is_one_line(sender):
            yield "a subject or sender of several lines"
        if elsewhere := [link for link in self.links if _page(link) != page]:
            yield f"a link to {elsewhere[0]}"
        if line := _LOOKS_LIKE_A_HEADER.search(self.text):
            yield f"a text with {line[0]!r}"
        if [line for line in self.text.splitlines() if "token=" in line] != self.links:
            yield "another link in its text"
        yield from self._faults_of_greeting()

    @cached_property
    def _markup(self) -> _Markup:
        found = _Markup()
        found.feed(self._body("html"))
        found.close()
        return found

    def _faults_of_greeting(self) -> Iterator[str]:
        """Yield what makes a message of a stranger's of how it greets."""
        greeting = self.text.splitlines()[0]
        if not is_one_line(greeting):
            yield "a greeting with controls"
        if _LINKED_BY_MAIL_PROGRAMS.search(greeting):
            yield "a greeting that mail programs make a link of"

    def _body(self, kind: str) -> str:
        return str(self._parts[f"text/{kind}"].get_content())


def is_one_line(text: str) -> bool:
    """Tell whether *text* has nothing that ends lines, or turns or hides letters."""
    return not any(unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for letter in text)


def _page(link: str) -> str:
    return urlsplit(link)._replace(query="").geturl()
