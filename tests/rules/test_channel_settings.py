from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from resolvers.channels.rules import DEFAULTS, RESERVED, WrongSettingsError, checked

NONE: dict[str, Any] = {"locales": ["de_CH"], "default_locale": "de_CH"}


def stored(**settings: object) -> dict[str, Any]:
    return checked(settings, NONE)


def complaints(**settings: object) -> dict[str, str]:
    with pytest.raises(WrongSettingsError) as raised:
        stored(**settings)
    return dict(raised.value.complaints)


# ── Codes ─────────────────────────────────────────────────────────────────────────────────────────


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True))
def test_a_code_may_be_all_that_needs_no_escaping_in_a_path(code: str) -> None:
    assume(code not in RESERVED)

    assert stored(code=code)["code"] == code


@given(st.text(max_size=50))
def test_nothing_else_is_a_code(code: str) -> None:
    assume(not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", code))

    assert list(complaints(code=code)) == ["code"]


@pytest.mark.parametrize("code", ["", "-", "-shop", "Shop", "shop\n", "sh op", "shop/x", "..", "zürich", "x" * 41])
def test_a_code_that_could_be_read_in_two_ways_is_refused(code: str) -> None:
    assert complaints(code=code)


@pytest.mark.parametrize("code", sorted(RESERVED))
def test_a_code_is_no_path_of_the_gateway_s_own(code: str) -> None:
    assert complaints(code=code) == {"code": "this code is a path of the gateway's own"}
    assert stored(code=f"{code}-shop")


# ── Names ─────────────────────────────────────────────────────────────────────────────────────────


@given(st.text(max_size=110))
def test_a_name_is_kept_as_it_is_or_refused(name: str) -> None:
    for setting in ("name", "sender_name"):
        try:
            kept = stored(**{setting: name})[setting]
        except WrongSettingsError:
            continue
        assert kept == name
        assert 1 <= len(kept) <= 100
        assert kept.isprintable() or not re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]", kept)


@pytest.mark.parametrize("name", ["Paloma", "Müller & Söhne", "ß", "東京", "x" * 100])
def test_shops_may_be_called_so(name: str) -> None:
    assert stored(name=name, sender_name=name).items() >= {"name": name, "sender_name": name}.items()


@pytest.mark.parametrize("name", ["", " ", "x" * 101, "a\x00b", "a\nBcc: b", "a\rb", "a\x1b[31mb", "\u202ea", "\ud800"])
def test_no_name_is_empty_or_too_long_or_controls_how_it_is_shown(name: str) -> None:
    assert list(complaints(name=name, sender_name=name)) == ["name", "sender_name"]


# ── Locales ───────────────────────────────────────────────────────────────────────────────────────

LOCALES = st.sampled_from(["de_CH", "de-ch", "DE_DE", "fr", "fr_CH", "en_US", "sr-latn-rs"])


@given(st.lists(LOCALES, min_size=1), st.none() | LOCALES)
def test_the_default_locale_is_one_of_the_locales_and_none_is_there_twice(
    locales: list[str], default: str | None
) -> None:
    chosen = {} if default is None else {"default_locale": default}

    found = checked({"locales": locales, **chosen}, DEFAULTS)

    assert found["default_locale"] in found["locales"]
    assert len(set(found["locales"])) == len(found["locales"])
    if default is None:
        assert found["default_locale"] == found["locales"][0]


@given(st.lists(LOCALES, min_size=1), LOCALES)
def test_a_default_locale_stays_until_another_is_chosen(locales: list[str], default: str) -> None:
    before = stored(default_locale=default)

    after = checked({"locales": locales}, before)

    assert after["default_locale"] == before["default_locale"]
    assert after["default_locale"] in after["locales"]


def test_every_locale_that_is_none_is_told() -> None:
    assert complaints(locales=["de_CH", "xx_YY", "deutsch"], default_locale="root") == {
        "locales": "'xx_YY': not a locale, such as de_CH; 'deutsch': not a locale, such as de_CH",
        "default_locale": "not a locale, such as de_CH",
    }


def test_a_shop_s_locale_is_cut_down_as_anybody_s() -> None:
    assert stored(locales=["no_NO", "de-FR"], default_locale="de_XX")["locales"] == ["no", "de"]


def test_a_shop_speaks_a_language() -> None:
    assert complaints(locales=["und"], default_locale="und") == {
        "locales": "'und': it names no language",
        "default_locale": "it names no language",
    }


def test_a_channel_has_a_locale() -> None:
    assert complaints(locales=[]) == {"locales": "a channel has at least one"}


# ── Passwords ─────────────────────────────────────────────────────────────────────────────────────


@given(st.integers())
def test_the_shortest_password_has_from_6_to_64_characters(length: int) -> None:
    if 6 <= length <= 64:
        assert stored(password_min_length=length)["password_min_length"] == length
    else:
        assert complaints(password_min_length=length) == {"password_min_length": "from 6 to 64"}


# ── Mails ─────────────────────────────────────────────────────────────────────────────────────────


def test_landing_pages_are_kept_as_browsers_write_them_and_none_twice() -> None:
    given = {"RESET": ["https://Shop.Example/a", "https://shop.example:443/a", "http://localhost:*/"]}

    assert stored(landing_pages=given)["landing_pages"] == {"RESET": ["https://shop.example/a", "http://localhost:*/"]}


@pytest.mark.parametrize("page", ["", "*", "null", "shop.example/a", "http://shop.example/a", "https://shop.example"])
def test_what_is_no_landing_page_is_told(page: str) -> None:
    told = complaints(landing_pages={"CONFIRM": ["https://shop.example/a", page], "RESET": ["x"], "LOGIN": []})

    first, second, third = told["landing_pages"].split("; '")
    assert first.startswith(f"{page!r}: it")
    assert second.startswith("x': its scheme")
    assert third.startswith("LOGIN' is no purpose: write PURPOSE=PAGE, with one of CONFIRM, ")


def test_the_pages_of_one_purpose_change_without_the_others() -> None:
    before = stored(landing_pages={"RESET": ["https://shop.example/a"], "CONFIRM": ["https://shop.example/b"]})

    after = checked({"landing_pages": {"RESET": [], "SIGN_IN": ["https://shop.example/c"]}}, before)

    assert after["landing_pages"] == {"CONFIRM": ["https://shop.example/b"], "SIGN_IN": ["https://shop.example/c"]}


def test_landing_pages_and_sender_can_be_none() -> None:
    nothing: dict[str, object] = {"landing_pages": {}, "sender_name": None, "sender_email_address": None}

    assert stored(**nothing).items() >= nothing.items()


@pytest.mark.parametrize("address", ["", "shop", "Shop <a@shop.example>", "a@shop.example\nBcc: b@c.example", "a@b@c"])
def test_the_sender_is_one_address(address: str) -> None:
    assert complaints(sender_email_address=address) == {"sender_email_address": "not an e-mail address"}


def test_the_domain_of_the_sender_is_kept_as_mail_servers_want_it() -> None:
    assert stored(sender_email_address="Post@Bücher.example")["sender_email_address"] == "Post@xn--bcher-kva.example"


# ── All of them ───────────────────────────────────────────────────────────────────────────────────


def test_all_that_is_wrong_is_told_at_once() -> None:
    wrong = {
        "code": "graphql",
        "name": "",
        "locales": ["x"],
        "default_locale": "y",
        "password_min_length": 5,
        "landing_pages": {"RESET": ["z"]},
        "sender_name": "\n",
        "sender_email_address": "w",
    }

    assert list(complaints(**wrong)) == list(wrong)


def test_what_is_not_given_stays() -> None:
    assert stored() == NONE
    assert stored(name="Shop") == NONE | {"name": "Shop"}


@given(st.lists(LOCALES, min_size=1), LOCALES)
def test_what_was_stored_is_stored_the_same_again(locales: list[str], default: str) -> None:
    once = stored(locales=locales, default_locale=default, landing_pages={"RESET": ["https://A.example:443/"]})

    assert stored(**once) == once
