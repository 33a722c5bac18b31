"""The home of card numbers: whether a text holds the full number of a payment card, however it is spelled. Pure.

A number counts as one if it begins as an issuer's do, is as long as that issuer's are, and passes the Luhn check, which
one in ten does by chance. It begins and ends where a group of digits does: what stands beside it, such as the expiry or
a house number, hides nothing, and twenty digits in a row are no number of a card.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import accumulate, groupby
from typing import TYPE_CHECKING, Final

from resolvers.rules import digit_runs
from resolvers.rules.digit_runs import Run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

EXPLANATION: Final = "This holds a full card number. Leave it out, or mask it: 513659xxxxxx5354."

_ISSUERS: Final = (
    ("4", (16, 19)),  # Visa. Those of 13 digits are long gone, and every other EAN-13 begins with 4.
    ("5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720", (16,)),  # Mastercard
    ("3[47]", (15,)),  # American Express
    ("3(?:0[0-5]|095|[689])", (14, 16, 17, 18, 19)),  # Diners Club
    ("35(?:2[89]|[3-8])", (16, 17, 18, 19)),  # JCB
    ("62", (14, 15, 16, 17, 18, 19)),  # UnionPay, whose numbers for tests may be short
    # Discover, RuPay and Maestro. Maestro may have 12 digits, and nobody has seen a card with fewer than 16: numbers of
    # 12 and 13 digits are telephone numbers, and EANs of Britain, Denmark and China.
    ("6|50|5[6-8]", (16, 17, 18, 19)),
    ("8[12]", (16, 17, 18, 19)),  # UnionPay and RuPay
    ("220[0-4]", (16, 17, 18, 19)),  # Mir
    ("9792", (16,)),  # Troy
)
"""How numbers of cards begin, and how many digits they have."""
_ISSUER = re.compile("|".join(f"({beginning})" for beginning, _ in _ISSUERS))
_GROUPINGS: Final = {(4, 4, 4, 4), (4, 6, 5), (4, 4, 4, 4, 3), (4, 6, 4)}
"""How the numbers of cards are printed."""
_IN_LISTS: Final = frozenset({*range(3, 7), *range(14, 20)})
_LONGEST: Final = 32
"""Digits of a run. A longer one is a list of numbers, such as sizes: most have some that pass by chance, so that there
none counts but what stands in one group, or in those that are printed."""

_PLAIN = bytes(range(10)).rjust(58, b"\0").ljust(256, b"\0")
_DOUBLED = bytes((0, 2, 4, 6, 8, 1, 3, 5, 7, 9)).rjust(58, b"\0").ljust(256, b"\0")
"""What a digit of ASCII counts in the Luhn check."""

_MOST_DIGITS_OF_PHONES: Final = 15  # E.164
_PHONE = re.compile(r"[\s(]*+[+\uff0b0]")

_COUNTRIES: Final = {
    15: "NO", 16: "BE", 18: "DK FI FK FO GL NL", 19: "MK SI", 20: "AT BA EE KZ LT LU MN XK", 21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA", 23: "AE GI IL IQ OM SO TL", 24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST", 26: "IS TR", 27: "BI DJ FR GR IT MC MR SM", 28: "AL AZ BY CY DO GT HU LB NI PL SV",
    29: "BR EG PS QA UA", 30: "JO KW MU YE", 31: "MT SC", 32: "LC", 33: "RU",
}  # fmt: skip
_IBANS: Final = {country: length for length, countries in _COUNTRIES.items() for country in countries.split()}
"""How long the IBANs of a country are."""
# Hashes and ids in hexadecimal, and IBANs: their digits stand in a row, or in groups, by chance.
_OTHER_NUMBER = re.compile(
    r"(?<![^\W_])(?:(?:[0-9a-f]{32,}+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![^\W_])"
    r"|(?P<iban>[a-z]{2}\d\d(?:[ \xa0]?[0-9a-z]{4}){2,7}+(?:[ \xa0]?[0-9a-z]{1,3})?+))",
    re.ASCII | re.IGNORECASE,
)


# Groups as they are printed, with a mark of lists between them, alone or before a short group: an expiry. Whoever lists
# more numbers of four digits means no card.
_IN_LIST = re.compile(
    r"(?<!\d)(?<!\d{4}[,:;|\uff0c\uff1a\uff1b])\d{4}(?P<mark>[,:;|\uff0c\uff1a\uff1b])"
    r"(?:\d{4}(?P=mark)\d{4}(?P=mark)\d{4}(?:(?P=mark)\d{3})?|\d{6}(?P=mark)\d{4,5})(?!\d)(?!(?P=mark)\d{4})"
)


def in_free_text(text: str) -> bool:
    """Tell whether *text*, in which anything may stand, holds a card number."""
    if not digit_runs.has_enough(text):
        return False
    kept = _IN_LIST.sub(_with_blanks, _OTHER_NUMBER.sub(_unless_other, text))
    return any(_is_in(run) for run in digit_runs.runs(kept))


def in_phone_number(text: str) -> bool:
    """Tell whether *text* holds a card number where a telephone number should stand."""
    if not digit_runs.has_enough(text):
        return False
    is_phone = _PHONE.match(text) and digit_runs.count(text) <= _MOST_DIGITS_OF_PHONES
    return not is_phone and in_free_text(text)


def in_identifier(text: str) -> bool:
    """Tell whether *text*, which a system has assigned, is written as card numbers are printed, and holds one."""
    if not digit_runs.has_enough(text):
        return False
    return any(
        run.is_written(first, last)
        for run in digit_runs.runs(text)
        for first, last in _card_numbers(run.groups)
        if _is_printed_so(run.groups[first : last + 1])
    )


def blotted(text: str) -> str:
    """Return *text*, without its digits if it holds a card number."""
    return digit_runs.without_digits(text) if in_free_text(text) else text


def _unless_other(found: re.Match[str]) -> str:
    """Return what was *found*, less what is no card number whatever digits it has."""
    if not found["iban"]:
        return found[0] if found[0].isdigit() else "x"
    # The words behind an IBAN may look like groups of it.
    words = found[0].split()
    lengths = list(accumulate(map(len, words)))
    length = _IBANS.get(words[0][:2].upper(), 0)
    if length not in lengths:
        return found[0]
    end = lengths.index(length) + 1
    return " ".join(["x", *words[end:]]) if _passes_as_iban("".join(words[:end])) else found[0]


def _with_blanks(found: re.Match[str]) -> str:
    return found[0].replace(found["mark"], " ")


def _passes_as_iban(text: str) -> bool:
    """Tell whether *text* passes the check of ISO 7064 that IBANs have."""
    return int("".join(str(int(letter, 36)) for letter in text[4:] + text[:4])) % 97 == 1


def _is_in(run: Run) -> bool:
    """Tell whether a card number is among the groups of *run*."""
    is_list = sum(map(len, run.groups)) > _LONGEST
    return any(
        not piece.is_mixed(first, last) and not piece.is_series(first, last)
        for piece in (_pieces(run) if is_list else [run])
        for first, last in _card_numbers(piece.groups)
        if not is_list or first == last or _is_printed_so(piece.groups[first : last + 1])
    )


def _pieces(numbers: Run) -> Iterator[Run]:
    """Yield the parts of a list of *numbers* where the groups are as long as those that numbers of cards have."""
    for fits, found in groupby(zip(*numbers, strict=True), lambda pair: len(pair[0]) in _IN_LISTS):
        if fits:
            yield Run(*zip(*found, strict=True))


def _is_printed_so(groups: Sequence[str]) -> bool:
    return tuple(map(len, groups)) in _GROUPINGS


def _card_numbers(groups: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last group of each card number among *groups*."""
    digits = "".join(groups)
    bounds = [0, *accumulate(map(len, groups))]
    places = {bound: place for place, bound in enumerate(bounds)}
    sums = _luhn_sums(digits.encode())
    for place, start in enumerate(bounds):
        for length in _lengths_of(digits[start : start + 4]):
            end = start + length
            # Counted from the end, every second digit is doubled.
            if end in places and (sums[end % 2][end] - sums[end % 2][start]) % 10 == 0:
                yield place, places[end] - 1


@lru_cache(maxsize=10_000)
def _lengths_of(beginning: str) -> Sequence[int]:
    """Return how long numbers with this *beginning*, of four digits, are: none if it is no issuer's."""
    issuer = _ISSUER.match(beginning)
    return _ISSUERS[issuer.lastindex - 1][1] if issuer and issuer.lastindex else ()


def _luhn_sums(digits: bytes) -> tuple[list[int], list[int]]:
    """Return the Luhn sums of the first so many *digits*, with the even ones doubled and with the odd ones."""
    plain, doubled = digits.translate(_PLAIN), digits.translate(_DOUBLED)
    even, odd = bytearray(plain), bytearray(plain)
    even[::2], odd[1::2] = doubled[::2], doubled[1::2]
    return [0, *accumulate(even)], [0, *accumulate(odd)]
