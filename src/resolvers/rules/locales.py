"""The home of locales: which texts name one, how they are written, which of a channel's fits best. Pure.

A locale is a preference: it picks what fits best, and shuts nobody out. Of a tag as browsers and shops send them, such
as ``de-FR-1996-u-co-phonebk``, counts as much as CLDR knows: ``de``.
"""

from __future__ import annotations

import re
from contextlib import suppress
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from babel import Locale
from babel.core import get_global
from babel.localedata import locale_identifiers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

UNDETERMINED = "und"
_MAX_LENGTH = 200
_WEIGHT = re.compile(r"\s*[qQ]=([01](?:\.\d{0,3})?)\s*")
_LETTERS_OF_SCRIPT = 4
# The langtag of BCP 47 (RFC 5646, 2.1), in lower case: what follows the region chooses no locale of CLDR.
_TAG = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-[a-z]{3}){0,3}"
    r"(?:-(?P<script>[a-z]{4}))?"
    r"(?:-(?P<territory>[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3}))*"
    r"(?:-[0-9a-wy-z](?:-[a-z0-9]{2,8})+)*"
    r"(?:-x(?:-[a-z0-9]{1,8})+)?"
)
_IRREGULAR = {
    "en-gb-oed": "en-gb",
    "i-klingon": "tlh",
    "i-lux": "lb",
    "i-navajo": "nv",
    **{f"i-{language}": language for language in ("ami", "bnn", "hak", "pwn", "tao", "tay", "tsu")},
}
"""Tags that BCP 47 has kept from before its grammar, with what they mean."""
_NO_LANGUAGES = {UNDETERMINED, "mis", "mul", "zxx", "root"}


def normalised(text: str) -> str | None:
    """Return the locale that *text* is cut down to until CLDR knows it, as it is stored: of ``de-fr`` stays ``de``.

    None if it says itself that the language is not determined: that is as good as none. Raise `ValueError` if it names
    no language.
    """
    if len(text) > _MAX_LENGTH or not text.isascii():
        raise _not_a_locale()
    return _normalised(text.lower().replace("_", "-"))


def best_fit(locale: str | None, available: Sequence[str], default: str) -> str:
    """Return the one of *available* that serves a reader of *locale* best: itself, its language, else *default*.

    Among several of the language those in its script go first, then the *default*, then the channel's order. Who names
    none gets the default.
    """
    if locale is None or locale in available:
        return locale or default
    language, script = _language_and_script(locale)
    spoken = [
        (other_script == script, other)
        for other in (default, *available)
        for other_language, other_script in (_language_and_script(other),)
        if other_language == language
    ]
    return next((other for is_read, other in spoken if is_read), spoken[0][1] if spoken else default)


def asked_for(accept_language: str) -> list[str]:
    """Return the locales that a header asks for, the most wanted first (RFC 9110, 12.5.4); what is none is left out."""
    asked = [part.partition(";") for part in accept_language[:_MAX_LENGTH].split(",")]
    found = []
    for tag, _semicolon, weight in sorted(asked, key=lambda part: -_weight_of(part[2])):
        with suppress(ValueError):
            if _weight_of(weight) and (locale := normalised(tag.strip())):
                found.append(locale)
    return found


def first_fit(wanted: Iterable[str], available: Sequence[str]) -> str:
    """Return which of *available* fits the first locale of *wanted* whose language it speaks; else its first one."""
    return next((fit for locale in wanted if (fit := best_fit(locale, available, ""))), available[0])


def _weight_of(parameter: str) -> float:
    found = _WEIGHT.fullmatch(parameter)
    return float(found[1]) if found else 1.0


@lru_cache(maxsize=1024)  # of what is not longer than `_MAX_LENGTH`
def _normalised(tag: str) -> str | None:
    found = _TAG.fullmatch(_IRREGULAR.get(tag, tag))
    if not found:
        raise _not_a_locale()
    language, script, territory = found["language"], found["script"], found["territory"]
    if language == UNDETERMINED:
        return None
    # An alias may say more than the language: sh is Serbian in Latin letters.
    alias: str = get_global("language_aliases").get(language, language)
    language, *rest = alias.split("_")
    its_script, its_territory = _script_and_territory(rest)
    script, territory = (script or its_script).title(), (territory or its_territory).upper()
    territory = get_global("territory_aliases").get(territory, [territory])[0]
    known = _known_locales()
    if fit := next((cut for cut in _cuts(language, script, territory) if cut in known), None):
        return fit
    if language not in _languages():
        raise _not_a_locale()
    return language


def _cuts(language: str, script: str, territory: str) -> Iterator[str]:
    """Yield what a tag may be cut down to; CLDR leaves out the script that a language is written in anyway."""
    usual = _usual_script(language, territory)
    if script in {"", usual}:
        yield _joined(language, territory)
        yield _joined(language, usual, territory)
    yield _joined(language, script, territory)
    if script != _usual_script(language, ""):
        yield _joined(language, script)
    yield language


@lru_cache(maxsize=1024)
def _language_and_script(locale: str) -> tuple[str, str]:
    """Return what a reader of *locale* reads; Bokmål and Nynorsk are Norwegian."""
    language, *rest = locale.split("_")
    script, territory = _script_and_territory(rest)
    parent = get_global("parent_exceptions").get(language, language)
    return parent if "_" not in parent and parent != "root" else language, script or _usual_script(language, territory)


def _usual_script(language: str, territory: str) -> str:
    likely: Mapping[str, str] = get_global("likely_subtags")
    found = likely.get(_joined(language, territory)) or likely.get(language) or ""
    return _script_and_territory(found.split("_")[1:])[0]


def _script_and_territory(subtags: Sequence[str]) -> tuple[str, str]:
    """Return those among the *subtags* behind a language; what is not there is empty."""
    scripts = [subtag for subtag in subtags if len(subtag) == _LETTERS_OF_SCRIPT]
    return "".join(scripts[:1]), "".join([subtag for subtag in subtags if subtag not in scripts][:1])


def _joined(*parts: str) -> str:
    return "_".join(part for part in parts if part)


@cache
def _known_locales() -> frozenset[str]:
    return frozenset(locale_identifiers()) - _NO_LANGUAGES


@cache
def _languages() -> frozenset[str]:
    """Return the languages that CLDR can name or write, which are more than it has locales for."""
    likely = {tag.partition("_")[0] for tag in get_global("likely_subtags")}
    return frozenset(likely | Locale("en").languages.keys()) - _NO_LANGUAGES


def _not_a_locale() -> ValueError:
    return ValueError("not a locale, such as de_CH")
