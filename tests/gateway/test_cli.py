"""The command line: what it prints, how it fails, and that an operator never sees a traceback."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from db.revisions import known, pending
from gateway.cli import app
from tests.gateway.processes import ROOT

KEY = "k" * 32
SDL = (ROOT / "schema.graphql").read_text("utf-8")


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("GATEWAY_"):
            monkeypatch.delenv(name)


def run(*arguments: str, **settings: str) -> Result:
    environment = {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(app, arguments, env=environment)


def test_the_help_names_the_commands() -> None:
    printed = run("--help").output

    assert all(command in printed for command in ("serve", "demo", "migrate", "import", "schema"))


# ── schema ────────────────────────────────────────────────────────────────────────────────────────


def test_schema_prints_the_sdl_of_the_repository() -> None:
    assert run("schema").output == SDL


def test_schema_check_is_silent_where_nothing_differs() -> None:
    Path("schema.graphql").write_text(SDL, "utf-8")

    checked = run("schema", "--check")

    assert (checked.exit_code, checked.output) == (0, "")


def test_schema_check_prints_what_differs() -> None:
    Path("other.graphql").write_text(SDL.replace("customerNumber: String!", "customerNumber: Int!", 1), "utf-8")

    checked = run("schema", "other.graphql", "--check")

    assert checked.exit_code == 1
    assert "--- other.graphql\n" in checked.output
    assert "-  customerNumber: Int!\n" in checked.output
    assert "+  customerNumber: String!\n" in checked.output


def test_schema_check_fails_without_a_file() -> None:
    assert run("schema", "--check").exit_code == 1


# ── migrate ───────────────────────────────────────────────────────────────────────────────────────


def test_migrate_makes_the_tables_once() -> None:
    first, second = (run("migrate", database_url="sqlite:///new.db") for _ in range(2))

    assert (first.exit_code, first.output) == (0, f"Migrated: {', '.join(known())}.\n")
    assert (second.exit_code, second.output) == (0, "There is nothing to migrate.\n")


@pytest.mark.anyio
async def test_migrate_left_nothing_to_do(database_url: str) -> None:
    assert await pending(database_url) == []


# ── serve ─────────────────────────────────────────────────────────────────────────────────────────


def assert_refused(result: Result, words: str) -> None:
    assert result.exit_code == 1
    assert words in result.output
    assert "Traceback" not in result.output


def test_serve_refuses_a_database_without_tables() -> None:
    assert_refused(run("serve", secret_key=KEY, database_url="sqlite:///empty.db"), "Run: gateway migrate\n")


@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_in_use_is_told_before_anything_is_done(command: str) -> None:
    run("migrate", database_url="sqlite:///gateway.db")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert_refused(run(command, "--port", str(port), secret_key=KEY), f"Port {port} of 127.0.0.1 is in use.")
    assert not Path("demo/gateway.db").exists()


def test_a_host_that_is_not_of_this_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_HOST", "192.0.2.1")
    monkeypatch.setenv("GATEWAY_MAILBOX", "false")
    assert_refused(run("demo"), "192.0.2.1 can't be listened at")


def test_serve_refuses_to_start_without_a_secret_key() -> None:
    assert_refused(run("serve"), "GATEWAY_SECRET_KEY is missing")


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///no/such/directory/gateway.db",
        "sqlite:///text.db",
        "postgresql://somebody:hunter2@127.0.0.1:none/shop",
        "postgresql://somebody:hunter2@127.0.0.1/shop?sslmode=hunter",
        "postgresql://somebody:hunter2@127.0.0.1/shop?require_auth=scram-sha-256",
        "postgresql://somebody:hunter2/x@127.0.0.1/shop",
        "postgresql://somebody:hunter2#x@127.0.0.1/shop",
        "postgresql://somebody:x?hunter2@127.0.0.1/shop",
        "postgresql://somebody:hunter2\uff0f@127.0.0.1/shop",
    ],
)
def test_a_database_that_cannot_be_opened_is_told(url: str) -> None:
    Path("text.db").write_text("This is no database. " * 100, "utf-8")

    for command in ("serve", "migrate"):
        result = run(command, secret_key=KEY, database_url=url)
        assert_refused(result, "GATEWAY_DATABASE_URL")
        assert "hunter2" not in result.output


def test_a_server_that_is_not_reached_is_told_by_what_can_not_wait_for_it() -> None:
    refused = run("migrate", secret_key=KEY, database_url="postgresql://somebody:hunter2@127.0.0.1:1/shop")

    assert_refused(refused, "The database server can't be reached")
    assert "hunter2" not in refused.output


def test_a_database_that_does_not_exist_is_told(postgresql_server: str) -> None:
    url = urlsplit(postgresql_server)._replace(path="/no_such_database").geturl()

    assert_refused(run("serve", secret_key=KEY, database_url=url), 'database "no_such_database" does not exist')
