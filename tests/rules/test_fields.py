from __future__ import annotations

import sys
from datetime import date

import pytest

from resolvers.customers.rules import checked_registrant
from resolvers.rules.errors import InvalidInput
from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection
from resolvers.rules.password_policy import PasswordPolicy
from resolvers.rules.violations import Violation, ViolationCode

FIELD = ("firstName",)
TODAY = date(2024, 2, 29)


def codes(inspection: Inspection) -> list[ViolationCode]:
    try:
        inspection.finish()
    except InvalidInput as error:
        return [violation.code for violation in error.violations]
    return []


def read(value: object, inspection: Inspection) -> Fields:
    return Fields({"firstName": value}, inspection)


def test_all_violations_are_told_at_once_in_the_order_of_the_fields() -> None:
    filled_in = {
        "emailAddress": "a@evil.com(@corp.com",
        "firstName": "x" * 31,
        "company": None,
        "dateOfBirth": date(1899, 12, 31),
        "locale": "xx_YY",
        "user": {"password": "banana"},
    }

    with pytest.raises(InvalidInput) as raised:
        checked_registrant(filled_in, PasswordPolicy(), TODAY, must_confirm=True)

    assert raised.value.violations == (
        Violation(
            ("emailAddress",),
            ViolationCode.INVALID,
            explanation="Write an e-mail address, such as name@example.com. Here is a text with an @.",
        ),
        Violation(("firstName",), ViolationCode.TOO_LONG, 30),
        Violation(
            ("dateOfBirth",), ViolationCode.INVALID, explanation="Nobody who lives was born then. Check the date."
        ),
        Violation(
            ("locale",),
            ViolationCode.INVALID,
            explanation="Write a language and a country, such as de_CH. Here is a text of several words.",
        ),
        Violation(("user", "password"), ViolationCode.TOO_SHORT, 8),
        Violation(("confirmationBaseUrl",), ViolationCode.REQUIRED),
    )


@pytest.mark.parametrize(
    "value", ["Hans", " Hans ", "x" * 30, "Zoë", "😀" * 30, "\u0647\u200c\u0627", "O'Neill", "<b>"]
)
def test_a_text_is_kept_as_it_is(value: str) -> None:
    inspection = Inspection()

    assert read(value, inspection).text("firstName", 30) == value
    assert codes(inspection) == []


@pytest.mark.parametrize("value", [None, "", " ", "\t\n"])
def test_nothing_is_null_where_it_may_be_and_missing_where_it_may_not(value: str | None) -> None:
    inspection = Inspection()

    assert read(value, inspection).text("firstName", 30) is None
    assert codes(inspection) == []
    assert read(value, inspection).text("firstName", 30, required=True) is None
    assert codes(inspection) == [ViolationCode.REQUIRED]


@pytest.mark.parametrize(
    "value", ["a\0b", "a\ud800", "a\x1b[0m", "a\nBcc: b", "a\rb", "a\x85b", "a\u2028b", "a\u202eb"], ids=ascii
)
def test_characters_that_break_lines_terminals_or_databases_are_refused(value: str) -> None:
    inspection = Inspection()
    read(value, inspection).text("firstName", 30)

    assert codes(inspection) == [ViolationCode.INVALID]


def test_what_is_printable_is_stored() -> None:
    """Such a text is taken without a second look."""
    inspection = Inspection()
    printable = "".join(filter(str.isprintable, map(chr, range(sys.maxunicode + 1))))

    assert read(printable, inspection).text("firstName", len(printable)) == printable
    assert codes(inspection) == []


def test_remarks_may_have_lines() -> None:
    inspection = Inspection()

    assert read("one\r\ntwo", inspection).text("firstName", 30, multiline=True) == "one\r\ntwo"
    assert codes(inspection) == []


def test_a_long_address_is_too_long_and_a_missing_one_missing() -> None:
    inspection = Inspection()
    read("a" * 255, inspection).email_address("firstName", required=True)
    read("", inspection).email_address("firstName", required=True)
    read("", inspection).email_address("firstName")

    assert codes(inspection) == [ViolationCode.TOO_LONG, ViolationCode.REQUIRED]


@pytest.mark.parametrize(
    ("born", "expected"),
    [
        (TODAY, []),
        (date(1900, 1, 1), []),
        (None, []),
        (date(2024, 3, 1), [ViolationCode.INVALID]),
        (date(1899, 12, 31), [ViolationCode.INVALID]),
    ],
)
def test_people_were_born_since_1900_and_not_in_the_future(born: date | None, expected: list[ViolationCode]) -> None:
    inspection = Inspection()
    read(born, inspection).date_of_birth("firstName", TODAY)

    assert codes(inspection) == expected


def test_every_code_has_words_for_people_and_names_its_limit() -> None:
    for code in ViolationCode:
        assert Violation(FIELD, code, 7).message.endswith(".")
    assert "7" in Violation(FIELD, ViolationCode.TOO_LONG, 7).message
