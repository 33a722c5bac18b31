"""The home of made-up numbers: valid ones of cards, spelled in all ways, and others that look like them."""

from __future__ import annotations

from hypothesis import strategies as st

PUBLISHED = {
    "Visa": ["4111111111111111", "4012888888881881", "4242424242424242", "4000056655665556", "4988438843884305"],
    "Mastercard": ["5555555555554444", "5105105105105100", "2223003122003222", "2720994326581252"],
    "American Express": ["378282246310005", "371449635398431", "378734493671000", "343434343434343"],
    "Discover": ["6011111111111117", "6011000990139424", "6445644564456445", "6510000000000067"],
    "UnionPay": ["6212345678901265", "6200000000000005", "62123456789002", "8171999927660000"],
    "JCB": ["3530111333300000", "3566002020360505", "3569990010095841"],
    "Diners Club": ["30569309025904", "38520000023237", "36227206271667", "36006666333344", "3056930009020004"],
    "Maestro": ["6759649826438453", "6799990100000000019", "5000550000000029", "6304000000000000", "5018000000000009"],
    "Mir": ["2200000000000053"],
}
"""Numbers that the schemes, or those who process payments for them, publish for tests."""

BRANDS = {
    "Visa": (["4"], [16, 19]),
    "Mastercard": (["51", "55", "2221", "2300", "2720"], [16]),
    "American Express": (["34", "37"], [15]),
    "Discover": (["6011", "644", "649", "65"], [16, 17, 18, 19]),
    "UnionPay": (["62", "81"], [16, 17, 18, 19]),
    "JCB": (["3528", "3530", "3589"], [16, 17, 18, 19]),
    "Diners Club": (["300", "305", "3095", "36", "38", "39"], [14, 16, 19]),
    "Maestro": (["50", "56", "58", "6304", "6759", "67"], [16, 17, 18, 19]),
}
"""How numbers begin, and how long they are."""

_ZEROS = "0\u0660\u0966\u0e50\uff10\U0001d7ce"
"""Of scripts with decimal digits; the last are mathematical."""
_SEPARATORS = [
    " ",
    "\xa0",
    "\u2009",
    "\u3000",
    "\n",
    "-",
    "\u2011",
    "\u2013",
    "\u2212",
    " - ",
    "\u200b",
    "\u00ad",
    "\ufeff",
]
"""May stand beside one another in a number; dots and slashes stand alone."""


@st.composite
def numbers(draw: st.DrawFn) -> str:
    """Draw a valid number of a card."""
    beginnings, lengths = draw(st.sampled_from(list(BRANDS.values())))
    beginning, length = draw(st.sampled_from(beginnings)), draw(st.sampled_from(lengths))
    size = length - 1 - len(beginning)
    return with_luhn_digit(beginning + draw(st.text("0123456789", min_size=size, max_size=size)))


@st.composite
def spelled(draw: st.DrawFn, digits: str) -> str:
    """Draw a way to write *digits*: in a script, with separators anywhere or nowhere."""
    zero = ord(draw(st.sampled_from(_ZEROS)))
    between = draw(st.sampled_from([_SEPARATORS, ["."], ["\uff0e"], ["/"]]))
    gaps = draw(st.lists(st.sampled_from(["", "", *between]), min_size=len(digits) - 1, max_size=len(digits) - 1))
    return "".join(chr(zero + int(digit)) + gap for digit, gap in zip(digits, [*gaps, ""], strict=True))


def with_luhn_digit(digits: str) -> str:
    """Return *digits* and the one behind them with which they pass."""
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[::-2])
    return f"{digits}{-(doubled + sum(map(int, digits[-2::-2]))) % 10}"


def with_gtin_digit(digits: str) -> str:
    """Return *digits* and the one behind them that makes an EAN, UPC, GTIN or ISBN of them."""
    return f"{digits}{-(3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))) % 10}"


def iban(country: str, account: str) -> str:
    """Return the IBAN of an *account*."""
    digits = "".join(str(int(letter, 36)) for letter in f"{account}{country}00")
    return f"{country}{98 - int(digits) % 97:02}{account}"


def in_groups(digits: str, *lengths: int, by: str = " ") -> str:
    """Return *digits* in groups of these *lengths*, the last one of what is left."""
    groups, rest = [], digits
    for length in lengths:
        groups.append(rest[:length])
        rest = rest[length:]
    return by.join(filter(None, [*groups, rest]))
