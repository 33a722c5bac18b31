"""The home of hostile texts: addresses and links put together from a few parts, and names that would be more than that.

Each is an address or link that is right, with one thing about it that is not: what is expected is known by how it is
made.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import product

LONG = "a" * 64
_ELSEWHERE = "other.example"
_UNSEEN = (" ", "\r\n", "\u200b", "\ufeff", "\u202e")
_FULL_WIDTH = str.maketrans({letter: chr(letter + 0xFEE0) for letter in range(0x21, 0x7F)})

# ── Addresses ─────────────────────────────────────────────────────────────────────────────────────

_LOCALS = ("a", "first.last+tag", "o'brien", "#$&'*+/?=^_`{|}~-", "--", LONG)
_DOMAINS = {
    "corp.com": "corp.com",
    "CORP.COM": "corp.com",
    "sub.corp.co.uk": "sub.corp.co.uk",
    "other.example.corp.com": "other.example.corp.com",
    "m\u00fcnchen.de": "xn--mnchen-3ya.de",
    "xn--mnchen-3ya.de": "xn--mnchen-3ya.de",
    "c\u043erp.com": "xn--crp-sed.com",  # a Cyrillic letter is a letter
}
_SPECIALS = '@(),:;<>[]\\"%! \t\r\n\x00\x7f'
_NOT_IN_LOCAL = (*_SPECIALS, *"\u00e9\u0131\u212a\u00df\u200b\u2028\u202e\uff20\ud800")
_NOT_IN_DOMAIN = (*_SPECIALS, *"_/#?&=\u3002\uff0e\uff20\uff0f\u212a\u200b\u00ad\u2028\u202e\ud800")
_NO_DOMAINS = (
    "",
    "localhost",
    "127.0.0.1",
    "[127.0.0.1]",
    "[IPv6:::1]",
    "-corp.com",
    ".corp.com",
    "corp..com",
    "corp.com.",
)
_JOINTS = ("", *"(,;<> \n\x00%!:\\#/?", "> ", " <")


def _addresses() -> Iterator[tuple[str, str | None]]:
    """Yield addresses with where each must be mailed to; None if it must be refused."""
    yield from ((f"{local}@corp.com", f"{local}@corp.com") for local in _LOCALS)
    yield from ((f"a@{typed}", f"a@{domain}") for typed, domain in _DOMAINS.items())
    yield from ((text, "a@corp.com") for unseen in _UNSEEN for text in (f"{unseen}a@corp.com", f"a@corp.com{unseen}"))
    refused = [
        *(f"a{sign}{_ELSEWHERE}@corp.com" for sign in _NOT_IN_LOCAL),
        *(f"{_ELSEWHERE}{sign}a@corp.com" for sign in _NOT_IN_LOCAL),
        *(f"a@co{sign}rp.com" for sign in _NOT_IN_DOMAIN),
        *(f"a@{_ELSEWHERE}{joint}{second}" for joint, second in product(_JOINTS, ("@corp.com", "b@corp.com"))),
        *(f"{local}@corp.com" for local in ("", ".a", "a.", "a..b", '"a"', f'"a@{_ELSEWHERE}"', f"{LONG}a")),
        *(f"a@{domain}" for domain in (*_NO_DOMAINS, "corp.com".translate(_FULL_WIDTH), f"{'b' * 60}." * 5 + "com")),
        *(f"{word}@corp.com" for word in (f"=?utf-8?q?x=40{_ELSEWHERE}=2c?=", "a=?utf-8?q?x?=")),
        *(f"Hans <a@{_ELSEWHERE}>", f"mailto:a@{_ELSEWHERE}", f"@{_ELSEWHERE}:a@corp.com", "a", ""),
    ]
    yield from ((text, None) for text in refused)


ADDRESSES = dict(_addresses())

# ── Links ─────────────────────────────────────────────────────────────────────────────────────────

LANDING_PAGES = (
    "https://shop.example/reset",
    "https://shop.example/account/",
    "https://shop.example/shop.php?do=reset",
    "https://shop.example/caf%C3%A9",
    "http://localhost:3000/",
)
_SHOP = "https://shop.example"
_ALLOWED = (
    *LANDING_PAGES,
    *("https://shop.example/reset?", "https://SHOP.example/reset", "HTTPS://shop.example:443/reset"),
    *(f"{_SHOP}/account/{below}" for below in ("a/b.html", "a/", "@x", "https:", "z%C3%BCrich%20a/...")),
    *("http://localhost:3000", "http://localhost:3000/reset"),
)
_OTHER_PATHS = (
    *("", "/", "/search", "/Reset", "/reset/", "/reset.html", "/reset/a", "/account", "/accounts/", "/a/account/"),
    *("//reset", "/./reset", "/%72eset", "/reset%20", "/reset;a", "/caf%c3%a9", "/shop.php", "/shop.php/?do=reset"),
)
_DOTS = ("..", ".", "%2e%2e", ".%2E", "%252e%252e", "%c0%ae%c0%ae", "%ef%bc%8e%ef%bc%8e", "%u002e%u002e")
_SLASHES = ("/", "%2f", "\\", "%5c", ";/", "%3b/")
_NOT_IN_PATHS = (
    *("%", "%zz", "%00", "%0d%0a", "%23", "%3f", "%ff", "%e2%80%a6", "%e2%80%8b", ";", "/", "#", "<", '"', " ", "\t"),
    *"\r\n\u2028\u200b\ud800",
)
_OTHER_QUERIES = ("a=1", "&", "next=/", "b=/a/../c", "token", "token=mine", "a=1&to%6ben=mine")
_BEFORE_HOSTS = (
    "user@",
    "user:pw@",
    f"{_ELSEWHERE}@",
    f"{_ELSEWHERE}\\@",
    f"{_ELSEWHERE}#@",
    f"{_ELSEWHERE}?@",
    f"{_ELSEWHERE}\t@",
)
_BEHIND_HOSTS = (
    *(f"{joint}{_ELSEWHERE}" for joint in ("@", ":443@", ".", "-", "\\@", "\\.", "%40", "%2f.", "#@", "\u3002", "\n.")),
    *(".", ":", ":8443", ":0443", ":99999"),
)
_HOSTS = (
    "shop%2eexample",
    "shop\u3002example",
    "sh\u043ep.example",
    "shop.exam\u200bple",
    "sh\top.example",
    "xn--shop-.example",
)
_NUMBERS = ("[::1]", "127.0.0.1", "2130706433", _ELSEWHERE)
_SCHEMES = (
    *("http://", "ftp://", "//", "", "https:", "https:/", "https:///", "https:\\\\", " https://", "\x00https://"),
    *("javascript://", "data:text/html,https://", "blob:https://"),
)


def _links() -> Iterator[tuple[str, bool]]:
    """Yield links, and whether a mail may lead there."""
    yield from ((url, True) for url in _ALLOWED)
    refused = [
        *(f"{_SHOP}{path}" for path in _OTHER_PATHS),
        *(f"{_SHOP}/account/{dots}{slash}search" for dots, slash in product(_DOTS, _SLASHES)),
        *(f"{_SHOP}/account/{dots}" for dots in _DOTS),
        f"{_SHOP}/reset/..",
        *(f"{_SHOP}/account/{sign}a" for sign in _NOT_IN_PATHS),
        *(f"{_SHOP}/account/?{query}" for query in _OTHER_QUERIES),
        *(f"{_SHOP}/shop.php?{query}" for query in ("do=pay", "do=reset&do=pay", "do=reset&", "do=rese%74")),
        *(f"https://{before}shop.example/account/" for before in _BEFORE_HOSTS),
        *(f"{_SHOP}{behind}/account/" for behind in _BEHIND_HOSTS),
        *(f"https://{host}/account/" for host in (*_HOSTS, *_NUMBERS, "shop.example".translate(_FULL_WIDTH))),
        *(f"{scheme}shop.example/account/" for scheme in _SCHEMES),
        *(f"http://localhost{behind}/" for behind in ("", f":3000.{_ELSEWHERE}", f":3000@{_ELSEWHERE}", ":3001")),
        f"https://{_ELSEWHERE}/{_SHOP}/account/",
        f"{_SHOP}/account/{'a' * 2000}",
    ]
    yield from ((url, False) for url in refused)


URLS = dict(_links())

# ── Pieces ────────────────────────────────────────────────────────────────────────────────────────

_PIECES = (
    *"@:/\\?#%!.,;<>()[]\"' \t\r\n\x00=-_~+*|{}^`$&",
    *(
        "other.example",
        "corp.com",
        "shop.example",
        "@other.example",
        "//other.example",
        "\\@other.example",
        "a@other.example",
        ":443",
        ":8443",
    ),
    *("%2e", "%40", "%0d%0a", "%00", "%5c", "=?utf-8?q?=40?=", "xn--", "token=x", "?token=x", "localhost", "https:"),
    *("%2f", "%2e%2e", "%3b", "%25", "%c0%af", "..", "../", "/..;/", "/search", "reset", "account/", "?do=pay", "&"),
    *"\u3002\uff0e\uff61\uff20\uff0f\uff3c\u200b\u00ad\u2028\u202e\u0131\u212a\u00df\u043e\u0301\ufeff\ud800",
)


def mutants(texts: list[str], count: int, seed: int) -> Iterator[str]:
    """Yield *count* of *texts* with pieces put in, taken out and put in place of others; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - an order
    for _ in range(count):
        text = chance.choice(texts)
        for _ in range(chance.randint(1, 3)):
            begin = chance.randint(0, len(text))
            end = begin + chance.choice((0, 0, 0, 1, 2))
            text = text[:begin] + chance.choice((*_PIECES, "")) + text[end:]
        yield text


NAMES = (
    "Eva\r\nBcc: a@other.example",
    "Eva\rBcc: a@other.example",
    "Eva\n Bcc: a@other.example",
    "\u202emoc.live\u202c",
    "Eva\r\n\r\n<h1>Pay now</h1>",
    "Eva\r\n.\r\nMAIL FROM:<a@other.example>",
    "Eva\x0b\x0c\x1c\x1d\x1e\x85Keller",
    "Eva\u2028Bcc: a@other.example\u2029",
    "Bcc: a@other.example",
    "\u2066Eva\u2069\u200f\ufeff",
    "Eva\x00Keller",
    "Eva\ud800Keller",
    "Eva" * 3500,
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</title><script>a()</script>",
    "</style><style>*{color:#fff}",
    "--><b>Eva</b><!--",
    "<![endif]--><a href=//other.example>",
    '" onclick="alert(1)',
    "' style='position:fixed'",
    "&lt;b&gt;&#60;b&#62;",
    "{{7*7}}",
    "{% for x in y %}",
    "{shop.__class__}{0}{name}",
    "%s%n$shop",
    "<mj-raw><b>Eva</b></mj-raw>",
    "https://other.example",
    "other.example",
    "Win at other.example",
    "www.other.example/a?b=c",
    "//other.example",
    "evil\u3002com",
    "e\u0301vil\uff0ecom",
    "mailto:a@other.example",
    "tel:+41791234567",
    "a@other.example <v@corp.com>",
    "a@other.example, b@other.example",
    "=?utf-8?q?=0D=0ABcc:_a=40evil?=",
    'Eva" <a@other.example>, "',
    "\u200b",
    " ",
    "O\u2019Neil-M\u00fcller",
)
"""Most are no names, the last one is."""
