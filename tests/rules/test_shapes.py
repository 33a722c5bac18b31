"""What stands where something else should is told by its class, and never repeated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules.shapes import shape_of

SHAPES: dict[str, tuple[object, ...]] = {
    "a whole number": ("12", "-3", " 7 "),
    "a number with decimals": ("19.90", "-0.5"),
    "a number with a comma": ("19,90", "1.234,50", "-1'000,00", "1 234,5"),
    "a number with separators": ("1,234.50", "1'234.50", "1 234", "1_000"),
    "a number with an exponent": ("1e3", "1.5E-7"),
    "a number with another sign than - in front": ("+5", "\u22125.00", "- 5", "\u20135"),
    "a number with a unit or a currency": ("CHF 19.90", "19.90 €", "$5", "7.7%", "2 kg"),
    "a date without a time": ("2024-02-28", "2024-2-8"),
    "a time without Z or an offset": ("2024-02-28T10:00:00", "2024-02-28 10:00", "2024-02-28 10:00:00.123"),
    "a time of a day or an hour that is none": ("2024-02-30T10:00:00Z", "2024-02-28T25:00:00+01:00"),
    "a date in another spelling": ("28.02.2024", "2/28/24", "28.2.2024 10:00", "2024/02/28"),
    "a yes or no": ("yes", "FALSE"),
    "a text with an @": ("a@b.ch",),
    "an address that begins with http://": ("http://shop.example/1.pdf",),
    "such an address with a blank, a backslash or a name in it": (
        "https://a@shop.example/",
        "https://shop.example/a b",
    ),
    "a word": ("shipped", "Switzerland"),
    "a text of several words": ("partly shipped", "on-hold"),
    "another text": ("Zoë", "#1"),
    "a text with what can't be seen": ("a\u200bb", "12\u00a0", "x\ty"),
    "a long text": ("x" * 101, "@" * 200),
    "true or false": (True, False),
    "a JSON number": (1, 1.5, -0.0),
    "a list": ([], ["a"]),
    "nothing": (None,),
    "an object": ({}, {"a": 1}),
}


@pytest.mark.parametrize(("shape", "value"), [(shape, value) for shape, values in SHAPES.items() for value in values])
def test_a_value_is_named_by_its_class(shape: str, value: object) -> None:
    assert shape_of(value) == shape


@given(st.text() | st.from_regex(r"[-+0-9.,'e: TZ]{1,40}", fullmatch=True))
def test_whatever_it_is_has_a_name_that_repeats_nothing(text: str) -> None:
    assert shape_of(text) in SHAPES


def test_a_text_of_any_length_is_told_at_once() -> None:
    """Whatever the patterns: strangers send texts of a million characters."""
    assert {shape_of(piece * 500_000 + " x") for piece in ("@", "1,", "a ", "2 ", "0-")} == {"a long text"}
