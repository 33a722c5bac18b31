"""The home of the password policy: how long, which characters, how hard to guess. Pure."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from zxcvbn_rs_py import zxcvbn

from resolvers.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_LENGTH = 1024
"""Long enough for every passphrase, short enough that hashing and normalising cost nothing worth attacking."""

SAFELY_UNGUESSABLE = 3
"""zxcvbn's score from which an attacker who has the slow hash still fails: 10^8 guesses and more."""

# What a beginning makes hard to guess stays hard. The whole may take long, and holds the interpreter meanwhile: 100
# characters that all stand for letters (4@8({[<369&#!1|0$5+7%2) took a second, 24 of them 20 ms.
_JUDGED_LENGTH = 24
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
    words = {word.lower() for text in own_words for split in _OWN_WORDS for word in split.split(text) if word}
    return int(zxcvbn(password[:_JUDGED_LENGTH], sorted(words)).score)
