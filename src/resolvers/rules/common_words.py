"""The home of words that people make passwords of in German, French and Italian, where zxcvbn knows English. Pure.

All of them count in every shop: people choose in their own language, whatever the shop speaks.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LISTS = Path(__file__).parent / "common_words"
_LANGUAGES = ("de", "fr", "it")
_JOINTS = ("", " ", "-", "_", ".")
_SPELLED_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae"})
# zxcvbn finds out what a sign stands for. What may stand for the same is one here, to look for words fast.
_ALIKE = str.maketrans("4@8({[<369&#!1|lt70$5+%2", "aabcccceggghiiiiiiossixz")


def those_in(password: str) -> list[str]:
    """Return the words that may stand in *password*, forward or backward, as they are written there, the longest first.

    Some may not, as it is read loosely: signs stand for letters.
    """
    read = password.lower().translate(_ALIKE)
    both = f"{read}\n{read[::-1]}"
    return [word for alike, words in _words().items() if alike in both for word in words]


@cache
def _words() -> Mapping[str, list[str]]:
    """Return all words in all their spellings, by what is alike."""
    found: dict[str, list[str]] = {}
    spellings = {spelling for word in _written() for spelling in _spellings(word)}
    for spelling in sorted(spellings, key=lambda each: (-len(each), each)):
        found.setdefault(spelling.translate(_ALIKE), []).append(spelling)
    return found


def _written() -> Iterator[str]:
    for language in _LANGUAGES:
        for line in (_LISTS / f"{language}.txt").read_text("utf-8").splitlines():
            if not line.startswith("#"):
                yield from line.split()


def _spellings(word: str) -> Iterator[str]:
    """Yield how *word* is typed: with its accents and umlauts, spelled out, and without; a phrase with any joints."""
    bare = "".join(each for each in unicodedata.normalize("NFKD", word) if not unicodedata.combining(each))
    for spelling in {word, word.translate(_SPELLED_OUT), bare, bare.translate(_SPELLED_OUT)}:
        for joint in _JOINTS if "+" in word else ("",):
            yield spelling.replace("+", joint)
            yield spelling.replace("+", joint).replace("'", "")
