"""Who runs the gateway is told which shops let a stranger choose among all of their pages. The demo does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from db.engine import open_database
from db.errors import DatabaseUnavailableError
from gateway.adapters.clock import SystemClock
from gateway.demo.shops import LANDING_PAGES
from gateway.serving.checks import doubts_of_landing_pages
from resolvers.channels.service import channels, create_channel
from resolvers.rules.links import matter
from tests import pages

if TYPE_CHECKING:
    from pathlib import Path

    from db.engine import Database

pytestmark = pytest.mark.anyio


async def test_the_start_tells_of_whole_origins_once_for_each_channel(database: Database) -> None:
    listed = {
        "old": pages.for_all("https://old.example/", "http://localhost:3000/"),
        "new": pages.for_all("https://new.example/account/"),
        "demo": LANDING_PAGES,
        "half": {"RESET": ["https://half.example:8443/", "https://half.example/reset"]},
    }
    async with database.unit_of_work() as session:
        for code, its in listed.items():
            await create_channel(session, now=SystemClock().now(), code=code, name=code, landing_pages=its)

    half, old = await doubts_of_landing_pages(database)

    assert half.startswith("Links in mails of channel half may lead to every page below https://half.example:8443/, ")
    assert half.endswith("gateway channel set half --landing-page RESET=https://half.example:8443/...")
    assert "(CONFIRM, RESET, CHANGE_ADDRESS, INVITATION, ACCESS_REQUEST, SIGN_IN)" in old


async def test_a_database_that_does_not_answer_keeps_nobody_from_starting(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path}/empty.db")
    await database.close()

    with pytest.raises(DatabaseUnavailableError):
        async with database.unit_of_work() as session:
            await channels(session)

    assert await doubts_of_landing_pages(database) == []


@pytest.mark.parametrize("purpose", LANDING_PAGES)
@pytest.mark.parametrize(
    ("page", "is_allowed"),
    [
        ("https://mywebshop.com/security/password-reset", True),
        ("http://localhost:5173/reset", True),
        ("http://127.0.0.1:3000/", True),
        ("http://localhost/a/b", True),
        ("https://mywebshop.com/search", False),
        ("https://localhost.evil.com/", False),
        ("http://localhost:5173/?next=/", False),
    ],
)
def test_the_demo_links_to_the_examples_and_to_localhost(purpose: str, page: str, *, is_allowed: bool) -> None:
    assert (matter(page, LANDING_PAGES[purpose]) is None) is is_allowed
