"""`gateway channel`: what is made, changed and printed, and that nothing is written where anything is wrong."""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from pydantic import SecretStr
from typer.testing import CliRunner

from db.engine import Database, open_database
from db.models import Channel, Role
from gateway.adapters.clock import SystemClock
from gateway.app import create_app
from gateway.cli import app
from gateway.operator.settings import Settings
from resolvers.channels.rules import RESERVED, WrongSettingsError
from resolvers.channels.service import change_channel, create_channel
from resolvers.rules.roles import BUILT_IN_ROLES
from tests.gateway.asgi import over
from tests.gateway.commands import complaints, printed, run
from tests.gateway.processes import ROOT
from tests.gateway.test_config import in_terminal
from tests.importing.making import rows, within

ALL = (
    "--name=Paloma",
    "--kind=B2B",
    "--locale=de-ch",
    "--locale=fr_CH",
    "--default-locale=fr_CH",
    "--registration=CONFIRM_EMAIL_ADDRESS",
    "--password-min-length=12",
    "--no-password-strength-checked",
    "--address-check=OFF",
    "--landing-page=RESET=https://Shop.Example:443/reset?step=1",
    "--landing-page=RESET=http://localhost:*/",
    "--landing-page=CONFIRM=https://shop.example/account/",
    "--sender-name=Paloma Kaffee",
    "--sender-address=post@paloma.example",
)
STORED = {
    "code": "paloma",
    "name": "Paloma",
    "kind": "B2B",
    "locales": ["de_CH", "fr_CH"],
    "default_locale": "fr_CH",
    "registration": "CONFIRM_EMAIL_ADDRESS",
    "password_min_length": 12,
    "password_strength_checked": False,
    "address_check": "OFF",
    "landing_pages": {
        "CONFIRM": ["https://shop.example/account/"],
        "RESET": ["https://shop.example/reset?step=1", "http://localhost:*/"],
    },
    "sender_name": "Paloma Kaffee",
    "sender_email_address": "post@paloma.example",
}


def channels(url: str) -> list[dict[str, Any]]:
    return [{name: row[name] for name in STORED} for row in rows(url, Channel)]


@pytest.fixture
def paloma(database_url: str) -> str:
    """A database with the channel of `ALL`."""
    assert run(database_url, "channel", "create", "paloma", *ALL).exit_code == 0
    return database_url


# ── create ────────────────────────────────────────────────────────────────────────────────────────


def test_a_channel_is_made_as_it_is_told(paloma: str) -> None:
    assert channels(paloma) == [STORED]
    assert {role["code"] for role in rows(paloma, Role)} == {role.code for role in BUILT_IN_ROLES}


def test_it_prints_what_it_has_made(database_url: str) -> None:
    assert printed(run(database_url, "channel", "create", "paloma", *ALL)) == {
        "code": "paloma",
        "name": "Paloma",
        "kind": "B2B",
        "locales": "de_CH,fr_CH",
        "default_locale": "fr_CH",
        "registration": "CONFIRM_EMAIL_ADDRESS",
        "password_min_length": "12",
        "password_strength_checked": "false",
        "address_check": "OFF",
        "landing_pages": orjson.dumps(STORED["landing_pages"]).decode(),
        "sender_name": "Paloma Kaffee",
        "sender_email_address": "post@paloma.example",
    }


def test_a_name_is_enough(database_url: str) -> None:
    assert run(database_url, "channel", "create", "shop", "--name=Shop").exit_code == 0

    assert channels(database_url) == [
        {
            "code": "shop",
            "name": "Shop",
            "kind": "B2C",
            "locales": ["en_US"],
            "default_locale": "en_US",
            "registration": "OPEN",
            "password_min_length": 8,
            "password_strength_checked": True,
            "address_check": "REFUSE",
            "landing_pages": {},
            "sender_name": None,
            "sender_email_address": None,
        }
    ]


WRONG = (
    "--name=a\nb",
    "--locale=de_CH",
    "--locale=xx_YY",
    "--default-locale=root",
    "--password-min-length=5",
    "--landing-page=RESET=http://shop.example/",
    "--sender-name=",
    "--sender-address=Shop <a@shop.example>",
)


def test_all_that_is_wrong_is_told_by_the_names_of_the_options_and_nothing_is_written(database_url: str) -> None:
    told = complaints(run(database_url, "channel", "create", "GraphQL", *WRONG))

    assert [line.partition(": ")[0] for line in told] == [
        "CODE",
        "--name",
        "--locale",
        "--default-locale",
        "--password-min-length",
        "--landing-page",
        "--sender-name",
        "--sender-address",
    ]
    assert rows(database_url, Channel) == rows(database_url, Role) == []


def test_a_code_is_there_once(paloma: str) -> None:
    told = complaints(run(paloma, "channel", "create", "paloma", "--name=Other"))

    assert told == ["CODE: there is a channel with this code already."]
    assert channels(paloma) == [STORED]


def test_of_many_who_make_the_same_channel_at_once_one_does(database_url: str) -> None:
    async def make() -> str:
        database = await open_database(database_url)
        try:
            async with database.unit_of_work() as session:
                return await create_channel(session, now=SystemClock().now(), code="shop", name="Shop")
        finally:
            await database.close()

    async def all_at_once() -> list[str | BaseException]:
        return await asyncio.gather(*(make() for _ in range(6)), return_exceptions=True)

    made = asyncio.run(all_at_once())

    refused = [error for error in made if isinstance(error, WrongSettingsError)]
    assert [dict(error.complaints) for error in refused] == [{"code": "there is a channel with this code already"}] * 5
    assert len(channels(database_url)) == 1


def test_no_path_of_the_gateway_s_own_can_be_a_code(tmp_path: Path) -> None:
    settings = Settings(database_url=f"sqlite:///{tmp_path}/x.db", secret_key=(SecretStr("k" * 32),), playground=True)
    paths = [getattr(route, "path", "") for route in create_app(settings).routes]

    first = {path.split("/")[1] for path in paths} - {"", "{channel}"}

    assert first
    assert first <= RESERVED


# ── set ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "changed"),
    [
        ((), {}),
        (("--name=Taube",), {"name": "Taube"}),
        (("--kind=B2C",), {"kind": "B2C"}),
        (("--locale=fr_CH", "--locale=it_CH"), {"locales": ["fr_CH", "it_CH"]}),
        (("--locale=it_CH",), {"locales": ["it_CH", "fr_CH"]}),
        (("--default-locale=it_CH",), {"locales": ["de_CH", "fr_CH", "it_CH"], "default_locale": "it_CH"}),
        (("--locale=it_CH", "--default-locale=it_CH"), {"locales": ["it_CH"], "default_locale": "it_CH"}),
        (("--registration=CLOSED",), {"registration": "CLOSED"}),
        (("--password-min-length=64",), {"password_min_length": 64}),
        (("--password-strength-checked",), {"password_strength_checked": True}),
        (("--address-check=REFUSE",), {"address_check": "REFUSE"}),
        (
            ("--landing-page=RESET=https://other.example/a", "--landing-page=SIGN_IN=https://other.example/b"),
            {
                "landing_pages": {
                    "CONFIRM": ["https://shop.example/account/"],
                    "RESET": ["https://other.example/a"],
                    "SIGN_IN": ["https://other.example/b"],
                }
            },
        ),
        (("--landing-page=RESET=",), {"landing_pages": {"CONFIRM": ["https://shop.example/account/"]}}),
        (("--sender-name=Taube",), {"sender_name": "Taube"}),
        (("--sender-address=a@b.example",), {"sender_email_address": "a@b.example"}),
        (("--clear=landing-page",), {"landing_pages": {}}),
        (("--clear=sender-name",), {"sender_name": None}),
        (("--clear=sender-name", "--clear=sender-address"), {"sender_name": None, "sender_email_address": None}),
    ],
)
def test_only_what_is_given_changes(paloma: str, options: tuple[str, ...], changed: dict[str, Any]) -> None:
    [before] = rows(paloma, Channel)

    result = run(paloma, "channel", "set", "paloma", *options)

    assert printed(result)["code"] == "paloma"
    assert rows(paloma, Channel) == [before | changed]


def test_where_anything_is_wrong_nothing_changes(paloma: str) -> None:
    told = complaints(run(paloma, "channel", "set", "paloma", *WRONG, "--registration=CLOSED"))

    assert len(told) == 7
    assert channels(paloma) == [STORED]


@pytest.mark.parametrize("command", [("create", "shop", "--name=Shop"), ("set", "paloma")])
def test_who_lists_origins_is_told_what_takes_their_place(paloma: str, command: tuple[str, ...]) -> None:
    result = run(paloma, "channel", *command, "--link-origin=https://shop.example")

    assert result.exit_code == 2
    assert "RESET=https://shop.example/reset." in result.stderr.split()
    assert channels(paloma) == [STORED]


def test_whoever_may_choose_among_all_pages_is_told_at_each_look(paloma: str) -> None:
    every = ("--landing-page=CONFIRM=https://shop.example/", "--landing-page=RESET=https://shop.example/")

    looks = [run(paloma, "channel", *look) for look in (("set", "paloma", *every), ("list",), ("list", "--json"))]

    for look in looks:
        assert look.exit_code == 0
        assert look.stderr.startswith("Links in mails of channel paloma may lead to every page below https://shop.ex")
        assert "(CONFIRM, RESET)" in look.stderr
        assert look.stderr.count("\n") == 1
    assert orjson.loads(looks[2].stdout)


def test_to_clear_and_to_set_the_same_is_refused(paloma: str) -> None:
    result = run(paloma, "channel", "set", "paloma", "--clear=sender-address", "--sender-address=a@b.example")

    assert result.exit_code == 2
    assert "--sender-address" in result.stderr
    assert channels(paloma) == [STORED]


def test_an_unknown_channel_is_told_with_those_that_there_are(paloma: str) -> None:
    run(paloma, "channel", "create", "northwind", "--name=Northwind")

    for code in ("palma", "Paloma", "\udcff"):
        told = complaints(run(paloma, "channel", "set", code, "--name=X"))
        assert told == [f"There is no channel {code!r}. There are: northwind, paloma."]


def test_two_changes_at_once_leave_the_default_locale_among_the_locales(paloma: str) -> None:
    async def change(database: Database, **changes: Any) -> None:
        async with database.unit_of_work() as session:
            await change_channel(session, "paloma", **changes)

    async def both(database: Database) -> None:
        for locale in ("it_CH", "rm_CH", "en_US", "es"):
            await asyncio.gather(change(database, default_locale=locale), change(database, locales=["de_CH"]))

    within(paloma, both)

    [channel] = channels(paloma)
    assert channel["default_locale"] in channel["locales"]


@pytest.mark.anyio
async def test_a_change_is_in_effect_at_once(paloma: str) -> None:
    application = create_app(Settings(database_url=paloma, secret_key=(SecretStr("k" * 32),)))
    asked = {"query": "{ channel { name registration passwordMinLength } }"}
    async with application.router.lifespan_context(application), over(application) as client:
        before = (await client.post("/paloma/graphql", json=asked)).json()["data"]["channel"]
        options = ("--name=Taube", "--registration=CLOSED", "--password-min-length=9")
        await asyncio.to_thread(run, paloma, "channel", "set", "paloma", *options)
        after = (await client.post("/paloma/graphql", json=asked)).json()["data"]["channel"]

    assert before == {"name": "Paloma", "registration": "CONFIRM_EMAIL_ADDRESS", "passwordMinLength": 12}
    assert after == {"name": "Taube", "registration": "CLOSED", "passwordMinLength": 9}


# ── list ──────────────────────────────────────────────────────────────────────────────────────────


def test_json_has_all_channels_by_their_codes(paloma: str) -> None:
    run(paloma, "channel", "create", "northwind", "--name=Northwind")

    found = orjson.loads(run(paloma, "channel", "list", "--json").stdout)

    assert [channel["code"] for channel in found] == ["northwind", "paloma"]
    assert found[1] == STORED


def test_each_channel_has_its_lines(paloma: str) -> None:
    run(paloma, "channel", "create", "northwind", "--name=Northwind")

    first, second = run(paloma, "channel", "list").stdout.split("\n\n")

    assert "name=Northwind\n" in first
    assert "locales=de_CH,fr_CH\n" in second


def test_a_terminal_gets_a_table(paloma: str, tmp_path: Path) -> None:
    table = in_terminal("channel", "list", directory=tmp_path, GATEWAY_DATABASE_URL=paloma)

    assert "│ sender_email_address " in table
    assert "│ post@paloma.example " in table


def test_where_there_is_none_it_says_so(database_url: str) -> None:
    result = run(database_url, "channel", "list")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "There are none.\n")
    assert run(database_url, "channel", "list", "--json").stdout == "[]\n"


# ── Around them ───────────────────────────────────────────────────────────────────────────────────


def test_a_database_without_tables_is_told(tmp_path: Path) -> None:
    [told] = complaints(run(f"sqlite:///{tmp_path}/empty.db", "channel", "list"))

    assert told.endswith("Run: gateway migrate")


@pytest.mark.parametrize("arguments", [("--help",), ("channel", "--help"), ("mail", "list", "--help")])
def test_help_does_not_wait_for_a_database(arguments: tuple[str, ...]) -> None:
    ask = (
        "import sys; from gateway.cli import app\n"
        "try: app(sys.argv[1:])\n"
        "except SystemExit: sys.exit(not {'sqlalchemy', 'asyncpg', 'starlette'}.isdisjoint(sys.modules))"
    )

    assert subprocess.run([sys.executable, "-c", ask, *arguments], check=False).returncode == 0  # noqa: S603 - our own


# ── The page ──────────────────────────────────────────────────────────────────────────────────────

PAGE = (ROOT / "docs" / "channels.md").read_text("utf-8")


@pytest.mark.parametrize("command", ["create", "set"])
def test_every_option_is_documented(command: str) -> None:
    table = set(re.findall(r"^\| `(--[a-z-]+)", PAGE, re.MULTILINE))
    helped = CliRunner().invoke(app, ["channel", command, "--help"], env={"COLUMNS": "250"}).output
    options = set(re.findall(r"^│[ *]+(--[a-z-]+)", helped, re.MULTILINE)) - {"--help"}

    assert options <= table
    assert table - options == ({"--clear"} if command == "create" else set())


def test_the_examples_work(database_url: str) -> None:
    [*blocks] = re.findall(r"^```bash\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    for line in "".join(blocks).replace("\\\n", "").splitlines():
        program, *arguments = [word.strip("'") for word in re.findall(r"'[^']*'|\S+", line.partition(" #")[0])]
        assert program == "gateway"
        result = run(database_url, *arguments)
        assert result.exit_code == 0, f"{line}: {result.output}"

    assert {channel["code"] for channel in channels(database_url)} == {"paloma", "northwind"}
