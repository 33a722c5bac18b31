"""The home of SMTP URLs: how a setting names the server that mails are handed to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

_OWN_PORT: Final = {"smtp": 587, "smtps": 465}
_HIGHEST_PORT: Final = 65535
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_URL: Final = re.compile(
    r"(?P<scheme>smtps?)://"
    r"(?:(?P<username>[!-~]+?):(?P<password>[!-~]+)@)?"
    rf"(?P<host>{_LABEL}(?:\.{_LABEL})*|\[[0-9A-Fa-f:.]+\])"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?/?"
    r"(?:\?starttls=(?P<starttls>required|never))?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """Where mails are handed over."""

    host: str
    port: int
    tls: bool
    """From the first byte."""
    starttls: bool | None
    """None: if it is offered."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)


def parse_smtp_url(text: str) -> SmtpServer:
    """Return the server of ``smtp://USER:PASSWORD@HOST:587`` or ``smtps://…``; raise `ValueError` for anything else.

    User and password are percent-encoded and may be left out. ``?starttls=required`` or ``never`` overrules the
    default, which is to use it if it is offered, and to insist on it where there is a password: whoever can hide the
    offer could otherwise read it.
    """
    found = _URL.fullmatch(text)
    port = int(found["port"] or _OWN_PORT[found["scheme"]]) if found else 0
    if not found or port > _HIGHEST_PORT or (found["scheme"] == "smtps" and found["starttls"]):
        msg = "an SMTP URL is smtp://HOST or smtps://HOST, with USER:PASSWORD@ and a port if need be"
        raise ValueError(msg)
    tls = found["scheme"] == "smtps"
    insists = found["starttls"] == "required" or (found["password"] is not None and not tls)
    return SmtpServer(
        host=found["host"].strip("[]"),
        port=port,
        tls=tls,
        starttls=False if tls or found["starttls"] == "never" else insists or None,
        username=found["username"] and unquote(found["username"]),
        password=found["password"] and unquote(found["password"]),
    )
