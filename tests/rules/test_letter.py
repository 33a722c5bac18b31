"""The name in a letter is chosen by whoever registers an address, which may be somebody else's."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.mails.letter import greeted, masked
from resolvers.rules.email_address import EmailAddress
from tests.fire.hostile import ADDRESSES, NAMES

NAME_LIKE = st.text(st.characters(categories=["L", "M", "Zs"]) | st.sampled_from(".'\u2019-"), max_size=40)
PARTS = st.none() | st.text(max_size=40) | NAME_LIKE
_LINKED = re.compile(r"[/@:\\<>&%#?=\"`{}\[\]()0-9_|~$;,!*+^]")
"""What mail programs make links of, and what no name has."""


@pytest.mark.parametrize(
    ("first", "last", "greeting"),
    [
        ("Hans", "Muster", "Hans Muster"),
        ("Hans", None, "Hans"),
        (None, "Muster", "Muster"),
        (" Hans\u00a0 ", "Muster", "Hans Muster"),
        ("Anne-Marie", "O'Brien", "Anne-Marie O'Brien"),
        ("Anne\u2011Marie".replace("\u2011", "-"), "D\u2019Angelo", "Anne-Marie D\u2019Angelo"),
        ("J. R. R.", "Tolkien", "J. R. R. Tolkien"),
        ("Martin", "Luther King Jr.", "Martin Luther King Jr."),
        ("J\u00fcrgen", "\u0141ukasz", "J\u00fcrgen \u0141ukasz"),
        ("Jose\u0301", "N\u0303andu\u0301", "Jose\u0301 N\u0303andu\u0301"),
        ("\u738b", "\u5c0f\u660e", "\u738b \u5c0f\u660e"),
        (
            "\u0905\u0928\u093f\u0932",
            "\u0915\u0941\u092e\u093e\u0930",
            "\u0905\u0928\u093f\u0932 \u0915\u0941\u092e\u093e\u0930",
        ),
        ("\u0645\u062d\u0645\u062f", None, "\u0645\u062d\u0645\u062f"),
    ],
)
def test_people_are_greeted_by_their_names(first: str | None, last: str | None, greeting: str) -> None:
    assert greeted(first, last) == greeting


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (None, None),
        ("", " "),
        (".", None),
        ("-", "'"),
        ("--", None),
        ("evil.com", None),
        ("evil.", "com/x"),
        ("www.evil", "com"),
        ("e.v.i.l", None),
        ("Hans..", None),
        ("a@evil", None),
        ("mailto:a", None),
        ("0800", "123456"),
        ("Hans2", None),
        ("Hans!", None),
        ("Hans\u3002evil", None),
        ("Hans\uff0eevil", None),
        ("Hans\u2024evil", None),
        ("Hans\u200bMuster", None),
        ("Hans\u202eretsuM", None),
        ("Hans\u00adMuster", None),
        ("\U0001f389", None),
        ("Hans", "<b>"),
        ("Ha\x07ns", None),
        ("Ha\ud800ns", None),
        ("You have won a great prize", None),
        ("x" * 31, "y" * 31),
    ],
)
def test_what_could_be_more_than_a_name_is_left_out(first: str | None, last: str | None) -> None:
    assert greeted(first, last) is None


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:40])
def test_no_name_of_the_corpus_becomes_more_than_letters(name: str) -> None:
    assert_harmless(greeted(name, None))
    assert_harmless(greeted("Hans", name))


@given(PARTS, PARTS)
def test_no_mail_program_makes_a_link_of_a_name(first: str | None, last: str | None) -> None:
    name = greeted(first, last)

    assert_harmless(name)
    assert name is None or len(name) <= 61


@given(NAME_LIKE, NAME_LIKE)
def test_a_name_is_harmless_however_it_is_normalised(first: str, last: str) -> None:
    name = greeted(first, last)

    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        # Compatibility forms make spaces and dots of some letters; a mail is not written in them.
        linked = unicodedata.normalize(form, name or "")
        assert not re.search(r"[/@:\\<>]|\w\.\w", linked), form


def assert_harmless(name: str | None) -> None:
    if name is None:
        return
    assert name
    assert not _LINKED.search(name), name
    assert not re.search(r"\.\S", name), "a dot ends a word"
    assert not any(unicodedata.category(character)[0] in "CN" for character in name), "no controls and no digits"
    assert all(character == " " or not character.isspace() for character in name)
    assert len(name.split(" ")) <= 5


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("hans.muster@example.com", "h***@e***.com"),
        ("h@example.com", "h***@e***.com"),
        ("a@sub.corp.co.uk", "a***@s***.uk"),
        ("a@xn--bcher-kva.example", "a***@x***.example"),
    ],
)
def test_an_address_is_masked_so_that_its_owner_recognises_it(address: str, shown: str) -> None:
    assert masked(address) == shown


@pytest.mark.parametrize("text", [text for text, mailed_to in ADDRESSES.items() if mailed_to])
def test_masked_addresses_can_not_be_written_to(text: str) -> None:
    shown = masked(str(EmailAddress.parse(text)))

    assert text not in shown
    with pytest.raises(ValueError, match="not an e-mail address"):
        EmailAddress.parse(shown)
