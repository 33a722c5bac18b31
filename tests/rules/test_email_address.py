from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules.email_address import EmailAddress, canonical_or_nobodys, folded, looked_up, trimmed
from tests.fire.hostile import ADDRESSES

OTHERWISE = [
    f"{'x' * 60}@{'ü.' * 24}com",  # 112 characters as it is typed, 256 as A-labels
    "a" * 100_000,
    "a@" * 100_000,
    "jose\u0301@corp.com",
    "a@\u2460corp.com",
]
REFUSED = [text for text, mailed_to in ADDRESSES.items() if mailed_to is None]


@pytest.mark.parametrize(
    "text",
    REFUSED + OTHERWISE,
    ids=lambda text: ascii(text)[:40],
)
def test_a_text_that_another_parser_could_read_differently_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        EmailAddress.parse(text)


@pytest.mark.parametrize(
    ("text", "mailed_to", "canonical"),
    [
        ("hans.muster@astina.io", "hans.muster@astina.io", "hans.muster@astina.io"),
        ("A@CORP.COM", "A@corp.com", "a@corp.com"),
        ("o'brien+shop@sub.corp.co.uk", "o'brien+shop@sub.corp.co.uk", "o'brien+shop@sub.corp.co.uk"),
        ("a=b@corp.com", "a=b@corp.com", "a=b@corp.com"),
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        ("a@bücher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@BÜCHER.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@bu\u0308cher.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@XN--BCHER-KVA.example", "a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
        ("a@c\u043erp.com", "a@xn--crp-sed.com", "a@xn--crp-sed.com"),  # a Cyrillic letter shows as what it is
    ],
)
def test_an_address_has_one_spelling_to_mail_to_and_one_to_compare(text: str, mailed_to: str, canonical: str) -> None:
    address = EmailAddress.parse(text)

    assert (str(address), address.canonical) == (mailed_to, canonical)


@pytest.mark.parametrize(("text", "mailed_to"), [pair for pair in ADDRESSES.items() if pair[1]])
def test_what_is_an_address_is_mailed_to_as_such(text: str, mailed_to: str) -> None:
    assert EmailAddress.parse(text).canonical == mailed_to.lower()


def test_letters_that_only_look_or_fold_alike_are_never_the_same_account() -> None:
    assert EmailAddress.parse("a@stra\u00dfe.example").canonical != EmailAddress.parse("a@strasse.example").canonical
    assert EmailAddress.parse("a@c\u043erp.com").canonical != EmailAddress.parse("a@corp.com").canonical


def test_the_longest_address_has_254_characters() -> None:
    domain = f"{'x' * 63}.{'y' * 63}.{'z' * 57}.com"
    longest = f"{'a' * 64}@{domain}"

    assert len(longest) == 254
    assert str(EmailAddress.parse(longest)) == longest
    with pytest.raises(ValueError, match="not an"):
        EmailAddress.parse(f"{'a' * 64}@z{domain[64:]}{'y' * 64}")


@given(st.text() | st.from_regex(r"[a-zA-Z0-9.!%'+=?<>(),;@ -]{1,30}@[a-zA-Z0-9.@ -]{1,20}\.(com|ch)", fullmatch=True))
def test_whatever_is_accepted_is_plain_ascii_with_one_at_and_parses_to_itself(text: str) -> None:
    try:
        address = EmailAddress.parse(text)
    except ValueError:
        return

    mailed_to = str(address)
    assert mailed_to.isascii()
    assert mailed_to.count("@") == 1
    assert not set(mailed_to) & set(' \t\r\n\0,;:<>()[]"\\!%')
    assert mailed_to.split("@") == [address.local, address.domain]
    assert EmailAddress.parse(mailed_to) == address
    assert EmailAddress.parse(address.canonical).canonical == address.canonical


UNSEEN = (
    *" \t\r\n\u0085\u00a0\u1680\u2000\u2007\u200a\u2028\u2029\u202f\u205f\u3000",
    *"\u00ad\u061c\u180e\u200b\u200c\u200d\u200e\u200f\u202a\u202c\u202e\u2060\u2066\u2069\ufeff",
)
AROUND = st.text(st.sampled_from(UNSEEN), max_size=5)


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_blanks_and_what_has_no_width_are_cut_at_both_ends_and_nowhere_else(unseen: str) -> None:
    for text in (f"hans@x.ch{unseen}", f"{unseen}hans@x.ch", f"{unseen * 3}hans@x.ch{unseen * 200}"):
        assert str(EmailAddress.parse(text)) == canonical_or_nobodys(text) == looked_up(text) == "hans@x.ch"
    for text in (f"ha{unseen}ns@x.ch", f"hans{unseen}@x.ch", f"hans@{unseen}x.ch", f"hans@x{unseen}.ch"):
        with pytest.raises(ValueError, match="not an e-mail address"):
            EmailAddress.parse(text)


@given(AROUND, st.sampled_from(["hans@x.ch", "A+b@b\u00fccher.example", "o'brien@sub.corp.co.uk"]), AROUND)
def test_what_stands_around_an_address_changes_nothing(before: str, text: str, behind: str) -> None:
    assert EmailAddress.parse(before + text + behind) == EmailAddress.parse(text)
    assert looked_up(before + text + behind) == EmailAddress.parse(text).canonical


@given(st.text())
def test_trimming_leaves_what_is_seen_as_it_is(text: str) -> None:
    seen = trimmed(text)

    assert seen in text
    assert trimmed(seen) == seen
    assert trimmed(f" {text}\u200b") == seen
    assert text.split() == [] or seen != "" or not text.isprintable()


@pytest.mark.parametrize(
    ("canonical", "mailbox"),
    [
        ("hans@x.ch", "hans@x.ch"),
        ("hans+shop@x.ch", "hans@x.ch"),
        ("hans+a+b@x.ch", "hans@x.ch"),
        ("hans+@x.ch", "hans@x.ch"),
        ("+shop@x.ch", "+shop@x.ch"),
        ("", "@"),
    ],
)
def test_what_stands_behind_a_plus_is_folded_for_counting(canonical: str, mailbox: str) -> None:
    assert folded(canonical) == mailbox
