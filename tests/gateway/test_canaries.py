"""No secret is logged, repeated in an answer or stored, whatever goes wrong; and one that is, is found."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import orjson
import pytest

from tests.conftest import FreshDatabase
from tests.gateway.canaries import Canaries, Sender, leaks
from tests.gateway.processes import Process, load_demo_into, running


@pytest.fixture
def loaded_url(database_url: str) -> str:
    load_demo_into(database_url)
    return database_url


@contextmanager
def sending(
    url: str, canaries: Canaries, directory: Path, *arguments: str, module: str = "gateway.cli"
) -> Iterator[tuple[Process, Sender]]:
    """Serve the database at *url*, by a password that is a canary where it has one."""
    settings = {
        "database_url": with_password(url, canaries),
        "secret_key": canaries.secret_key,
        "mailbox": "true",
        "mails_per_network": "1000",
    }
    with (
        running(*arguments, directory=directory, module=module, default_channel="paloma", **settings) as process,
        closing(Sender(process.url(), canaries)) as sender,
    ):
        yield process, sender


def with_password(url: str, canaries: Canaries) -> str:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return url
    user = parts.netloc.rpartition("@")[0].partition(":")[0]
    host = parts.netloc.rpartition("@")[2]
    return parts._replace(netloc=f"{user}:{canaries.database_password}@{host}").geturl()


def break_database(url: str) -> None:
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        for each in file.parent.glob(f"{file.name}*"):
            with each.open("r+b") as opened:
                opened.write(os.urandom(each.stat().st_size))
        return
    asyncio.run(_shut(url))


async def _shut(url: str) -> None:
    parts = urlsplit(url)
    connection = await asyncpg.connect(parts._replace(path="/postgres").geturl())
    name = parts.path[1:]
    await connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
    await connection.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    await connection.close()


def results_in(answer: dict[str, Any]) -> set[str]:
    return {value["__typename"] for value in (answer.get("data") or {}).values() if value and "__typename" in value}


def levels(log: str) -> set[str]:
    return {orjson.loads(line)["level"] for line in log.splitlines()}


def test_no_secret_is_seen_whatever_is_asked(loaded_url: str, tmp_path: Path) -> None:
    canaries = Canaries()
    with sending(loaded_url, canaries, tmp_path, "serve", "--port=0") as (process, sender):
        sender.sign_in_rightly()
        sender.use_mailed_token()
        sender.change_password()
        sender.sign_in_rightly()
        sender.send_everywhere()
        process.stop()

    results = {kind for answer in sender.answers for kind in results_in(answer.json())}
    assert results >= {"FinishPasswordResetSuccess", "UpdatePasswordSuccess", "ChangeEmailAddressSuccess"}
    assert results >= {"TokenInvalidError", "InvalidInputError", "BadCredentialsError"}
    codes = {error["extensions"]["code"] for answer in sender.answers for error in answer.json().get("errors", ())}
    assert codes >= {"BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "METHOD_NOT_ALLOWED"}
    assert "INTERNAL_SERVER_ERROR" not in codes
    assert leaks(canaries, sender, process.output, loaded_url) == set()


def test_no_secret_is_seen_where_there_is_a_bug(loaded_url: str, tmp_path: Path) -> None:
    canaries = Canaries()
    with sending(loaded_url, canaries, tmp_path, "raising", module="tests.gateway.faulty") as (process, sender):
        answers = [sender.sign_in(canaries.password), sender.register(canaries.password)]
        sender.send_everywhere()
        process.stop()

    for answer in answers:
        assert answer["errors"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert answer["errors"][0]["extensions"]["errorId"] in process.output
    assert levels(process.output) == {"info", "error"}
    assert "RuntimeError" in process.output
    assert leaks(canaries, sender, process.output, loaded_url) == set()


def test_no_secret_is_seen_where_the_database_breaks(loaded_url: str, tmp_path: Path) -> None:
    canaries = Canaries()
    with sending(loaded_url, canaries, tmp_path, "serve", "--port=0") as (process, sender):
        sender.sign_in_rightly()
        sender.use_mailed_token()
        break_database(loaded_url)
        failed = sender.sign_in(canaries.wrong_password)
        sender.send_everywhere()
        process.stop()

    assert failed["errors"][0]["extensions"]["code"] in {"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE"}
    assert leaks(canaries, sender, process.output, None) == set()


def test_the_control_is_found_everywhere(fresh_database: FreshDatabase, tmp_path: Path) -> None:
    """A log that has passwords, and a password as a first name, which is stored and answered."""
    canaries = Canaries()
    with fresh_database("sqlite") as url:
        load_demo_into(url)
        with sending(url, canaries, tmp_path, "leaking", module="tests.gateway.faulty") as (process, sender):
            sender.register(canaries.password, firstName=canaries.password, emailAddress="leak@example.org")
            sender.sign_in(canaries.password, "leak@example.org")
            process.stop()
        assert leaks(canaries, sender, process.output, url) == {
            "password in the log",
            "password in an answer",
            "password in the database",
        }
