"""Post codes are taken in every spelling that people type, and the data has what a form needs."""

from __future__ import annotations

import re
import unicodedata

import pytest

from resolvers.addresses.postal import AddressField, rules_of
from resolvers.rules.countries import CODES

COUNTRIES = sorted(CODES)
WITH_CODES = [country for country in COUNTRIES if rules_of(country).zip_code]


def spellings(country: str, example: str) -> set[str]:
    bare = re.sub("[ -]", "", example)
    return {
        *(
            example,
            example.lower(),
            bare,
            bare.lower(),
            f" {example} ",
            example.replace("-", " "),
            example.replace(" ", "-"),
        ),
        *(f"{country}-{example}", f"{country.lower()}-{bare}", f"{country} {example}"),
        example.translate({ord("0") + digit: 0xFF10 + digit for digit in range(10)}),
        example.replace("-", "\u2013"),
    }


@pytest.mark.parametrize("country", WITH_CODES)
def test_the_examples_of_a_country_are_taken_in_every_spelling(country: str) -> None:
    rule = rules_of(country).zip_code
    assert rule is not None

    assert rule.examples
    assert [text for example in rule.examples for text in spellings(country, example) if not rule.takes(text)] == []


def test_how_many_countries_were_tried() -> None:
    required = [country for country in WITH_CODES if (rule := rules_of(country).zip_code) and rule.is_required]

    assert (len(COUNTRIES), len(WITH_CODES), len(required)) == (250, 179, 74)


@pytest.mark.parametrize(
    ("country", "typed", "is_taken"),
    [
        ("CH", "8005", True),
        ("CH", "CH-8005", True),
        ("CH", "80051", False),
        ("CH", "800", False),
        ("CH", "D-8005", False),
        ("DE", "D-80331", True),
        ("DE", "80 331", True),
        ("DE", "8033", False),
        ("LU", "L-1009", True),
        ("LV", "LV-1010", True),
        ("AD", "AD500", True),
        ("NL", "1012ab", True),
        ("IE", "d02 af30", True),
        ("GB", "ec1y8sy", True),
        ("CA", "h3z2y7", True),
        ("CA", "H3Z 2Y", False),
        ("US", "221621010", True),
        ("JP", "\u30121540023", True),
        ("PE", "lima 23", True),
        ("PL", "00950", True),
        ("SE", "SE-701 12", True),
        ("IR", "\u06f1\u06f1\u06f9\u06f3\u06f6-\u06f1\u06f2\u06f3\u06f4\u06f5", True),
    ],
)
def test_a_code_is_judged_as_it_is_typed(country: str, typed: str, *, is_taken: bool) -> None:
    rule = rules_of(country).zip_code
    assert rule is not None

    assert rule.takes(typed) is is_taken


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_field_is_asked_for_once_and_every_region_listed_once(country: str) -> None:
    rules = rules_of(country)

    assert len(set(rules.fields)) == len(rules.fields)
    assert {AddressField.STREET, AddressField.CITY, AddressField.LAST_NAME} <= set(rules.fields)
    for language in ("en", "de", "fr", "it"):
        codes = [code for code, _name in rules.regions(language)]
        assert len(set(codes)) == len(codes)
        assert all(name.strip() for _code, name in rules.regions(language))


def test_regions_are_told_in_the_language_of_the_reader() -> None:
    assert dict(rules_of("CA").regions("fr"))["BC"] == "Colombie-Britannique"
    assert dict(rules_of("CA").regions("de"))["BC"] == "British Columbia"
    assert dict(rules_of("CA").regions("fr"))["PE"] == "\xcele-du-Prince-\xc9douard", (
        "which has another place in French"
    )
    assert dict(rules_of("HK").regions("en"))["Kowloon"] == "Kowloon"
    assert rules_of("JP").regions("en")[0] == ("\u5317\u6d77\u9053", "Hokkaido")
    assert rules_of("CH").regions("de") == ()


@pytest.mark.parametrize("country", COUNTRIES)
def test_readers_of_latin_letters_are_shown_some(country: str) -> None:
    names = [name for _code, name in rules_of(country).regions("en")]

    assert all(unicodedata.name(name[0]).startswith("LATIN") for name in names)


@pytest.mark.parametrize(
    ("country", "first"), [("JP", "REGION CITY STREET"), ("MO", "CITY STREET"), ("SG", "STREET CITY")]
)
def test_a_city_that_the_data_does_not_name_stands_where_it_is_written(country: str, first: str) -> None:
    asked_for = [field for field in rules_of(country).fields if field in first.split()]

    assert " ".join(asked_for) == first
