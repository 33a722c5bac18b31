"""The home of the password policy: how long, which characters, how hard to guess. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from resolvers.rules import common_words
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 1024
"""Long enough for every passphrase, short enough that hashing and normalising cost nothing worth attacking."""

SAFELY_UNGUESSABLE = 3
"""zxcvbn's score from which an attacker who has the slow hash still fails: 10^8 guesses and more."""

# What a beginning makes hard to guess stays hard. The whole may take long, and holds the interpreter meanwhile: zxcvbn
# tries the combinations of all characters that may stand for letters, and 100 of them took a second.
_JUDGED_LENGTH = 24
_STAND_FOR_LETTERS = frozenset("4@8({[<369&#!1|0$5+7%2")
_MOST_STANDING_FOR_LETTERS = 10
"""Different ones. With 22 of them the worst 24 characters took 39 ms, with 10 they take 8."""
_AS_COMMON_AS_ENGLISH = [f"\0{rank}" for rank in range(100)]
"""Stand before common words of other languages, and in no password: zxcvbn takes the first words for the likeliest. It
knows `summer` as the 69th word. Without them it would take six letters of pure chance behind `sommer` for nothing."""
# Of hans.muster@corp.com: "hans.muster" and "corp.com", then each name.
_OWN_WORDS = (re.compile(r"[\s@]+"), re.compile(r"[\W_]+"))
_UNTYPEABLE = frozenset({"Cc", "Cs"})


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a channel asks of passwords."""

    min_length: int = 8
    strength_checked: bool = True


def normalised(password: str) -> str | None:
    """Return *password* as it is hashed, None if it can't be anybody's. NFC, as keyboards differ in how they type é."""
    if len(password) > MAX_LENGTH or not _typeable(password):
        return None
    composed = unicodedata.normalize("NFC", password)
    # NFC is not always shorter: U+1D15E becomes two characters.
    return composed if len(composed) <= MAX_LENGTH else None


def violations(password: str, policy: PasswordPolicy, own_words: Iterable[str] = ()) -> dict[ViolationCode, int | None]:
    """Return what *policy* has against *password*: the codes, each with its limit.

    *own_words* are what an attacker knows about the account: names, company, address.
    """
    composed = normalised(password)
    if composed is None:
        too_long = len(password) > MAX_LENGTH or _typeable(password)
        return {ViolationCode.TOO_LONG: MAX_LENGTH} if too_long else {ViolationCode.INVALID: None}
    if len(composed) < policy.min_length:
        return {ViolationCode.TOO_SHORT: policy.min_length}
    if policy.strength_checked and _score(composed, own_words) < SAFELY_UNGUESSABLE:
        return {ViolationCode.TOO_WEAK: None}
    return {}


def _typeable(password: str) -> bool:
    """Tell whether there are no control characters (PostgreSQL refuses NUL) and no lone surrogates (UTF-8 does)."""
    return all(unicodedata.category(character) not in _UNTYPEABLE for character in password)


def _score(password: str, own_words: Iterable[str]) -> int:
    # Its dictionaries are two megabytes, which a process that sets no password does not need.
    from zxcvbn_rs_py import zxcvbn  # noqa: PLC0415

    # The whole text, too: somebody's full address is three words, and passes as such.
    words = {
        word.lower()[:_JUDGED_LENGTH]
        for text in own_words
        for word in (text, *(part for split in _OWN_WORDS for part in split.split(text)))
        if word
    }
    judged = _beginning(password)
    return int(zxcvbn(judged, [*sorted(words), *_AS_COMMON_AS_ENGLISH, *common_words.those_in(judged)]).score)


def _beginning(password: str) -> str:
    """Return what is judged: as much as is cheap to judge."""
    different: set[str] = set()
    for end, character in enumerate(password[:_JUDGED_LENGTH]):
        different |= _STAND_FOR_LETTERS & {character}
        if len(different) > _MOST_STANDING_FOR_LETTERS:
            return password[:end]
    return password[:_JUDGED_LENGTH]
