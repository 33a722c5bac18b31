r"""The home of long numbers in texts: runs of digits, of any script, with what people put between them. Pure.

Between two digits may stand one dot or slash, or up to three blanks and dashes (" - "), and anything without width. The
digits that stand together are a *group*.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

FEWEST: Final = 14
"""Digits that a run has at least."""

# \d is the decimal digits of all scripts; the others stand above or below the line, in circles, or before a dot.
_DIGITS = (
    r"\d\xb2\xb3\xb9\u1369-\u1371\u19da\u2070\u2074-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490\u24ea"
    r"\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\U00010a40-\U00010a43\U00010e60-\U00010e68"
    r"\U00011052-\U0001105a\U0001f100-\U0001f10a"
)
_DASHES = (
    r"\-_\u02d7\u058a\u05be\u1400\u1806\u2010-\u2015\u203f\u2040\u2043\u207b\u208b\u2212\u2796\u2e17\u2e1a\u2e3a\u2e3b"
    r"\u2e40\u2e5d\u301c\u3030\u30a0\ufe31\ufe32\ufe58\ufe63\uff0d\uff3f\U00010d6e\U00010ead"
)
_DOTS_AND_SLASHES = (
    r"./\\\xb7\u2022\u2024\u2027\u2044\u2215\u2219\u22c5\u3002\u30fb\ufe52\ufe68\uff0e\uff0f\uff3c\uff61\uff65"
)
# Formats (Cf), marks that are put over letters, and variation selectors.
_UNSEEN = (
    r"\xad\u0300-\u036f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u20d0-\u20f0\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
)


class _Script(NamedTuple):
    """The patterns for texts of some script."""

    run: re.Pattern[str]
    enough: re.Pattern[str]

    @classmethod
    def of(cls, digits: str, dots_and_slashes: str, dashes: str, unseen: str) -> Self:
        """Return those for the characters that are given. They are possessive: nothing is tried in two ways."""
        between = rf"{unseen}(?:(?:[{dots_and_slashes}]|(?:[\s{dashes}]{unseen}){{1,3}}+){unseen})?+"
        return cls(
            re.compile(rf"(?<![{digits}])[{digits}](?:{between}[{digits}]){{{FEWEST - 1},}}+"),
            re.compile(rf"(?:[^{digits}]*+[{digits}]){{{FEWEST}}}"),
        )


_ASCII = _Script.of("0-9", r"./\\", r"\-_", "")
_ANY = _Script.of(_DIGITS, _DOTS_AND_SLASHES, _DASHES, rf"[{_UNSEEN}]*+")
_EUROPEAN_OR_FAR = r"0-9\xb2\xb3\xb9\u0660-\U0010ffff"
# Looked up once: this is asked of every text of a million records.
_enough_in_ascii, _enough = _ASCII.enough.match, _ANY.enough.match
_perhaps_enough = re.compile(rf"(?:[^{_EUROPEAN_OR_FAR}]*+[{_EUROPEAN_OR_FAR}]){{{FEWEST}}}").match
"""Takes all characters from Arabic on for digits, and is quick with those before."""
_GROUP = re.compile(r"([0-9]++)([^0-9]*+)")
_DIGIT = re.compile(rf"[{_DIGITS}]")
_MARK = re.compile(rf"[{_DOTS_AND_SLASHES}]")
_WRITTEN = re.compile(rf"[\s{_DASHES}]")


class _InAscii(dict[int, int]):
    """What `str.translate` makes of each character: of a digit that of ASCII."""

    def __missing__(self, character: int) -> int:
        digit = unicodedata.digit(chr(character), None)
        self[character] = found = character if digit is None else ord("0") + digit
        return found


_IN_ASCII = _InAscii()


class Run(NamedTuple):
    """Digits that may be one number: their groups, in ASCII, and what stands behind each."""

    groups: Sequence[str]
    gaps: Sequence[str]

    def is_mixed(self, first: int, last: int) -> bool:
        """Tell whether dots or slashes stand beside other gaps between the *first* and the *last* group.

        Numbers with decimals, dates, and telephone numbers side by side are written so; nobody writes one number so.
        """
        marks = {found[0] if (found := _MARK.search(gap)) else "" for gap in self.gaps[first:last]}
        return len(marks) > 1

    def is_series(self, first: int, last: int) -> bool:
        """Tell whether the groups from the *first* to the *last* count up or down, as sizes and post codes do."""
        steps = {after - before for before, after in pairwise(map(int, self.groups[first : last + 1]))}
        return last - first > 1 and len(steps) == 1 and steps != {0}

    def is_written(self, first: int, last: int) -> bool:
        """Tell whether nothing but single blanks and dashes stand between the *first* and the *last* group."""
        return all(map(_WRITTEN.fullmatch, self.gaps[first:last]))


def has_enough(text: str) -> bool:
    """Tell whether *text* has as many digits as a run needs: nearly no text has, and this costs next to nothing."""
    if text.isascii():
        return _enough_in_ascii(text) is not None
    return _perhaps_enough(text) is not None and _enough(text) is not None


def runs(text: str) -> Iterator[Run]:
    """Yield the runs of *text*."""
    for found in (_ASCII if text.isascii() else _ANY).run.finditer(text):
        run = found[0] if found[0].isascii() else found[0].translate(_IN_ASCII)
        yield Run(*zip(*_GROUP.findall(run), strict=True))


def without_digits(text: str) -> str:
    """Return *text* with an x in place of each digit."""
    return _DIGIT.sub("x", text)


def count(text: str) -> int:
    """Return how many digits *text* has."""
    return len(_DIGIT.findall(text))
