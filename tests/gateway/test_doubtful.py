"""What is allowed and looks wrong is told at the start, and once more when it bites."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
from base64 import b64encode
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from pydantic import SecretStr

from db.engine import Database
from db.enums import MailKind
from db.migrate import migrate, unmigrate
from gateway.adapters.clock import SystemClock
from gateway.app import create_app
from gateway.operator.doubtful import of_channels, of_settings
from gateway.operator.secret_key import is_guessable
from gateway.operator.settings import OperatorError, Settings
from gateway.serving.background import waiting_mails
from gateway.serving.checks import doubts_of
from resolvers.mails import outbox
from resolvers.rules.email_address import EmailAddress
from tests.conftest import FreshDatabase
from tests.db.rows import channel
from tests.gateway.asgi import DOCUMENT, over
from tests.gateway.test_endpoint import create

pytestmark = pytest.mark.anyio

KEY = SecretStr("an-0rdinary+kEy/of_many.signs,none;twice")


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.upper().startswith("GATEWAY_"):
            monkeypatch.delenv(name)


def doubts(**settings: object) -> list[str]:
    given = {"secret_key": (KEY,), "smtp_url": "smtp://mail.example", "mail_from": "noreply@shop.example"}
    return list(of_settings(Settings(**{**given, **settings})))  # type: ignore[arg-type]  # as tests give them


def test_nothing_is_told_where_nothing_looks_wrong() -> None:
    assert doubts() == []


@pytest.mark.parametrize(
    ("settings", "beginning"),
    [
        ({"smtp_url": None}, "GATEWAY_SMTP_URL is not set"),
        ({"smtp_url": None, "mailbox": True}, "GATEWAY_MAILBOX is true"),
        ({"playground": True}, "GATEWAY_PLAYGROUND is true"),
        ({"secret_key": (SecretStr("k" * 32),)}, "GATEWAY_SECRET_KEY has few different characters"),
        ({"secret_key": (KEY, SecretStr("changeme" * 5))}, "GATEWAY_SECRET_KEY has few different characters"),
    ],
)
def test_what_looks_wrong_is_told_by_the_name_of_the_setting(settings: dict[str, object], beginning: str) -> None:
    [told] = doubts(**settings)

    assert told.startswith(beginning)
    assert "changeme" not in told


def test_names_that_are_no_setting_are_told_with_the_nearest_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_TRUSTED_PROXY", "hunter2")
    monkeypatch.setenv("gateway_xyz", "hunter2")

    assert doubts() == [
        "GATEWAY_TRUSTED_PROXY is no setting. Did you mean GATEWAY_TRUSTED_PROXIES?",
        "GATEWAY_XYZ is no setting.",
    ]


def test_drawn_keys_are_not_doubted() -> None:
    drawn = [b64encode(secrets.token_bytes(32)).decode() for _ in range(200)]
    drawn += [secrets.token_hex(32) for _ in range(200)]

    assert [key for key in drawn if is_guessable(key)] == []


@pytest.mark.parametrize("key", ["a" * 32, "0123456789abcdef" * 2, "abc" * 11, "secretsecretsecretsecretsecretse"])
def test_typed_keys_are_doubted(key: str) -> None:
    assert is_guessable(key)


async def test_a_database_that_is_away_is_waited_for_and_one_that_is_wrong_is_not(database_url: str) -> None:
    away = Settings(secret_key=(KEY,), database_url="postgresql://somebody:hunter2@127.0.0.1:1/shop")
    [_mails, told] = await doubts_of(away)
    assert told.startswith("The database server can't be reached")
    assert "hunter2" not in told

    await unmigrate(database_url)
    try:
        with pytest.raises(OperatorError, match="Run: gateway migrate"):
            await doubts_of(Settings(secret_key=(KEY,), database_url=database_url))
    finally:
        await migrate(database_url)


# ── Channels ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_default_channel_that_is_none_is_told(database: Database) -> None:
    [none] = await of_channels(database, "first")
    assert none.startswith("There is no channel")

    async with database.unit_of_work() as session:
        session.add(channel(code="first"))
    assert await of_channels(database, "first") == await of_channels(database, None) == []
    [absent] = await of_channels(database, "secnd")
    assert absent.startswith("GATEWAY_DEFAULT_CHANNEL is 'secnd'")


async def test_it_is_told_again_when_it_bites_and_not_each_time(
    fresh_database: FreshDatabase, caplog: pytest.LogCaptureFixture
) -> None:
    with fresh_database("sqlite") as url:
        await create(url, "first")
        app = create_app(Settings(database_url=url, secret_key=(KEY,), default_channel="secnd"))
        async with app.router.lifespan_context(app), over(app) as client:
            for path in ("/graphql", "/graphql", "/other/graphql"):
                await client.post(path, json={"query": DOCUMENT})

    assert [message for message in caplog.messages if "GATEWAY_DEFAULT_CHANNEL" in message] == [
        "GATEWAY_DEFAULT_CHANNEL is 'secnd', and there is no such channel: /graphql is 404."
    ]


# ── Mails ─────────────────────────────────────────────────────────────────────────────────────────


async def test_mails_that_nobody_sends_are_told(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    shop = channel(code="first")
    now = SystemClock().now()
    async with database.unit_of_work() as session:
        session.add(shop)
        await session.flush()
        for age in (timedelta(minutes=6), timedelta()):
            address = EmailAddress.parse("hans@corp.com")
            outbox.put(session, MailKind.PASSWORD_CHANGED, address, channel_id=shop.id, now=now - age)

    stopping = asyncio.Event()
    work = waiting_mails(database, SystemClock(), seconds=0.01)
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        tasks.create_task(_until(work, stopping))
        while not caplog.messages:  # noqa: ASYNC110 - the log has no event
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.05)
        stopping.set()

    assert [message for message in caplog.messages if "mails wait" in message] == [
        "mails wait, and nobody has sent them for minutes: set GATEWAY_SMTP_URL"
    ]


async def _until(work: Callable[[asyncio.Event], Awaitable[None]], stopping: asyncio.Event) -> None:
    await work(stopping)
