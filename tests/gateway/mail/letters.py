"""The home of made-up letters, and of what strangers write where a shop asks for their name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from resolvers.mails.letter import Form, Letter, Theme

SENDER = "post@gateway.example"
RECEIVER = "hans.muster@astina.io"
LINK = "https://shop.example/account?page=1&token=kR3vX9mQ2pL7sT4wZ8bN1cF6hJ0dG5yA-eUiOq_WxYz"
WRITTEN = datetime(2026, 11, 24, 20, 5, tzinfo=UTC)
LINKED = {Theme.CONFIRM_REGISTRATION, Theme.CONFIRM_ADDRESS, Theme.RESET_PASSWORD, Theme.CONFIRM_NEW_ADDRESS}

HOSTILE = (
    "Eva\r\nBcc: a@evil.example",
    "Eva\rBcc: a@evil.example",
    "Eva\nBcc: a@evil.example",
    "Eva\r\n\r\n<h1>Pay now</h1>",
    "Eva\r\n .\r\nMAIL FROM:<a@evil.example>",
    "Eva\x00Keller",
    "Eva\x0b\x0c\x1c\x1d\x1e\x85Keller",
    "Eva\u2028Bcc: a@evil.example\u2029",
    "\u202eevil\u202c",
    "\u2066Eva\u2069\u200f\ufeff",
    "Eva\ud800Keller",
    "Eva" * 3500,
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</style><style>*{display:none}",
    "-->\u003cb>Eva</b><!--",
    "<![endif]--><a href=https://evil.example>Eva</a>",
    '" onclick="alert(1)',
    "' style='position:fixed'",
    "&lt;b&gt;&#60;b&#62;",
    "{{7*7}}",
    "{% for x in y %}",
    "{shop.__class__}{0}",
    "%s%n$shop",
    "<mj-raw><b>Eva</b></mj-raw>",
    "https://evil.example",
    "evil.example",
    "a@evil.example <v@corp.example>",
    "a@evil.example, b@evil.example",
    "=?utf-8?q?=0D=0ABcc:_a=40evil.example?=",
    'Eva" <a@evil.example>, "',
    "",
)


def letter(theme: Theme = Theme.RESET_PASSWORD, locale: str = "en", **changed: Any) -> Letter:
    fields: dict[str, Any] = {
        "mail_id": "mai_01HV2JCC9T33QXEAXPHCJEC4FA",
        "theme": theme,
        "receiver": RECEIVER,
        "name": "Hans Muster",
        "locale": locale,
        "time_zone": "Europe/Zurich",
        "shop": "Paloma",
        "sender_name": "Paloma",
        "sender_address": None,
        "written_at": WRITTEN,
    }
    if theme in LINKED:
        fields |= {"link": LINK, "expires_at": WRITTEN + timedelta(hours=1)}
    if theme is Theme.CONFIRM_REGISTRATION:
        fields |= {"form": Form(WRITTEN, "192.0.2.1")}
    if theme in {Theme.ADDRESS_CHANGING, Theme.ADDRESS_CHANGED}:
        fields |= {"other_address": "h***@example.com"}
    return Letter(**fields | changed)
