"""`gateway admin` and `gateway api-key`: staff and systems of the shop operator get in, and are kept out."""

from __future__ import annotations

import json

import pytest
from sqlmodel import select
from typer.testing import CliRunner, Result

from db.engine import Database
from db.models import Admin, ApiKey
from gateway.cli import app
from resolvers.rules.tokens import digest
from tests.gateway.commands import complaints, run
from tests.gateway.test_cli_users import make_channel
from tests.importing.making import within

PASSWORD = "seven purple elephants dance"
BOSS = "Boss@paloma.example"
SCOPES = ("--channel", "paloma", "--scope", "CUSTOMERS_WRITE", "--scope", "ORDERS_READ")


def typed(url: str, password: str, *arguments: str) -> Result:
    """Run `gateway` with a password at standard input."""
    return CliRunner().invoke(
        app, arguments, input=f"{password}\n", env={"GATEWAY_DATABASE_URL": url, "COLUMNS": "200"}
    )


def admins(url: str) -> list[Admin]:
    async def read(database: Database) -> list[Admin]:
        async with database.unit_of_work() as session:
            return list(await session.exec(select(Admin)))

    return within(url, read)


def keys(url: str) -> list[ApiKey]:
    async def read(database: Database) -> list[ApiKey]:
        async with database.unit_of_work() as session:
            return list(await session.exec(select(ApiKey)))

    return within(url, read)


def test_an_admin_is_made_listed_disabled_and_let_in_again(database_url: str) -> None:
    make_channel(database_url)

    made = typed(database_url, PASSWORD, "admin", "create", BOSS, *SCOPES)

    [admin] = admins(database_url)
    assert (made.exit_code, PASSWORD in made.output) == (0, False)
    assert admin.password_hash.startswith("$argon2id$")
    [listed] = json.loads(run(database_url, "admin", "list", "--json").stdout)
    assert (listed["username"], listed["enabled"]) == (BOSS, True)
    assert (listed["scopes"], listed["channels"]) == (["CUSTOMERS_WRITE", "ORDERS_READ"], ["paloma"])
    assert run(database_url, "admin", "disable", BOSS.lower()).exit_code == 0
    assert not admins(database_url)[0].enabled
    assert run(database_url, "admin", "enable", BOSS).exit_code == 0
    assert admins(database_url)[0].enabled
    shown = run(database_url, "admin", "set", BOSS.lower(), "--scope", "SETTINGS").stdout
    assert {f"username={BOSS}", "scopes=SETTINGS", "channels=paloma"} <= set(shown.splitlines())
    assert "There is no channel" in complaints(run(database_url, "admin", "set", BOSS, "--channel", "nowhere"))[0]
    [changed] = json.loads(run(database_url, "admin", "list", "--json").stdout)
    assert (changed["scopes"], changed["channels"]) == (["SETTINGS"], ["paloma"])
    assert run(database_url, "admin", "set", BOSS).exit_code == 2
    assert "0 session(s)" in typed(database_url, f"{PASSWORD}!", "admin", "password", BOSS).stdout
    assert admins(database_url)[0].password_hash != admin.password_hash
    assert "0 counter(s)" in run(database_url, "admin", "unlock", BOSS).stdout


@pytest.mark.parametrize(
    ("password", "arguments", "told"),
    [
        ("short", (BOSS, *SCOPES), "Use at least 12 characters."),
        ("aaaaaaaaaaaaaa", (BOSS, *SCOPES), "too easy to guess"),
        ("", (BOSS, *SCOPES), "Use at least 12 characters."),
        (PASSWORD, ("no address", *SCOPES), "ADDRESS:"),
        (PASSWORD, (BOSS, "--channel", "nowhere", "--scope", "SETTINGS"), "There is no channel 'nowhere'"),
        (PASSWORD, (BOSS, "--channel", "paloma", "--scope", "CLIENT_FORWARDING"), "API keys alone"),
    ],
)  # fmt: skip
def test_who_can_be_no_admin_is_told_why(
    database_url: str, password: str, arguments: tuple[str, ...], told: str
) -> None:
    make_channel(database_url)

    [complaint] = complaints(typed(database_url, password, "admin", "create", *arguments))

    assert told in complaint
    assert admins(database_url) == []


def test_nobody_is_made_admin_twice_and_nobody_is_changed_who_is_none(database_url: str) -> None:
    make_channel(database_url)
    typed(database_url, PASSWORD, "admin", "create", BOSS, *SCOPES)

    assert "already" in complaints(typed(database_url, PASSWORD, "admin", "create", BOSS.upper(), *SCOPES))[0]
    assert "There is no admin" in complaints(run(database_url, "admin", "disable", "x@paloma.example"))[0]
    assert "There is no admin" in complaints(typed(database_url, PASSWORD, "admin", "password", "x@paloma.example"))[0]
    assert "There is no admin" in complaints(run(database_url, "admin", "unlock", "x@paloma.example"))[0]


def test_an_api_key_is_shown_once_listed_and_revoked(database_url: str) -> None:
    make_channel(database_url)

    made = run(database_url, "api-key", "create", "ERP of Basel", *SCOPES)

    text, [key] = made.stdout.strip(), keys(database_url)
    assert (key.key_sha256, text.startswith("api_"), len(text)) == (digest(text), True, 47)
    assert "X-Api-Key" in made.stderr
    listing = run(database_url, "api-key", "list", "--json").stdout
    assert text not in listing
    assert [(each["id"], each["name"], each["revoked_at"]) for each in json.loads(listing)] == [
        (key.id, "ERP of Basel", None)
    ]
    assert run(database_url, "api-key", "revoke", key.id).exit_code == 0
    revoked_at = keys(database_url)[0].revoked_at
    assert run(database_url, "api-key", "revoke", key.id).exit_code == 0
    assert keys(database_url)[0].revoked_at == revoked_at
    assert "There is no API key" in complaints(run(database_url, "api-key", "revoke", "key_1"))[0]


def test_a_key_that_forwards_does_nothing_else(database_url: str) -> None:
    make_channel(database_url)
    forwards = ("--channel", "paloma", "--scope", "CLIENT_FORWARDING")

    assert run(database_url, "api-key", "create", "SSR", *forwards).stdout.startswith("fwd_")
    assert "stands alone" in complaints(run(database_url, "api-key", "create", "SSR", *forwards, *SCOPES))[0]
    assert len(keys(database_url)) == 1
