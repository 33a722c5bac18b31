"""The home of the HTML: the page around GraphiQL and its refusals, and what a browser may do with them."""

from __future__ import annotations

from html import escape
from string import Template
from typing import TYPE_CHECKING, Final

import orjson
from starlette.responses import Response

from gateway.playground.examples import tabs
from gateway.playground.files import STATIC

if TYPE_CHECKING:
    from gateway.playground.examples import SignIns

# GraphiQL's dialogs insert one <style> that stops the page from scrolling; its text is always the same, as the page has
# no scroll bars. Its style sheet holds fonts and two pictures as data.
_SCROLL_LOCK: Final = "sha256-Y/huXlwoYkVyQlxwSVcCi1RCDGDCSVBzDt0hYP9qlTc="
_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        f"style-src 'self' '{_SCROLL_LOCK}'",
        "img-src 'self' data:",
        "font-src data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": _POLICY,
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "referrer-policy": "no-referrer",
    "vary": "accept",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
_TEMPLATES: Final = {name: Template((STATIC / name).read_text("utf-8")) for name in ("page.html", "not_found.html")}


def playground(channel: str, files: str, sign_ins: SignIns) -> Response:
    """Return the page for *channel*; *files* is where it loads from, relative to it."""
    opening = {
        "channel": channel,
        "channels": list(sign_ins) or [channel],
        "tabs": tabs(sign_ins.get(channel), channel),
    }
    return _page("page.html", 200, channel=channel, files=files, opening=orjson.dumps(opening).decode())


def not_found(message: str, files: str, channels: SignIns) -> Response:
    """Return the page that says what is not there, and which channels the demo has."""
    known = f" The demo has {' and '.join(channels)}." if channels else ""
    return _page("not_found.html", 404, message=message, files=files, known=known)


def _page(name: str, status: int, **texts: str) -> Response:
    """Fill in *texts*, of which none can become markup."""
    html = _TEMPLATES[name].substitute({key: escape(text) for key, text in texts.items()})
    return Response(html, status, _HEADERS, "text/html")
