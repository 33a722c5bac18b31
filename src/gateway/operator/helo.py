"""The home of the name that mail servers are greeted by: one that the world may know, and never looked up. Pure."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address
from typing import Final

_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+", re.ASCII)
_LONGEST: Final = 253
_LITERAL: Final = re.compile(r"\[(?:(?P<v6>IPv6:[0-9A-Fa-f:.]+)|(?P<v4>[0-9.]+))\]", re.ASCII)
_NOWHERE: Final = ("arpa", "example", "home", "internal", "invalid", "lan", "local", "localdomain", "localhost", "test")
"""The last labels of names that only their own network knows."""


def parse_helo(text: str) -> str:
    """Return *text* if RFC 5321, 4.1.1.1 lets a client call itself so: a full name, or an address in brackets.

    Raises `ValueError`.
    """
    if _NAME.fullmatch(text) and len(text) <= _LONGEST and not text.rpartition(".")[2].isdigit():
        return text
    if found := _LITERAL.fullmatch(text):
        IPv6Address(found["v6"].partition(":")[2]) if found["v6"] else IPv4Address(found["v4"])
        return text
    msg = "neither a full name nor an address in brackets"
    raise ValueError(msg)


def helo_of(host_name: str, mail_domain: str) -> str:
    """Return the name of a machine, or the domain that mails come from where the machine's is no full one."""
    try:
        name = parse_helo(host_name)
    except ValueError:
        return mail_domain
    return mail_domain if name.rpartition(".")[2].lower() in _NOWHERE else name
