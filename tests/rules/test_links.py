"""A link may lead to a listed page of the shop and nowhere else, whoever reads it. Browsers are asked in tests/fire."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.rules.links import landing_page, matter, whole_origins, with_token
from tests.fire.hostile import LANDING_PAGES, URLS

TOKEN = "kR3vX9mQ2pL7sT4wZ8bN1cF6hJ0dG5yA-eUiOq_WxYz"
OWN_PORTS = {"https": 443, "http": 80}
ORIGINS = ("https://shop.example", "http://localhost:3000")

BELOW = ("a/", "b", "x.html", "@x", "%C3%A9", "%20", "...", "~", "(,)")
SAFE = ("/reset", "/account/", "a/b", "x.html", "@x", "%C3%A9", "%20", "/shop.php?do=reset", "?", "...", "~", "(,)")
HOSTILE = (
    *(
        "https://",
        "http://",
        "//",
        "https:",
        "shop.example",
        "SHOP.example",
        "localhost",
        "other.example",
        ".other.example",
    ),
    *(":443", ":3000", ":80", "@", "\\", "/", "#", "%2f", "%40", "%", ".", "..", "*", "[::1]", "\u3002", "\u2028"),
    *("token", "token=x", "t%6fken=x", "tOkEn", " ", "\t", "\r\n", "\0", "?a=1", "&", "="),
    *("/../", "/./", "/%2e%2e/", "/.%2E", "%5c", ";", "/..;/", "%3b", "%25", "%252e", "%c0%af", "%ff", "/search"),
)


def urls(begins: Iterable[str], pieces: Iterable[str]) -> st.SearchStrategy[str]:
    rest = st.lists(st.sampled_from([*pieces]), max_size=6).map("".join)
    return st.tuples(st.sampled_from([*begins]), rest).map("".join)


PAGES = st.sampled_from(LANDING_PAGES) | urls([page for page in LANDING_PAGES if page.endswith("/")], BELOW)
ANYTHING = urls(["", "https://", *ORIGINS, *LANDING_PAGES], SAFE + HOSTILE) | st.text()


def may_lead(url: str, *pages: str) -> bool:
    return matter(url, map(landing_page, pages or LANDING_PAGES)) is None


def origin_of(url: str) -> str:
    """Return the origin of a URL as another parser than ours finds it."""
    parts = urlsplit(url)
    assert parts.username is None
    assert parts.password is None
    port = "" if parts.port in {None, OWN_PORTS.get(parts.scheme)} else f":{parts.port}"
    return f"{parts.scheme}://{parts.hostname}{port}"


def test_the_corpus_is_large_and_holds_both() -> None:
    assert len(URLS) >= 100
    assert set(URLS.values()) == {True, False}


@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:60])
def test_a_mail_may_lead_there_or_not(url: str) -> None:
    assert may_lead(url) is URLS[url]


@pytest.mark.parametrize("url", URLS, ids=lambda url: ascii(url)[:60])
def test_no_list_allows_no_page(url: str) -> None:
    assert matter(url, []) is not None


@pytest.mark.parametrize("url", [url for url, allowed in URLS.items() if allowed])
def test_a_page_that_another_list_has_is_not_allowed(url: str) -> None:
    assert not may_lead(
        url, "https://shop.example:8443/", "https://www.shop.example/", "https://localhost:3000/", "http://127.0.0.1:*/"
    )


@given(PAGES)
def test_pages_that_are_listed_and_those_below_are_allowed(url: str) -> None:
    assert may_lead(url)


@settings(max_examples=500)
@given(PAGES | ANYTHING)
def test_what_is_allowed_is_listed_for_another_parser(url: str) -> None:
    if not may_lead(url):
        return

    parts = urlsplit(url)
    page = origin_of(url) + (urlsplit(urljoin(url, parts.path)).path or "/")  # dots resolved
    if parts.query:
        assert f"{page}?{parts.query}" in LANDING_PAGES
    else:
        assert any(page == each or (each.endswith("/") and page.startswith(each)) for each in LANDING_PAGES)
    assert url.isascii()
    assert url.isprintable()
    assert "#" not in url
    assert " " not in url


@settings(max_examples=500)
@given(PAGES | ANYTHING)
def test_nothing_is_escaped_that_could_stand_for_another_path(url: str) -> None:
    if not may_lead(url):
        return
    path = urlsplit(url).path

    assert len(re.findall(r"[/.;\\%?#\x00-\x1f]", unquote(path))) == path.count("/") + path.count(".")
    assert unquote(unquote(path)) == unquote(path)


@settings(max_examples=500)
@given(PAGES)
def test_the_token_is_the_last_parameter_and_the_only_one_of_its_name(url: str) -> None:
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
    longest = "https://shop.example/account/" + "a" * (2000 - len("https://shop.example/account/"))

    assert may_lead(longest)
    assert not may_lead(longest + "a")


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("https://evil.example/reset", "its origin is not listed"),
        ("https://shop.example:8443/reset", "its origin is not listed"),
        ("https://hans@shop.example/reset", "its origin is not a host with at most a port"),
        ("https://shop.example./reset", "its origin is not a host with at most a port"),
        ("https://[::1]/reset", "it has the character '[', with which no address is written"),
        ("http://shop.example/reset", "its scheme is not https"),
        ("ftp://shop.example/reset", "its scheme is not https"),
        ("shop.example/reset", "its scheme is not https"),
        ("", "its scheme is not https"),
        ("https://shop.example/reset#here", "it has a fragment"),
        ("https://shop.example/reset page", "it has the character ' ', with"),
        ("https://shop.example\\reset", r"it has the character '\\', with"),
        ("https://shop.example/r\u00e9set", "it has the character '\u00e9', with"),
        ("https://shop.example/\u202e", r"it has the character '\u202e', with"),
        ("https://shop.example/search", "its path is not listed"),
        ("https://shop.example/account/../search", "its path has a segment that is empty or made of dots"),
        ("https://shop.example/reset?next=/", "its query is not listed"),
        ("https://shop.example/reset?token=x", "its query has a token already"),
        ("https://shop.example/reset?%", "its query has a % that escapes nothing"),
        ("https://shop.example/" + "a" * 2000, "it has more than 2000 characters"),
    ],
)
def test_it_is_told_what_is_the_matter_with_a_page(url: str, told: str) -> None:
    found = matter(url, LANDING_PAGES)

    assert found is not None
    assert found.startswith(told)
    assert not any(page in found for page in LANDING_PAGES)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("https://shop.example/", "https://shop.example/"),
        ("HTTPS://Shop.Example/Reset", "https://shop.example/Reset"),
        ("https://shop.example:443/a/", "https://shop.example/a/"),
        ("https://shop.example:8443/a?b=c", "https://shop.example:8443/a?b=c"),
        ("https://shop.example?view=reset", "https://shop.example/?view=reset"),
        ("https://shop.example/reset?", "https://shop.example/reset"),
        ("https://xn--bcher-kva.example/z%C3%BCrich", "https://xn--bcher-kva.example/z%C3%BCrich"),
        ("https://192.0.2.1:8443/", "https://192.0.2.1:8443/"),
        ("http://localhost:3000/", "http://localhost:3000/"),
        ("http://LOCALHOST:80/", "http://localhost/"),
        ("http://127.0.0.1:5173/reset", "http://127.0.0.1:5173/reset"),
        ("HTTP://LocalHost:*/", "http://localhost:*/"),
        ("http://127.0.0.1:*/reset", "http://127.0.0.1:*/reset"),
        ("https://localhost:*?view=reset", "https://localhost:*/?view=reset"),
    ],
)
def test_a_landing_page_is_listed_as_browsers_write_it(text: str, written: str) -> None:
    assert landing_page(text) == written
    assert landing_page(written) == written
    assert may_lead(text.replace("*", "1234"), written)


@pytest.mark.parametrize("port", ["", ":1", ":80", ":3000", ":65535"])
@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_any_port_of_the_machine_itself_can_be_listed(host: str, port: str) -> None:
    assert may_lead(f"http://{host}{port}/reset", f"http://{host}:*/")
    assert not may_lead(f"http://{host}{port}/reset", f"http://{host}:*/account/", f"https://{host}:*/")
    assert not may_lead(f"http://{host}.other.example{port}/reset", f"http://{host}:*/")


NO_PAGES = [
    *("", "shop.example", "//shop.example", "https://", "https:shop.example/", "https:///shop.example", "/reset"),
    *("https://shop.example", "https://shop.example?", "https://shop.example#", "https://shop.example/#reset"),
    *("https://shop.example:/", "https://shop.example:0/", "https://shop.example:0443/", "https://shop.example:65536/"),
    *(
        "http://shop.example/",
        "http://localhost.a.example/",
        "http://127.0.0.2/",
        "ftp://shop.example/",
        "null",
        "*",
    ),
    *("https://*.shop.example/", "https://user@shop.example/", "https://shop.example./", "https://.example/"),
    *("https://-shop.example/", "https://shop_.example/", "https://[::1]/", "https://b\u00fccher.example/"),
    *("https://127.1/", "https://0x7f.1/", "https://2130706433/", "https://shop.1/", "https://256.0.0.1/"),
    *(" https://shop.example/", "https://shop.example/\n", "https://shop.example/\0", "https://shop\u3002example/"),
    *(
        "https://shop.example:*/",
        "http://*:3000/",
        "http://localhost:3*/",
        "http://localhost:*.other.example/",
        "http://*/",
    ),
    *("http://localhost:*", "http://localhost:**/", "https://shop.example/*", "https://shop.example/reset?token=x"),
    *("https://shop.example/a/../b", "https://shop.example/a;b/", "https://shop.example/%2e%2e/", "https://a b/"),
]


@pytest.mark.parametrize("text", NO_PAGES, ids=ascii)
def test_what_browsers_would_write_otherwise_or_not_take_is_no_landing_page(text: str) -> None:
    with pytest.raises(ValueError, match=r"^it(s| has| names) .*"):
        landing_page(text)


@settings(max_examples=500)
@given(urls(["https://", "http://", *ORIGINS], HOSTILE) | st.text())
def test_a_landing_page_is_one_for_another_parser_too(text: str) -> None:
    try:
        written = landing_page(text)
    except ValueError:
        return

    assert landing_page(written) == written
    if ":*" not in written:
        assert written.startswith(f"{origin_of(written)}/")
        assert origin_of(text) == origin_of(written)
        assert may_lead(text, text)


def test_the_pages_of_a_whole_shop_are_told_from_others() -> None:
    whole = ["https://shop.example/", "https://localhost.example/", "https://shop.example:8443/"]
    others = ["https://shop.example/a/", "https://shop.example/?a=/", "http://localhost:*/", "http://localhost:3000/"]

    assert whole_origins([*whole, *others, "https://127.0.0.1/", "https://localhost/"]) == whole
