"""What letters say, in which language, and when it is in the reader's time."""

from __future__ import annotations

import tomllib
from string import Formatter
from typing import Any

import pytest

from gateway.mail import wording
from gateway.mail.wording import LANGUAGES, Wording, one_line, worded
from resolvers.mails.letter import Form, Letter, Theme
from tests.gateway.mail.letters import LINKED, WRITTEN, letter

TEXTS = {language: tomllib.loads((wording._TEXTS / f"{language}.toml").read_text("utf-8")) for language in LANGUAGES}  # noqa: SLF001 - where they are


def shape(texts: dict[str, Any]) -> dict[str, Any]:
    """Return the keys with the places in each text."""
    return {key: shape(text) if isinstance(text, dict) else places(text) for key, text in texts.items()}


def places(text: str | list[str]) -> list[list[str]]:
    parts = [text] if isinstance(text, str) else text
    return [sorted({name for _, name, _, _ in Formatter().parse(part) if name is not None}) for part in parts]


def said(letter: Letter) -> str:
    found: Wording = worded(letter)
    return " ".join((found.subject, found.greeting, *found.paragraphs, found.otherwise, found.farewell, found.why))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same(language: str) -> None:
    assert shape(TEXTS[language]) == shape(TEXTS["en"])


def test_there_are_words_for_every_theme_and_a_button_for_every_link() -> None:
    themes = {key: text for key, text in TEXTS["en"].items() if isinstance(text, dict)}

    assert set(themes) == set(Theme)
    assert {name for name, theme in themes.items() if "button" in theme} == LINKED


@pytest.mark.parametrize(
    ("locale", "language", "greeting"),
    [
        ("de_CH", "de-CH", "Guten Tag Hans Muster"),
        ("fr", "fr", "Bonjour Hans Muster"),
        ("it_CH", "it-CH", "Buongiorno Hans Muster"),
        ("en_GB", "en-GB", "Hello Hans Muster"),
        ("es_ES", "en", "Hello Hans Muster"),
        ("rm_CH", "en", "Hello Hans Muster"),
    ],
)
def test_the_language_is_the_readers_or_english(locale: str, language: str, greeting: str) -> None:
    found = worded(letter(locale=locale))

    assert (found.language, found.greeting) == (language, greeting)


def test_who_has_no_name_is_greeted_too() -> None:
    assert worded(letter(name=None)).greeting == "Hello"
    assert worded(letter(name="\u202e")).greeting == "Hello"


@pytest.mark.parametrize("theme", Theme)
def test_the_swiss_write_no_sharp_s(theme: Theme) -> None:
    assert "ß" not in said(letter(theme, "de_CH"))
    assert "Freundliche Grüsse" in said(letter(theme, "de_CH"))
    assert "Freundliche Grüße" in said(letter(theme, "de_DE"))


def test_names_keep_their_sharp_s() -> None:
    assert worded(letter(locale="de_CH", name="Eva Strauß")).greeting == "Guten Tag Eva Strauß"


@pytest.mark.parametrize(
    ("locale", "time_zone", "until"),
    [
        ("de_CH", "Europe/Zurich", "Der Link gilt bis 24. November 2026, 22:05 MEZ."),
        ("de_DE", "Asia/Tokyo", "Der Link gilt bis 25. November 2026, 06:05 GMT+09:00."),
        ("en_GB", "Europe/Zurich", "The link works until 24 November 2026, 22:05 CET."),
        ("en_US", "America/New_York", "The link works until November 24, 2026, 4:05\u202fPM EST."),
        ("fr_CH", "Europe/Zurich", "Le lien est valable jusqu\u2019au 24 novembre 2026, 22:05 UTC+01:00."),
        ("it_CH", "Europe/Zurich", "Il link è valido fino al 24 novembre 2026, 22:05 CET."),
        ("es_ES", "UTC", "The link works until November 24, 2026, 9:05\u202fPM UTC."),
        ("en_GB", "Mars/Olympus", "The link works until 24 November 2026, 21:05 UTC."),
    ],
)
def test_times_are_the_readers(locale: str, time_zone: str, until: str) -> None:
    assert worded(letter(locale=locale, time_zone=time_zone)).until == until


def test_when_something_changed_is_said() -> None:
    [paragraph] = worded(letter(Theme.PASSWORD_CHANGED, "de_CH")).paragraphs

    assert "wurde am 24. November 2026, 21:05 MEZ geändert" in paragraph


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", [Theme.ADDRESS_CHANGING, Theme.ADDRESS_CHANGED])
def test_no_mail_program_makes_a_link_of_the_other_address(theme: Theme, language: str) -> None:
    text = said(letter(theme, language))

    assert "example.com" not in text
    assert "h***@example.com" in text.replace("\u2060", "")


@pytest.mark.parametrize(
    "lacking", [letter(Theme.RESET_PASSWORD, link=None), letter(Theme.ADDRESS_CHANGED, other_address=None)]
)
def test_a_letter_that_lacks_what_it_speaks_of_is_a_mistake(lacking: Letter) -> None:
    with pytest.raises(KeyError):
        worded(lacking)


def test_a_link_that_the_theme_does_not_speak_of_stays_out() -> None:
    assert worded(letter(Theme.PASSWORD_CHANGED, link="https://shop.example")).link is None


def test_one_line_keeps_letters_and_drops_controls() -> None:
    assert one_line("  Ä\r\n\u202eb\x00c\u2028d\ud800 e\u0301 ") == "Ä b c d e\u0301"


SAID_OF_FORM = {
    "en_GB": "The form was filled in on 24 November 2026, 21:05 CET. Network address: 192.0.2.1. Name in the form: "
    "Hans Muster. If you follow the link, the password that was chosen in this form becomes the password of the "
    "account.",
    "de_CH": "Das Formular wurde am 24. November 2026, 21:05 MEZ ausgefüllt. Netzwerkadresse: 192.0.2.1. Name im "
    "Formular: Hans Muster. Wenn Sie dem Link folgen, wird das Passwort, das in diesem Formular gewählt wurde, zum "
    "Passwort des Kontos.",
}


@pytest.mark.parametrize("locale", SAID_OF_FORM)
def test_who_proves_an_address_is_told_of_the_form_whose_password_it_makes_good(locale: str) -> None:
    _, told = worded(letter(Theme.CONFIRM_REGISTRATION, locale)).paragraphs

    assert told.replace("\u2060", "") == SAID_OF_FORM[locale]


@pytest.mark.parametrize("form", [None, Form(WRITTEN, None)], ids=["of an earlier version", "from nowhere"])
def test_what_a_form_does_not_tell_is_said_to_be_untold(form: Form | None) -> None:
    _, told = worded(letter(Theme.CONFIRM_REGISTRATION, name=None, form=form)).paragraphs

    assert "Network address: not told. Name in the form: not told." in told
