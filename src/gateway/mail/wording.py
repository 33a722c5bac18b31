"""The home of wording: what a letter says in the language of who gets it, word by word the same in HTML and in text."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from babel.dates import UTC, format_date, format_time, get_timezone, get_timezone_gmt, get_timezone_name

from resolvers.mails.letter import Form
from resolvers.rules.locales import best_fit

if TYPE_CHECKING:
    from resolvers.mails.letter import Letter

LANGUAGES: Final = ("en", "de", "fr", "it")
_TEXTS: Final = Path(__file__).parent / "texts"
_WITHOUT_SHARP_S: Final = ("_CH", "_LI")
_LINKED_BY_MAIL_PROGRAMS: Final = re.compile(r"[.@]")
_WORD_JOINER: Final = "\u2060"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """A letter in words. All of it is plain text."""

    language: str
    """A tag of BCP 47."""
    shop: str
    subject: str
    greeting: str
    paragraphs: tuple[str, ...]
    link: str | None
    button: str | None
    """What to press to follow it; None without a link, like the next."""
    until: str | None
    """How long it works."""
    paste: str
    """What to do with it where the button doesn't work."""
    otherwise: str
    """What to do if it was somebody else."""
    farewell: str
    why: str
    """Why it was sent."""


def worded(letter: Letter) -> Wording:
    """Put *letter* into words. Raise `KeyError` if it lacks what its theme speaks of."""
    language = best_fit(letter.locale, LANGUAGES, "en")
    # A Spanish date has no place in an English sentence.
    locale = letter.locale if letter.locale.partition("_")[0] == language else language
    texts = _texts(language, swiss=locale.endswith(_WITHOUT_SHARP_S))
    theme = texts[letter.theme]
    known = _known(letter, locale, texts["untold"])
    has_link = "button" in theme
    return Wording(
        language=locale.replace("_", "-"),
        shop=known["shop"],
        subject=theme["subject"].format_map(known),
        greeting=texts["greeting" if "name" in known else "hello"].format_map(known),
        paragraphs=tuple(text.format_map(known) for text in theme["paragraphs"]),
        link=known["link"] if has_link else None,
        button=theme["button"] if has_link else None,
        until=texts["until"].format_map(known) if has_link else None,
        paste=texts["paste"],
        otherwise=theme["otherwise"].format_map(known),
        farewell=texts["farewell"],
        why=theme["why"].format_map(known),
    )


def one_line(text: str) -> str:
    """Return *text* without controls, line ends and what turns the direction of writing: fit for a header."""
    visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text)
    # Encoded words of RFC 2047 bring them in again.
    return " ".join(visible.replace("=?", "= ?").split())


def _known(letter: Letter, locale: str, untold: str) -> dict[str, str]:
    """Return what the texts may speak of; what a form does not tell, or nobody shall read, is *untold*."""
    # Mails that an earlier version has begun say nothing of their form.
    form = letter.form or Form(letter.written_at, None)
    known = {
        "shop": one_line(letter.shop),
        "name": one_line(letter.name or "") or None,
        "form_name": one_line(letter.name or "") or untold,
        "filled": _moment(form.filled_at, letter.time_zone, locale),
        "network": _unlinked(form.network or untold),
        "link": letter.link,
        "written": _moment(letter.written_at, letter.time_zone, locale),
        "until": _moment(letter.expires_at, letter.time_zone, locale) if letter.expires_at else None,
        "other_address": _unlinked(letter.other_address) if letter.other_address else None,
    }
    return {name: text for name, text in known.items() if text is not None}


@cache
def _texts(language: str, *, swiss: bool) -> dict[str, Any]:
    text = (_TEXTS / f"{language}.toml").read_text("utf-8")
    return tomllib.loads(text.replace("ß", "ss") if swiss else text)


def _moment(moment: datetime, time_zone: str, locale: str) -> str:
    """Return such as 24. November 2026, 21:05 MEZ."""
    try:
        zone = get_timezone(time_zone)
    except LookupError:  # a name that IANA has dropped since
        zone = UTC
    local = moment.astimezone(zone)
    name = get_timezone_name(local, "short", locale=locale)
    if not name[0].isalpha():  # many zones have no short name in many languages: +0900
        name = get_timezone_gmt(local, "long", locale=locale)
    return f"{format_date(local, 'long', locale=locale)}, {format_time(local, 'short', locale=locale)} {name}"


def _unlinked(address: str) -> str:
    """Return an address of which no mail program makes a link: a stranger may have chosen it."""
    return _LINKED_BY_MAIL_PROGRAMS.sub(rf"\g<0>{_WORD_JOINER}", one_line(address))
