"""A link may lead to a page of the shop and nowhere else, whoever reads it. Browsers are asked in tests/fire."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from resolvers.links import is_allowed, origin, with_token
from tests.fire.hostile import ORIGINS, URLS

TOKEN = "kR3vX9mQ2pL7sT4wZ8bN1cF6hJ0dG5yA-eUiOq_WxYz"
OWN_PORTS = {"https": 443, "http": 80}

SAFE = (
    "/reset",
    "/a.b",
    "/..",
    "/%2e",
    "/@x",
    "?",
    "&",
    "=",
    "a=1",
    "b",
    "%26",
    "tokens=x",
    "mytoken=x",
    ":",
    ";",
    "+",
)
HOSTILE = (
    *("https://", "http://", "//", "https:", "shop.example", "SHOP.example", "localhost", "evil.com", ".evil.com"),
    *(":443", ":3000", ":80", "@", "\\", "/", "#", "%2f", "%40", "%", ".", "..", "*", "[::1]", "\u3002", "\u2028"),
    *("token", "token=x", "t%6fken=x", "tOkEn", " ", "\t", "\r\n", "\0"),
)


def urls(begins: Iterable[str], pieces: Iterable[str]) -> st.SearchStrategy[str]:
    rest = st.lists(st.sampled_from([*pieces]), max_size=6).map("".join)
    return st.tuples(st.sampled_from([*begins]), rest).map("".join)


PAGES = urls(ORIGINS, SAFE)
ANYTHING = urls(["", "https://", *ORIGINS], SAFE + HOSTILE) | st.text()


def origin_of(url: str) -> str:
    """Return the origin of a URL as another parser than ours finds it."""
    parts = urlsplit(url)
    assert parts.username is None
    assert parts.password is None
    port = "" if parts.port in {None, OWN_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def test_the_corpus_is_large_and_holds_both() -> None:
    assert len(URLS) >= 40
    assert set(URLS.values()) == {True, False}


@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:60])
def test_a_page_is_allowed_or_not(url: str) -> None:
    assert is_allowed(url, ORIGINS) is URLS[url]


@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:60])
def test_no_origins_allow_no_page(url: str) -> None:
    assert not is_allowed(url, [])


@pytest.mark.parametrize("url", [url for url, allowed in URLS.items() if allowed])
def test_a_page_of_another_origin_is_not_allowed(url: str) -> None:
    assert not is_allowed(url, ["https://shop.example:8443", "https://www.shop.example", "https://localhost:3000"])


@settings(max_examples=1000)
@given(PAGES | ANYTHING)
def test_what_is_allowed_has_an_allowed_origin_for_another_parser(url: str) -> None:
    if not is_allowed(url, ORIGINS):
        return

    assert origin_of(url) in ORIGINS
    assert urlsplit(url).fragment == ""
    assert url.isascii()
    assert url.isprintable()
    assert " " not in url


@settings(max_examples=500)
@given(PAGES)
def test_the_token_is_the_last_parameter_and_the_only_one_of_its_name(url: str) -> None:
    assume(is_allowed(url, ORIGINS))
    link = with_token(url, TOKEN)

    parameters = parse_qsl(urlsplit(link).query, keep_blank_values=True)
    assert parameters[-1] == ("token", TOKEN)
    assert [name for name, _value in parameters].count("token") == 1
    assert parameters[:-1] == parse_qsl(urlsplit(url).query, keep_blank_values=True)
    assert origin_of(link) == origin_of(url)
    assert urlsplit(link).path == urlsplit(url).path
    assert urlsplit(link).fragment == ""


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("https://shop.example", "https://shop.example?token=T"),
        ("https://shop.example/reset", "https://shop.example/reset?token=T"),
        ("https://shop.example/reset?", "https://shop.example/reset?token=T"),
        ("https://shop.example/reset?a=1", "https://shop.example/reset?a=1&token=T"),
        ("https://shop.example/reset?a=1&", "https://shop.example/reset?a=1&token=T"),
        ("https://shop.example/reset?a=1?", "https://shop.example/reset?a=1?&token=T"),
        ("https://shop.example/reset??", "https://shop.example/reset??&token=T"),
    ],
)
def test_a_token_is_added(page: str, link: str) -> None:
    assert with_token(page, "T") == link


def test_a_page_may_have_2000_characters() -> None:
    longest = "https://shop.example/" + "a" * (2000 - len("https://shop.example/"))

    assert is_allowed(longest, ORIGINS)
    assert not is_allowed(longest + "a", ORIGINS)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("https://shop.example", "https://shop.example"),
        ("HTTPS://Shop.Example", "https://shop.example"),
        ("https://shop.example:443", "https://shop.example"),
        ("https://shop.example:8443", "https://shop.example:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://192.0.2.1:8443", "https://192.0.2.1:8443"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("http://LOCALHOST:80", "http://localhost"),
        ("http://127.0.0.1:5173", "http://127.0.0.1:5173"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, written: str) -> None:
    assert origin(text) == written
    assert origin(written) == written
    assert is_allowed(text, [written])


NO_ORIGINS = [
    *("", "shop.example", "//shop.example", "https://", "https:shop.example", "https:///shop.example"),
    *("https://shop.example/", "https://shop.example/a", "https://shop.example?", "https://shop.example#"),
    *("https://shop.example:", "https://shop.example:0", "https://shop.example:0443", "https://shop.example:65536"),
    *("http://shop.example", "http://localhost.evil.com", "http://127.0.0.2", "ftp://shop.example", "null", "*"),
    *("https://*.shop.example", "https://user@shop.example", "https://shop.example.", "https://.example"),
    *("https://-shop.example", "https://shop_.example", "https://[::1]", "https://b\u00fccher.example", "https://a b"),
    *(
        "https://127.1",
        "https://0x7f.1",
        "https://2130706433",
        "https://shop.1",
        "https://256.0.0.1",
        "https://01.0.0.1",
    ),
    *(" https://shop.example", "https://shop.example\n", "https://shop.example\0", "https://shop\u3002example"),
]


@pytest.mark.parametrize("text", NO_ORIGINS, ids=ascii)
def test_what_browsers_would_write_otherwise_or_not_take_is_no_origin(text: str) -> None:
    with pytest.raises(ValueError, match=r"an origin is|links lead to"):
        origin(text)


@settings(max_examples=500)
@given(urls(["https://", "http://", *ORIGINS], HOSTILE) | st.text())
def test_an_origin_is_one_for_another_parser_too(text: str) -> None:
    try:
        written = origin(text)
    except ValueError:
        return

    assert origin_of(written) == written
    assert origin_of(text) == written
