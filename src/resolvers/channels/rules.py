"""The home of the settings of a channel: which there are, and what each of them may be. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypedDict

from db.enums import AddressCheck, ChannelKind, LinkPurpose, RegistrationPolicy
from db.lengths import CHANNEL_NAME, CODE
from resolvers.rules import links, locales
from resolvers.rules.email_address import EmailAddress
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

RESERVED: Final = frozenset({"graphql", "healthz", "playground", "readyz"})
"""Paths of the gateway's own begin with these."""

_CODE = re.compile(r"[a-z0-9][a-z0-9-]*")
_SHORTEST_PASSWORDS = range(6, 65)


class ChannelSettings(TypedDict, total=False):
    """What a channel may leave to the defaults."""

    kind: ChannelKind
    locales: Sequence[str]
    default_locale: str
    registration: RegistrationPolicy
    password_min_length: int
    password_strength_checked: bool
    address_check: AddressCheck
    landing_pages: Mapping[str, Sequence[str]]
    sender_name: str | None
    sender_email_address: str | None


class ChannelChanges(ChannelSettings, total=False):
    """What can be changed of a channel: all but its code, which stands in the addresses that clients use."""

    name: str


DEFAULTS: Final[ChannelSettings] = {
    "kind": ChannelKind.B2C,
    "locales": ("en_US",),
    "registration": RegistrationPolicy.OPEN,
}
"""Those that the table has none for."""


class WrongSettingsError(ValueError):
    """Settings that no channel may have, or not this one. They are an operator's: no caller of the API sees it."""

    def __init__(self, complaints: Mapping[str, str]) -> None:
        """Keep what is wrong by the name of the setting."""
        super().__init__("; ".join(f"{name}: {complaint}" for name, complaint in complaints.items()))
        self.complaints = complaints


def checked(given: Mapping[str, Any], standing: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a channel that has the *standing* settings, where others are not *given*.

    The default locale is the first unless there is one, and always one of the locales. Of a purpose for which no
    landing pages are given, those that stand stay. Raises `WrongSettingsError`, which tells everything that is wrong.
    """
    columns, complaints = dict(standing), dict[str, str]()
    for name, value in given.items():
        try:
            columns[name] = _RULES[name](value) if name in _RULES else value
        except ValueError as error:
            complaints[name] = str(error)
    if complaints:
        raise WrongSettingsError(complaints)
    if "landing_pages" in given:
        pages = {**standing.get("landing_pages", {}), **columns["landing_pages"]}
        columns["landing_pages"] = {str(each): pages[each] for each in LinkPurpose if pages.get(each)}
    default = columns.setdefault("default_locale", columns["locales"][0])
    return columns | {"locales": list(dict.fromkeys((*columns["locales"], default)))}


def _code(text: str) -> str:
    if len(text) > CODE or not _CODE.fullmatch(text):
        msg = f"a code has up to {CODE} characters of a-z, 0-9 and -, and begins with none of the last"
        raise ValueError(msg)
    if text in RESERVED:
        msg = "this code is a path of the gateway's own"
        raise ValueError(msg)
    return text


def _name(text: str) -> str:
    if (name := Fields({"name": text}, Inspection()).text("name", CHANNEL_NAME)) is None:
        msg = f"a name has 1 to {CHANNEL_NAME} characters, and none that controls how text is shown"
        raise ValueError(msg)
    return name


def _locales(texts: Sequence[str]) -> list[str]:
    if not texts:
        msg = "a channel has at least one"
        raise ValueError(msg)
    return _each(_locale, texts)


def _locale(text: str) -> str:
    if (locale := locales.normalised(text)) is None:
        msg = "it names no language"
        raise ValueError(msg)
    return locale


def _landing_pages(given: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    found, wrong = dict[str, list[str]](), []
    for purpose, texts in given.items():
        try:
            its = _purpose(purpose)
            found[its] = _each(links.landing_page, texts)
        except ValueError as error:
            wrong.append(str(error))
    if wrong:
        raise ValueError("; ".join(wrong))
    return found


def _purpose(text: str) -> str:
    if text not in [*LinkPurpose]:
        msg = f"{text!r} is no purpose: write PURPOSE=PAGE, with one of {', '.join(LinkPurpose)}"
        raise ValueError(msg)
    return str(text)


def _each(rule: Callable[[str], str], texts: Iterable[str]) -> list[str]:
    found, wrong = [], []
    for text in texts:
        try:
            found.append(rule(text))
        except ValueError as error:
            wrong.append(f"{text!r}: {error}")
    if wrong:
        raise ValueError("; ".join(wrong))
    return list(dict.fromkeys(found))


def _password_min_length(length: int) -> int:
    if length not in _SHORTEST_PASSWORDS:
        msg = f"from {_SHORTEST_PASSWORDS[0]} to {_SHORTEST_PASSWORDS[-1]}"
        raise ValueError(msg)
    return length


def _sender_name(text: str | None) -> str | None:
    return None if text is None else _name(text)


def _sender_address(text: str | None) -> str | None:
    return None if text is None else str(EmailAddress.parse(text))


_RULES: Final[Mapping[str, Callable[[Any], object]]] = {
    "code": _code,
    "name": _name,
    "locales": _locales,
    "default_locale": _locale,
    "password_min_length": _password_min_length,
    "landing_pages": _landing_pages,
    "sender_name": _sender_name,
    "sender_email_address": _sender_address,
}
