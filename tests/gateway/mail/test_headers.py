"""Whatever a shop is called: a header has one sender of that name, read by Python's parser and by hand."""

from __future__ import annotations

import re
from base64 import b64decode
from email import message_from_bytes
from email.policy import default
from quopri import decodestring

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.mail.headers import phrase
from gateway.mail.rendering import render
from gateway.mail.wording import one_line
from tests.gateway.mail.letters import SENDER, letter

LONG_ADDRESS = f"{'a' * 64}@{'b' * 60}.{'c' * 60}.{'d' * 58}.example"
SPECIALS = '()<>[]:;@\\,."'
NAMES = (
    "Paloma",
    "Paloma Kaffee",
    "Muster, Soehne & Co. AG, Fachgeschaeft fuer Kaffee und Tee und noch viel mehr",
    "Müller, Söhne & Co. AG, Fachgeschäft für Kaffee und Tee und noch viel mehr dazu",
    "Интернет-магазин кофе и чая «Палома», Москва и область",
    "コーヒーと紅茶の専門店パロマ、東京都渋谷区神宮前一丁目二番三号、年中無休、送料無料、翌日配達",
    "x" * 100,
    "ü" * 100,
    "😀" * 50,
    f"a{SPECIALS}b",
    f"ä {SPECIALS} ö",
    "a@b.example, c@d.example",
    "<a@b.example>",
    '"quoted" \\',
    "x =?utf-8?q?y?= z",
    "a " * 50,
)
ENCODED = re.compile(r"=\?utf-8\?([bq])\?([^?]*)\?=", re.ASCII | re.IGNORECASE)
names = st.text(max_size=100) | st.text(alphabet=f"ab Zü€😀{SPECIALS}=?_'%", max_size=100) | st.sampled_from(NAMES)


def lines_of(raw: bytes, header: str) -> list[str]:
    """Return the lines of a header as they are sent."""
    found = re.search(rf"^{header}:(?:.*\r\n)(?:[ \t].*\r\n)*".encode(), raw, re.MULTILINE)
    assert found is not None
    return found[0].decode("ascii").removesuffix("\r\n").split("\r\n")


def decoded(text: str) -> str:
    """Put encoded words together by RFC 2047, 6.2: the blanks between two of them are none."""

    def of(word: re.Match[str]) -> str:
        code = word[2].encode()
        return (b64decode(code, validate=True) if word[1].lower() == "b" else decodestring(code, header=True)).decode()

    return ENCODED.sub(of, re.sub(r"(\?=)[ \t]+(?==\?)", r"\1", text))


def name_by_hand(lines: list[str]) -> str:
    """Read the name of the one sender by RFC 5322, 3.4."""
    unfolded = "".join(lines).removeprefix("From: ")
    found = re.fullmatch(
        r'(?:(?P<quoted>"(?:[^"\\]|\\.)*") |(?P<words>[^"<>,;:()@.\[\]\\]*) )?<?[^<> ,;"]+@[^<> ,;"]+>?', unfolded
    )
    assert found is not None, unfolded
    if found["quoted"]:
        return re.sub(r"\\(.)", r"\1", found["quoted"][1:-1])
    return decoded(found["words"] or "")


def assert_one_sender(name: str, address: str) -> None:
    raw = bytes(render(letter(sender_name=name, sender_address=address), SENDER))
    lines = lines_of(raw, "From")
    expected = one_line(name)

    assert name_by_hand(lines) == expected
    [read] = message_from_bytes(raw, policy=default)["From"].addresses
    assert read.addr_spec == address
    # Python's parser puts a blank between encoded words that stand beside one another.
    if re.search(r"\?=\s+=\?", "".join(lines)):
        assert read.display_name.replace(" ", "") == expected.replace(" ", "")
    else:
        assert read.display_name == expected
    assert_lines(lines)


def assert_lines(lines: list[str]) -> None:
    assert all(line.strip() for line in lines)
    assert all(len(line) <= 998 for line in lines)
    assert all(len(line) <= 76 for line in lines if ENCODED.search(line))
    assert all(len(word[0]) <= 75 for line in lines for word in ENCODED.finditer(line))


@pytest.mark.parametrize("address", [SENDER, LONG_ADDRESS], ids=["short", "long"])
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_one_sender_has_the_name_of_the_shop(name: str, address: str) -> None:
    assert_one_sender(name, address)


@settings(max_examples=150, deadline=None)
@given(names)
def test_one_sender_has_any_name(name: str) -> None:
    assert_one_sender(name, SENDER)


@settings(max_examples=150, deadline=None)
@given(names)
def test_a_subject_arrives_as_it_was_worded(shop: str) -> None:
    message = render(letter(shop=shop), SENDER)
    raw, subject = bytes(message), str(message["Subject"]).rstrip()
    lines = lines_of(raw, "Subject")

    assert decoded("".join(lines).removeprefix("Subject: ")) == subject
    assert message_from_bytes(raw, policy=default)["Subject"] == subject
    assert_lines(lines)


@pytest.mark.parametrize("header", ["Message-ID", "To", "From"])
def test_long_addresses_stay_in_one_piece(header: str) -> None:
    raw = bytes(render(letter(receiver=LONG_ADDRESS, sender_address=LONG_ADDRESS), SENDER))

    assert LONG_ADDRESS.partition("@")[2] in max(lines_of(raw, header), key=len)


def test_a_name_without_specials_is_written_as_it_is() -> None:
    assert phrase("Paloma Kaffee & Co") == ["Paloma", "Kaffee", "&", "Co"]
    assert phrase("Paloma, Kaffee") == ['"Paloma, Kaffee"']
    assert phrase("Café Paloma") == ["=?utf-8?b?Q2Fmw6k=?=", "Paloma"]
