from __future__ import annotations

import pytest

from resolvers.locales import best_fit, normalised


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("de_DE", "de_DE"),
        ("de-de", "de_DE"),
        ("DE_ch", "de_CH"),
        ("en", "en"),
        ("es_419", "es_419"),
        ("sr-latn-rs", "sr_Latn_RS"),
    ],
)
def test_a_locale_has_one_spelling(text: str, locale: str) -> None:
    assert normalised(text) == locale


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xx_YY",
        "deutsch",
        "root",
        "de_DE.UTF-8",
        "de_DE@euro",
        "de__DE",
        "../de",
        "de_DE\n",
        "dé",
        "de_XX",
        "a" * 10_000,
    ],
)
def test_what_names_no_locale_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a locale"):
        normalised(text)


@pytest.mark.parametrize(
    ("locale", "fit"),
    [
        ("fr_CH", "fr_CH"),
        ("de_CH", "de_CH"),
        ("de_AT", "de_DE"),  # the default one of its language
        ("fr", "fr_CH"),
        ("en_US", "de_DE"),
    ],
)
def test_a_reader_gets_the_locale_of_the_channel_that_fits_best(locale: str, fit: str) -> None:
    assert best_fit(locale, ["de_CH", "de_DE", "fr_CH"], default="de_DE") == fit


def test_who_names_no_locale_gets_the_default() -> None:
    assert best_fit(None, ["de_CH", "fr_CH"], default="fr_CH") == "fr_CH"
