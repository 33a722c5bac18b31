from __future__ import annotations

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules.locales import asked_for, best_fit, first_fit, normalised


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("de_DE", "de_DE"),
        ("de-de", "de_DE"),
        ("DE_ch", "de_CH"),
        ("en", "en"),
        ("es_419", "es_419"),
        ("sr-latn-rs", "sr_Latn_RS"),
        ("zh-Hant-TW", "zh_Hant_TW"),
        # What is left out can be told.
        ("zh_TW", "zh_Hant_TW"),
        ("zh-HK", "zh_Hant_HK"),
        ("sr_RS", "sr_Cyrl_RS"),
        ("de-Latn-CH", "de_CH"),
        # Former and longer codes.
        ("iw_IL", "he_IL"),
        ("in", "id"),
        ("deu", "de"),
        ("eng-UK", "en_GB"),
        ("cmn-CN", "zh_Hans_CN"),
        ("zh-cmn-Hans-CN", "zh_Hans_CN"),
        ("sh_RS", "sr_Latn_RS"),
        ("de-276", "de_DE"),
    ],
)
def test_a_locale_has_one_spelling(text: str, locale: str) -> None:
    assert normalised(text) == locale
    assert normalised(locale) == locale


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("no_NO", "no"),
        ("de-FR", "de"),
        ("de_US", "de"),
        ("fr-DE", "fr"),
        ("it_DE", "it"),
        ("de_XX", "de"),
        ("de-ZZ", "de"),
        ("zh-Hant-DE", "zh_Hant"),
        # Once the territory is gone, the script is what the language is written in anyway.
        ("zh-Hans-TW", "zh"),
        ("zh-Hans-DE", "zh"),
        ("sr-Cyrl-AA", "sr"),
        ("sr-Latn", "sr_Latn"),
        ("sr-Latn-DE", "sr_Latn"),
        ("de-CH-1996", "de_CH"),
        ("de-1996", "de"),
        ("sl-rozaj-biske", "sl"),
        ("de-CH-u-co-phonebk", "de_CH"),
        ("en-US-u-islamcal-x-mine", "en_US"),
        ("en-Latn-GB-boont-r-extended-sequence-x-private", "en_GB"),
        ("de-x-formal", "de"),
        ("en-GB-oed", "en_GB"),
        ("i-lux", "lb"),
        ("zh-min-nan", "zh"),
        # Languages that have a name and no locale.
        ("tlh", "tlh"),
        ("i-klingon", "tlh"),
    ],
)
def test_what_is_not_known_is_cut_off_until_something_is(text: str, locale: str) -> None:
    assert normalised(text) == locale
    assert normalised(text.upper().replace("-", "_")) == locale
    assert normalised(locale) == locale


@pytest.mark.parametrize("text", ["und", "UND", "und-CH", "und_Latn_CH", "und-x-any"])
def test_a_language_that_is_not_determined_is_none(text: str) -> None:
    assert normalised(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "xx",
        "xx_YY",
        "deutsch",
        "root",
        "x-formal",
        "i-default",
        "mul",
        "mis",
        "zxx",
        "C",
        "POSIX",
        "d",
        "de_DE.UTF-8",
        "de_DE@euro",
        "de__DE",
        "de_",
        "-de",
        " de",
        "de DE",
        "../de",
        "de_DE\n",
        "de\0",
        "dé",
        "\u212aa",
        "de-x",
        "de-u",
        "de-toolongsubtag",
        "a" * 10_000,
        "de-x-" + "-".join(["a" * 8] * 100),
    ],
)
def test_what_names_no_language_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a locale"):
        normalised(text)


@given(
    st.sampled_from(["de", "fr", "no", "sr", "zh", "en", "pt", "deu", "iw"]),
    st.sampled_from(["", "-Latn", "-Cyrl", "-Hant", "-Zzzz"]),
    st.from_regex(r"(-([A-Z]{2}|[0-9]{3}))?", fullmatch=True),
    st.from_regex(
        r"(-[a-z0-9]{5,8}){0,2}(-[a-wyz](-[a-z0-9]{2,8}){1,2}){0,2}(-x(-[a-z0-9]{1,8}){1,2})?", fullmatch=True
    ),
)
def test_no_well_formed_tag_of_a_known_language_is_refused(
    language: str, script: str, territory: str, more: str
) -> None:
    found = normalised(f"{language}{script}{territory}{more}")

    assert found in locale_identifiers()
    assert normalised(found) == found
    assert len(found) <= 11


@given(st.sampled_from(sorted({*locale_identifiers()} - {"root", "ca_ES_VALENCIA"})))
def test_every_locale_of_cldr_is_known_by_its_language(locale: str) -> None:
    found = normalised(locale)

    assert found is not None
    assert found.partition("_")[0] == locale.partition("_")[0]
    assert len(found) <= 11


@given(st.text(max_size=20) | st.text(alphabet="aden-_x1Z", max_size=20))
def test_whatever_is_stored_is_stored_the_same_again(text: str) -> None:
    try:
        found = normalised(text)
    except ValueError:
        return
    if found is not None:
        assert normalised(found) == found


@pytest.mark.parametrize(
    ("locale", "fit"),
    [
        ("fr_CH", "fr_CH"),
        ("de_CH", "de_CH"),
        ("de_AT", "de_DE"),  # the default one of its language
        ("de", "de_DE"),
        ("fr", "fr_CH"),
        ("en_US", "de_DE"),
        ("tlh", "de_DE"),
    ],
)
def test_a_reader_gets_the_locale_of_the_channel_that_fits_best(locale: str, fit: str) -> None:
    assert best_fit(locale, ["de_CH", "de_DE", "fr_CH"], default="de_DE") == fit


@pytest.mark.parametrize(
    ("locale", "fit"),
    [
        ("zh_Hant_TW", "zh_Hant_HK"),
        ("zh_Hant", "zh_Hant_HK"),
        ("zh_Hans_SG", "zh_Hans_CN"),
        ("zh", "zh_Hans_CN"),
        ("sr_Latn", "sr_Cyrl_RS"),  # another script is nearer than another language
        ("no", "nb_NO"),
        ("nn_NO", "nb_NO"),
        ("nb", "nb_NO"),
    ],
)
def test_a_reader_gets_the_own_script_and_norwegian_is_norwegian(locale: str, fit: str) -> None:
    assert best_fit(locale, ["en", "zh_Hans_CN", "zh_Hant_HK", "sr_Cyrl_RS", "nb_NO"], default="en") == fit


def test_who_names_no_locale_gets_the_default() -> None:
    assert best_fit(None, ["de_CH", "fr_CH"], default="fr_CH") == "fr_CH"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("de-CH", ["de_CH"]),
        ("de-CH,de;q=0.9,en;q=0.8", ["de_CH", "de", "en"]),
        ("en;q=0.5, fr", ["fr", "en"]),
        ("*, x-klingon, de", ["de"]),
        ("de;q=0, it", ["it"]),
        ("fr;q=2, it", ["fr", "it"]),
        ("fr\u00e9, \0", []),
        ("de," * 10_000, ["de"] * 67),
    ],
)
def test_a_header_asks_for_locales_the_most_wanted_first(header: str, expected: list[str]) -> None:
    assert asked_for(header)[:70] == expected


@given(st.text())
def test_no_header_is_too_odd(header: str) -> None:
    assert all(normalised(locale) == locale for locale in asked_for(header))


@pytest.mark.parametrize(
    ("wanted", "expected"), [(["de_CH"], "de"), (["es", "it_IT", "en"], "it"), (["es"], "en"), ([], "en")]
)
def test_the_first_language_that_is_spoken_is_taken(wanted: list[str], expected: str) -> None:
    assert first_fit(wanted, ("en", "de", "fr", "it")) == expected
