"""The home of locales: which texts name one, how they are written, which of a channel's fits best. Pure."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from babel import Locale, UnknownLocaleError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Language, script and territory only; Babel itself would also take "de_DE.UTF-8" and "root".
_SHAPE = re.compile(r"[a-z]{2,3}(?:[_-][a-z]{4})?(?:[_-](?:[a-z]{2}|[0-9]{3}))?", re.ASCII | re.IGNORECASE)


@lru_cache(maxsize=1024)
def normalised(text: str) -> str:
    """Return *text* as it is stored: ``de-de`` becomes ``de_DE``. Raise `ValueError` if CLDR has no such locale."""
    if not _SHAPE.fullmatch(text):
        raise _not_a_locale()
    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise _not_a_locale() from None


def best_fit(locale: str | None, available: Sequence[str], default: str) -> str:
    """Return the one of *available* that serves a reader of *locale* best: itself, its language, else *default*.

    Among several of the language the *default* goes first, then the channel's order. Who names none gets the default.
    """
    if locale is None or locale in available:
        return locale or default
    language = locale.partition("_")[0]
    return next((other for other in (default, *available) if other.partition("_")[0] == language), default)


def _not_a_locale() -> ValueError:
    return ValueError("not a locale, such as de_CH")
