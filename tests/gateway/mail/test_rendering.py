"""The form of mails: headers, one receiver, and nothing in the HTML but what the layout has."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import cache
from html.parser import HTMLParser
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.rendering import render
from gateway.mail.wording import LANGUAGES, one_line
from resolvers.mails.letter import Letter, Theme, greeted, masked
from tests.gateway.mail.letters import HOSTILE, LINK, LINKED, RECEIVER, SENDER, WRITTEN, letter

HEADERS = [
    "Message-ID",
    "Date",
    "From",
    "To",
    "Subject",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "MIME-Version",
    "Content-Type",
    "Content-Language",
]


@dataclass
class Markup(HTMLParser):
    """What a browser finds: elements with the names of their attributes, comments, and where links lead."""

    elements: list[tuple[str, ...]] = field(default_factory=list)
    links: list[str | None] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, *(name for name, _ in attrs)))
        self.links += [value for name, value in attrs if name in {"href", "src", "action", "background"}]

    def handle_endtag(self, tag: str) -> None:
        self.elements.append((f"/{tag}",))

    def handle_comment(self, data: str) -> None:
        self.elements.append(("!", data))


def sent(letter: Letter) -> EmailMessage:
    """Return what arrives of *letter*."""
    return message_from_bytes(bytes(render(letter, SENDER)), policy=default)


@cache
def of_good_people(theme: Theme, locale: str) -> EmailMessage:
    return sent(letter(theme, locale))


def body(message: EmailMessage, kind: str) -> str:
    [content] = [part.get_content() for part in message.iter_parts() if part.get_content_subtype() == kind]
    return cast("str", content)


def markup(message: EmailMessage) -> Markup:
    found = Markup()
    found.feed(body(message, "html"))
    found.close()
    return found


def assert_as_the_template(hostile: Letter) -> None:
    """Nothing of *hostile* is more than text."""
    good, message = of_good_people(hostile.theme, hostile.locale), sent(hostile)
    found = markup(message)

    assert found.elements == markup(good).elements
    assert found.links == [LINK] * (hostile.theme in LINKED)
    assert len(body(message, "plain").splitlines()) == len(body(good, "plain").splitlines())
    assert message.keys() == HEADERS
    assert [address.addr_spec for address in message["To"].addresses] == [RECEIVER]
    assert [address.addr_spec for address in message["From"].addresses] == [SENDER]
    assert not [header.defects for header in message.values() if header.defects]
    assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", Theme)
def test_every_theme_is_mailed_in_every_language(theme: Theme, language: str) -> None:
    message = sent(letter(theme, language))
    html, text = body(message, "html"), body(message, "plain")

    assert message.keys() == HEADERS
    assert html.count(LINK.replace("&", "&amp;")) == 2 * (theme in LINKED)
    assert html.count("token=") == 2 * (theme in LINKED)
    assert text.splitlines().count(LINK) == text.count("token=") == int(theme in LINKED)
    assert not re.search(r"[{}]|\bNone\b", text)
    assert message["Content-Language"] == language
    assert f'lang="{language}"' in html
    assert f"<title>{message['Subject']}</title>" in html


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("theme", Theme)
def test_html_and_text_say_the_same(theme: Theme, language: str) -> None:
    message = sent(letter(theme, language))
    shown = re.sub(r"<(head|style)\b.*?</\1>|<!--.*?-->", "", body(message, "html"), flags=re.DOTALL)
    words = re.sub(r"<[^>]+>", "\n", shown).replace("&amp;", "&")

    for line in filter(None, body(message, "plain").splitlines()):
        assert line in words.splitlines() or line.removesuffix(":") in words.splitlines()


def test_nothing_is_loaded_from_anywhere() -> None:
    html = body(sent(letter()), "html")

    # mrml links to Google where the layout names a font that Google serves.
    assert not re.search(r"googleapis|@import|url\(|<link|<img|<script|src=", html)
    assert set(re.findall(r"https?://[^/\"]+", html)) == {"https://shop.example", "http://www.w3.org"}


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("theme", Theme)
def test_whatever_a_stranger_is_called_stays_text(theme: Theme, name: str) -> None:
    assert_as_the_template(letter(theme, name=greeted(name, "Muster")))
    assert_as_the_template(letter(theme, name=name))


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
@pytest.mark.parametrize("theme", [Theme.RESET_PASSWORD, Theme.ADDRESS_CHANGED])
def test_whatever_a_shop_is_called_stays_text(theme: Theme, name: str) -> None:
    other = {"other_address": masked(name)} if theme not in LINKED else {}

    assert_as_the_template(letter(theme, shop=name, sender_name=name, **other))


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_any_names_stay_text(name: str, shop: str, sender_name: str) -> None:
    assert_as_the_template(letter(name=name, shop=shop, sender_name=sender_name))


@pytest.mark.parametrize("name", [name for name in HOSTILE if len(name) < 100], ids=ascii)
def test_the_sender_is_called_what_the_operator_wrote_without_controls(name: str) -> None:
    [address] = sent(letter(sender_name=name))["From"].addresses

    assert address.display_name == one_line(name)


@pytest.mark.parametrize(
    "receiver",
    [
        "a@evil.example(@astina.io",
        "a@evil.example,b@astina.io",
        "<a@evil.example>b@astina.io",
        "a@b.example\n@c.io",
        "",
    ],
)
def test_what_could_be_two_receivers_is_none(receiver: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        render(letter(receiver=receiver), SENDER)


def test_long_addresses_arrive_whole() -> None:
    long = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 58}.example"
    message = sent(letter(receiver=long, sender_address=long))

    assert message["To"] == long
    assert message["From"].addresses[0].addr_spec == long
    assert message["Message-ID"] == f"<mai_01HV2JCC9T33QXEAXPHCJEC4FA@{long.partition('@')[2]}>"


def test_a_letter_is_the_same_at_each_try() -> None:
    message = sent(letter())

    assert bytes(render(letter(), SENDER)) == bytes(render(letter(), SENDER))
    assert message["Message-ID"] == "<mai_01HV2JCC9T33QXEAXPHCJEC4FA@gateway.example>"
    assert message["Date"].datetime == WRITTEN


def test_the_sender_of_the_shop_goes_before_the_gateways() -> None:
    message = sent(letter(sender_address="post@paloma.example", sender_name="Paloma, die Schuhe"))

    assert str(message["From"]) == '"Paloma, die Schuhe" <post@paloma.example>'
    assert message["Message-ID"] == "<mai_01HV2JCC9T33QXEAXPHCJEC4FA@paloma.example>"


def test_no_machine_answers() -> None:
    message = sent(letter())

    assert (message["Auto-Submitted"], message["X-Auto-Response-Suppress"]) == ("auto-generated", "All")


def test_every_line_fits_into_smtp() -> None:
    for theme in Theme:
        content = bytes(render(letter(theme, "fr"), SENDER))
        assert content.isascii()
        assert max(map(len, content.split(b"\r\n"))) <= 78
