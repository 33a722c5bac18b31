"""The pages on which developers look at mails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from html.parser import HTMLParser

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from db.enums import MailState
from gateway.mail.mailbox import NEWEST, Posted, routes
from gateway.mail.rendering import render
from resolvers.mails.letter import Letter, Theme
from tests.gateway.asgi import over
from tests.gateway.mail.letters import HOSTILE, LINK, RECEIVER, SENDER, WRITTEN, letter

pytestmark = pytest.mark.anyio


@dataclass
class Kept:
    """An outbox of one channel, paloma."""

    posted: Sequence[Posted] = ()

    async def newest(self, channel_code: str, limit: int) -> Sequence[Posted] | None:
        return self.posted[:limit] if channel_code == "paloma" else None

    async def letter(self, channel_code: str, mail_id: str) -> Letter | None:
        found = [letter for letter, _ in self.posted if letter.mail_id == mail_id]
        return found[0] if found and channel_code == "paloma" else None


class Page(HTMLParser):
    """What a browser finds: elements, links, and the mail in its frame."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.links: list[str | None] = []
        self.frames: list[dict[str, str | None]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.links += [value for name, value in attrs if tag == "a" and name == "href"]
        self.frames += [dict(attrs)] * (tag == "iframe")

    def handle_data(self, data: str) -> None:
        self.text += data


async def get(path: str, *posted: Posted) -> httpx2.Response:
    app = Starlette(routes=[Route(found, endpoint) for found, endpoint in routes(Kept(posted), SENDER)])
    async with over(app) as client:
        return await client.get(path)


def assert_closed(response: httpx2.Response, styles: str) -> None:
    headers = response.headers
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy.pop("style-src").startswith(styles)
    assert policy == {
        "default-src": "'none'",
        "img-src": "data:",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "'none'",
    }
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["content-type"] == "text/html; charset=utf-8"


async def test_the_list_shows_when_to_whom_what_and_how_far() -> None:
    later = letter(Theme.PASSWORD_CHANGED, mail_id="mai_2", written_at=WRITTEN + timedelta(seconds=1))
    response = await get(
        "/paloma/mailbox", Posted(later, MailState.GIVEN_UP), Posted(letter(mail_id="mai_1"), MailState.SENT)
    )
    page = Page(response.text)
    cells = page.text.split("State")[1].split("\n")

    assert response.status_code == 200
    assert list(filter(None, cells)) == [
        *("2026-11-24 20:05:01", RECEIVER, "Your password at Paloma was changed", "given up"),
        *("2026-11-24 20:05:00", RECEIVER, "New password for your account at Paloma", "sent"),
    ]
    assert page.links == ["mailbox/mai_2", "mailbox/mai_1"]
    assert '<meta http-equiv="refresh" content="5">' in response.text
    assert_closed(response, "'sha256-")


async def test_the_list_is_short() -> None:
    posted = [Posted(letter(mail_id=f"mai_{number}"), MailState.SENT) for number in range(NEWEST + 1)]

    assert len(Page((await get("/paloma/mailbox", *posted)).text).links) == NEWEST


async def test_an_empty_mailbox_says_so() -> None:
    assert "Nothing yet." in (await get("/paloma/mailbox")).text


async def test_a_mail_is_shown_as_its_reader_sees_it() -> None:
    shown = letter(locale="de_CH")
    response = await get(f"/paloma/mailbox/{shown.mail_id}", Posted(shown, MailState.SENT))
    page = Page(response.text)
    message = render(shown, SENDER)
    html, text = [part.get_content() for part in message.iter_parts()][::-1]

    assert response.status_code == 200
    [frame] = page.frames
    assert frame["srcdoc"] == html
    assert frame["sandbox"] == "allow-popups allow-popups-to-escape-sandbox"
    assert page.links == ["../mailbox", LINK]
    assert text in page.text
    for name, value in message.items():
        assert f"{name}{value}" in page.text
    assert 'http-equiv="refresh"' not in response.text
    assert_closed(response, "'unsafe-inline'")


async def test_a_mail_without_a_link_lists_none() -> None:
    shown = letter(Theme.PASSWORD_CHANGED)

    assert Page((await get(f"/paloma/mailbox/{shown.mail_id}", Posted(shown, MailState.SENT))).text).links == [
        "../mailbox"
    ]


@pytest.mark.parametrize(
    "path", ["/other/mailbox", "/other/mailbox/mai_1", "/paloma/mailbox/mai_2", "/paloma/mailbox/mai_1/x"]
)
async def test_what_is_not_there(path: str) -> None:
    assert (await get(path, Posted(letter(mail_id="mai_1"), MailState.SENT))).status_code == 404


@pytest.mark.parametrize("name", HOSTILE, ids=ascii)
async def test_whatever_anything_is_called_stays_text(name: str) -> None:
    good = letter(mail_id="mai_1")
    hostile = letter(mail_id="mai_1", name=name, shop=name, sender_name=name)
    for path in ("/paloma/mailbox", "/paloma/mailbox/mai_1"):
        found, expected = [Page((await get(path, Posted(each, MailState.SENT))).text) for each in (hostile, good)]
        assert found.elements == expected.elements
        assert found.links == expected.links
