"""A full number of a card is found however it is spelled, and nothing else is taken for one."""

from __future__ import annotations

import re
import unicodedata
from itertools import chain
from sys import maxunicode
from time import perf_counter
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from resolvers.rules.card_numbers import blotted, in_free_text, in_identifier, in_phone_number
from resolvers.rules.digit_runs import has_enough
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection
from resolvers.rules.texts import FREE_TEXT, IDENTIFIER, PHONE_NUMBER, Kind
from resolvers.rules.violations import Violation, ViolationCode
from tests.rules.cards import (
    PUBLISHED,
    iban,
    in_groups,
    numbers,
    spelled,
    with_gtin_digit,
    with_luhn_digit,
)

VISA = "4111111111111111"
ALL_PUBLISHED = list(chain.from_iterable(PUBLISHED.values()))

words = st.text("abcdefghijklmnopqrstuvwxyz\xe4\u00e9\u0416\u4e2d,;:!?()", max_size=12)


def of(size: int) -> st.SearchStrategy[str]:
    """Draw so many digits."""
    return st.text("0123456789", min_size=size, max_size=size)


# ── What is found ─────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("number", ALL_PUBLISHED)
def test_the_numbers_that_schemes_publish_for_tests_are_found(number: str) -> None:
    assert in_free_text(number)
    assert in_free_text(in_groups(number, 4, 4, 4, 4))
    assert in_free_text(in_groups(number, 4, 6, by="-"))
    assert in_free_text(f"my card {number} exp 12/24")


@given(data=st.data(), before=words, after=words)
def test_a_number_is_found_however_it_is_spelled_and_between_whatever_words(
    data: st.DataObject, before: str, after: str
) -> None:
    text = data.draw(spelled(data.draw(numbers())))

    assert in_free_text(f"{before}{text}{after}")
    assert in_free_text(f"{before} {text} {after}")


@given(
    data=st.data(),
    before=st.sampled_from(["", "12 ", "Bahnhofstrasse 7a ", "8001 ", "1-"]),
    after=st.sampled_from(["", " 12/24", " 12/2024", " 123", "-123", "/123", "\n12 24 123", ".", ", 044"]),
)
def test_a_number_is_found_beside_other_groups_of_digits(data: st.DataObject, before: str, after: str) -> None:
    number = data.draw(numbers())
    by = data.draw(st.sampled_from([" ", "-", "\xa0"]))
    for text in (number, in_groups(number, 4, 4, 4, 4, by=by), in_groups(number, 4, 6, by=by)):
        assert in_free_text(f"{before}{text}{after}")


@given(number=numbers(), before=st.lists(of(2), max_size=40), after=st.lists(of(2), max_size=40))
def test_a_number_is_found_among_many_others_if_it_stands_in_one_piece_or_is_printed_so(
    number: str, before: list[str], after: list[str]
) -> None:
    for text in (number, in_groups(VISA, 4, 4, 4), in_groups("378282246310005", 4, 6)):
        assert in_free_text(" ".join([*before, text, *after]))


def test_every_blank_dash_and_format_of_unicode_may_stand_between_digits() -> None:
    separators = [chr(code) for code in range(maxunicode + 1) if unicodedata.category(chr(code)) in {"Zs", "Pd", "Cf"}]

    assert [found for found in separators if not in_free_text(in_groups(VISA, 4, 4, 4, by=found))] == []
    assert len(separators) > 200


def test_every_digit_of_unicode_is_read() -> None:
    by_value: dict[int, list[str]] = {}
    for character in filter(str.isdigit, map(chr, range(maxunicode + 1))):
        by_value.setdefault(unicodedata.digit(character), []).append(character)

    ones, fours = by_value[1], by_value[4]
    assert [one for one in ones if not in_free_text(f"4{one * 15}")] == []
    assert [four for four in fours if not in_free_text(f"{four}{'1' * 15}")] == []


@given(
    number=numbers(),
    mark=st.sampled_from(",:;|\uff0c"),
    before=st.sampled_from(["", "card ", "card:", "1,"]),
    behind=st.sampled_from(["", " 12/28", ",12/28", ",123", "."]),
)
def test_a_number_is_found_as_a_list_of_its_printed_groups(number: str, mark: str, before: str, behind: str) -> None:
    printed = {16: (4, 4, 4, 4), 15: (4, 6, 5), 19: (4, 4, 4, 4, 3), 14: (4, 6, 4)}
    assume(len(number) in printed and mark not in before + behind)

    assert in_free_text(f"{before}{in_groups(number, *printed[len(number)], by=mark)}{behind}")


@pytest.mark.parametrize(
    "text",
    [
        "4\ufe0f\u20e3" + "1\ufe0f\u20e3" * 15,
        "4111 - 1111 - 1111 - 1111",
        "4111  1111  1111  1111",
        "4111\r\n1111\r\n1111\r\n1111",
        "41 11 11 11 11 11 11 11",
        "CH" + VISA,
        f"https://shop.example/?card={VISA}&cvc=123",
        f"{VISA}\u200b123",
        f"99999999999999999999 {VISA}",
    ],
)
def test_a_number_is_found_in(text: str) -> None:
    assert in_free_text(text)


# ── What is not ───────────────────────────────────────────────────────────────────────────────────


@given(number=numbers(), by=st.integers(1, 9))
def test_with_one_digit_changed_it_is_no_number_of_a_card(number: str, by: int) -> None:
    for place, digit in enumerate(number):
        assert not in_free_text(f"{number[:place]}{(int(digit) + by) % 10}{number[place + 1 :]}")


@given(number=numbers(), by=st.sampled_from("xX*\u2022#"), gap=st.sampled_from(["", " ", "-"]))
def test_what_is_masked_is_taken(number: str, by: str, gap: str) -> None:
    masked = f"{number[:6]}{by * (len(number) - 10)}{number[-4:]}"

    assert not in_free_text(in_groups(masked, 4, 4, 4, 4, by=gap))
    assert not in_free_text(in_groups(f"{by * 12}{number[-4:]}", 4, 4, 4, by=gap))


@given(number=numbers(), more=of(6))
def test_no_number_is_found_in_a_longer_one(number: str, more: str) -> None:
    assert not in_free_text(f"{more}{number}")
    assert not in_free_text(f"{number}{more}")


@pytest.mark.parametrize(
    "text",
    [
        "36 37 38 39 40 41 42 43 44 45 46",
        "30/31/32/33/34/35/36/37/38",
        "4000 4001 4002 4003 4004",
        "47.3768866 8.5416940",
        "12.50 13.90 4.50 41.05 61.20",
        "30.05.2024 - 12.06.2024",
        "30.05.2024-31.05.2024",
        "044 668 18 00/079 123 45 67",
        "+41 44 668 18 00, +41 79 123 45 67",
        "2024-05-31 12:30:00.123456",
        "1200,4111,1111,1111,1111",
        "4111,1111,1111,1111,2750",
        "4111, 1111, 1111, 1111",
    ],
)
def test_lists_coordinates_prices_dates_and_telephones_are_taken(text: str) -> None:
    assert not in_free_text(text)


@given(
    account=st.one_of(
        st.tuples(st.just("CH"), of(17)),
        st.tuples(st.just("DE"), of(18)),
        st.tuples(st.just("AT"), of(16)),
        st.tuples(st.just("DK"), of(14)),
        st.tuples(st.just("FR"), of(23)),
    )
)
def test_an_iban_is_taken_however_it_is_printed(account: tuple[str, str]) -> None:
    found = iban(*account)

    assert not in_free_text(f"IBAN {found}")
    assert not in_free_text(f"{in_groups(found, *[4] * 8)} Bank of Nowhere, {found}")
    assert in_free_text(f"{in_groups(found, *[4] * 8)} 4111 1111 1111 1111")
    assert not in_free_text(in_groups(found, *[4] * 8))
    assert not in_free_text(in_groups(found.lower(), *[4] * 8, by="\xa0"))


@given(text=st.uuids().map(str) | st.binary(min_size=16, max_size=16).map(bytes.hex))
@example(text="41111111-1111-4111-8171-999927660000")
@example(text="a4111111111111111b0123456789abcd")
def test_an_id_or_hash_in_hexadecimal_is_taken(text: str) -> None:
    assume(not text.replace("-", "").isdigit())
    assert not in_free_text(text)
    assert not in_free_text(f"id={text.upper()};")


# ── Kinds of fields ───────────────────────────────────────────────────────────────────────────────


@given(body=of(11) | of(12) | of(13) | of(9).map(lambda body: f"978{body}"))
def test_an_ean_upc_gtin_or_isbn_is_taken_as_an_identifier(body: str) -> None:
    number = with_gtin_digit(body)

    assert not in_identifier(number)
    assert not in_identifier(in_groups(number, 1, 6, 6))
    assert not in_identifier(in_groups(number, 3, 1, 2, 6, by="-"))
    assert not in_identifier(f"https://shop.example/images/{number}/{number}.jpg")
    assert in_free_text(number) <= (len(number) == 14)


@given(number=numbers())
def test_an_identifier_is_refused_only_where_it_is_written_as_a_number_of_a_card(number: str) -> None:
    printed = {14: (4, 6), 15: (4, 6), 16: (4, 4, 4), 19: (4, 4, 4, 4)}.get(len(number))

    assert not in_identifier(number)
    assert not in_identifier(in_groups(number, 2, 5))
    assert printed is None or all(
        in_identifier(f"A-{in_groups(number, *printed, by=by)}/7") for by in (" ", "-", "\u2011", "\xa0")
    )
    assert printed is None or not in_identifier(in_groups(number, *printed, by="."))


@given(subscriber=of(14), gap=st.sampled_from(" -./"), data=st.data())
@settings(max_examples=30)
def test_a_telephone_number_of_every_country_is_taken(subscriber: str, gap: str, data: st.DataObject) -> None:
    length = data.draw(st.integers(7, 15))
    for code in map(str, range(1, 1000)):
        number = with_luhn_digit(f"{code}{subscriber}"[: length - 1])
        for text in (
            f"+{number}",
            f" (+{code}) {number[len(code) :]}",
            f"+{in_groups(number, len(code), 2, 3, 2, 2, by=gap)}",
            f"+{code} (0){number[len(code) :]}"[:17],
            f"00{number}"[:15],
            f"(0{number[:3]}) {number[3:14]}",
        ):
            assert not in_phone_number(text)


@given(number=numbers())
def test_a_number_of_a_card_is_refused_as_a_telephone_number(number: str) -> None:
    assert in_phone_number(number)
    assert in_phone_number(in_groups(number, 4, 4, 4, 4))
    assert in_phone_number(f"044 {number}")
    assert len(number) <= 15 or in_phone_number(f"+{number}")


KINDS = {
    "free text": (FREE_TEXT, [VISA, in_groups(VISA, 4, 4, 4)], ["4006381333931", "+41 44 668 18 00"]),
    "telephone number": (PHONE_NUMBER, [VISA, f"+{VISA}"], ["+378282246310005", "044 668 18 00/079 123 45 67"]),
    "identifier": (IDENTIFIER, [in_groups(VISA, 4, 4, 4)], [VISA, "4006381333931", "5105-1051-05105100"]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_field_is_refused_in_words_that_do_not_repeat_it(kind: str) -> None:
    tells, wrong, right = KINDS[kind]
    for text in wrong:
        [violation] = violations_of(text, tells)
        assert (violation.field, violation.code) == (("it",), ViolationCode.NOT_ALLOWED)
        assert violation.message == "This holds a full card number. Leave it out, or mask it: 513659xxxxxx5354."
    for text in right:
        assert violations_of(text, tells) == []


def violations_of(text: str, kind: Kind) -> list[Violation]:
    inspection = Inspection()
    found = Fields({"it": text}, inspection).text("it", 100, kind)
    assert found == (None if inspection.violations else text)
    return list(inspection.violations)


@pytest.mark.parametrize("value", [f"{VISA}@example.com", f"a@{VISA}.example", "4111-1111-1111-1111@example.com"])
def test_an_address_is_no_place_for_one(value: str) -> None:
    inspection = Inspection()

    assert Fields({"it": value}, inspection).email_address("it") is None
    assert [violation.code for violation in inspection.violations] == [ViolationCode.NOT_ALLOWED]


def test_one_of_several_texts_is_refused_at_its_place() -> None:
    inspection = Inspection()
    Fields({"it": ["club", VISA]}, inspection).texts("it", 40, 5)

    assert [(violation.field, violation.code) for violation in inspection.violations] == [
        (("it", "1"), ViolationCode.NOT_ALLOWED)
    ]


@pytest.mark.parametrize(
    ("value", "is_taken"),
    [
        (int(VISA), False),
        (-int(VISA), False),
        (float(VISA), False),
        ([{"a": [VISA]}], False),
        ({"a": {VISA: None}}, False),
        ({"card": "4111\n1111\n1111\n1111"}, False),
        ({"\uff14" + "\uff11" * 15: 1}, False),
        (float(VISA) + 0.5, False),
        ({"card": ["4111", "1111", "1111", "1111"]}, False),
        ({"card": ["3782", "822463", "10005", "12/28"]}, False),
        ({"figures": [4500, 3200, 1800, 2750]}, True),
        ({"figures": ["4111", "1111", "1111", "1111", "1111"]}, True),
        (float(VISA) / 1e16, True),
        (int(VISA) + 1, True),
        ({"a": "4111", "b": ["1111", "1111", 1111]}, True),
        ({"at": [47.37688659999999, 8.541693999999999], "ean": 4006381333931, "mask": "513659xxxxxx5354"}, True),
        ([True, None, 1e300, "x" * 1000], True),
    ],
)
def test_custom_data_is_looked_through_with_its_numbers_and_its_names(value: Any, is_taken: bool) -> None:  # noqa: FBT001 - a table
    inspection = Inspection()
    kept = Fields({"customData": value}, inspection).json("customData")

    assert kept == (value if is_taken else None)
    expected = [] if is_taken else [ViolationCode.NOT_ALLOWED]
    assert [violation.code for violation in inspection.violations] == expected


# ── How it is found ───────────────────────────────────────────────────────────────────────────────


@given(data=st.data(), before=words, after=words)
def test_what_is_blotted_tells_no_number(data: st.DataObject, before: str, after: str) -> None:
    text = f"{before}{data.draw(spelled(data.draw(numbers())))}{after}"

    assert not any(map(str.isdigit, blotted(text)))
    assert re.sub(r"\d", "x", text) == blotted(text)


@given(text=st.text("0123456789", max_size=13).map(lambda number: f"Bahnhofstrasse {number}"))
def test_what_holds_none_is_not_blotted(text: str) -> None:
    assert blotted(text) == text


@given(text=st.text("0123456789\u0661\xb2 x\xe4.", max_size=40))
def test_what_has_too_few_digits_is_told_at_once(text: str) -> None:
    assert has_enough(text) == (sum(map(str.isdigit, text)) >= 14)


HOSTILE = {
    "groups of one": "6 ",
    "groups of four": "6666 ",
    "numbers that fail": f"{int(VISA) + 1} ",
    "short runs": "6 " * 16 + "x",
    "no run": "1234567890123x",
    "one run": "4",
    "blanks": "1" + " " * 99,
    "no width": "1" + "\u200b" * 99,
    "another script": "\u0664 ",
    "accounts": "AA11 ",
    "hexadecimal": "deadbeef12345678",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_the_time_grows_with_the_length_of_a_text_and_no_faster(name: str) -> None:
    def seconds(length: int, times: int) -> float:
        text = (HOSTILE[name] * length)[:length]
        assert not in_free_text(text)
        began = perf_counter()
        for _ in range(times):
            in_free_text(text)
        return perf_counter() - began

    assert any(seconds(65_536, 1) < 4 * seconds(4_096, 16) for _ in range(10))


def test_the_numbers_that_are_made_here_pass_as_the_published_ones_do() -> None:
    assert [number for number in ALL_PUBLISHED if with_luhn_digit(number[:-1]) != number] == []
