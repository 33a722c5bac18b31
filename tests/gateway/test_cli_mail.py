"""`gateway mail`: what is shown of the outbox, never a token, and that what was given up is tried once more."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from db.engine import Database, open_database
from db.enums import MailKind, MailState
from db.ids import new_id
from db.models import Channel, Mail
from resolvers.mails.admin import retry_all
from tests.gateway.commands import complaints, printed, run
from tests.gateway.processes import ROOT
from tests.gateway.test_config import in_terminal
from tests.importing.making import make_shop, rows, within

START = datetime(2026, 3, 14, 10, 7, 26, tzinfo=UTC)
TOKEN = "t0kenT0kenT0kenT0kenT0kenT0kenT0kenT0kenT0k"
LATER = START + timedelta(days=1)


def put(url: str, *mails: dict[str, Any], code: str = "shop") -> list[str]:
    """Write mails, each a second younger than the one before; return their ids."""
    [channel_id] = [row["id"] for row in rows(url, Channel) if row["code"] == code]
    made = []
    for second, values in enumerate(mails):
        created = START + timedelta(seconds=second)
        least: dict[str, Any] = {
            "id": new_id(Mail.letters, created),
            "channel_id": channel_id,
            "kind": MailKind.PASSWORD_RESET,
            "email_address": "Hans@corp.example",
            "canonical_email_address": "hans@corp.example",
            "created_at": created,
            "due_at": created,
        }
        made.append(least | values)

    async def write(database: Database) -> None:
        async with database.unit_of_work() as session:
            session.add_all(Mail(**values) for values in made)

    within(url, write)
    return [values["id"] for values in made]


GIVEN_UP: dict[str, Any] = {"state": MailState.GIVEN_UP, "tries": 9, "ended_at": LATER, "problem": "550 no such user"}
SENT: dict[str, Any] = {"state": MailState.SENT, "tries": 1, "ended_at": LATER}
UNKNOWN: dict[str, Any] = GIVEN_UP | {"state": MailState.UNKNOWN, "doubts": 3, "problem": "TimeoutError"}
DROPPED: dict[str, Any] = {"state": MailState.DROPPED, "ended_at": LATER}
QUEUED: dict[str, Any] = {"due_at": LATER, "tries": 2, "problem": "421 come back later"}


@pytest.fixture
def shop(database_url: str) -> str:
    make_shop(database_url)
    return database_url


def listed(url: str, *options: str) -> list[dict[str, Any]]:
    result = run(url, "mail", "list", "--json", *options)
    assert result.exit_code == 0, result.output
    found: list[dict[str, Any]] = orjson.loads(result.stdout)
    return found


def states(url: str) -> dict[str, MailState]:
    return {row["id"]: row["state"] for row in rows(url, Mail)}


# ── list ──────────────────────────────────────────────────────────────────────────────────────────


def test_the_newest_comes_first_with_what_became_of_it(shop: str) -> None:
    sent, queued = put(shop, SENT, QUEUED)

    assert listed(shop) == [
        {
            "id": queued,
            "channel": "shop",
            "kind": "PASSWORD_RESET",
            "state": "QUEUED",
            "to": "Hans@corp.example",
            "created": "2026-03-14T10:07:27Z",
            "tries": 2,
            "next_or_end": "2026-03-15T10:07:26Z",
            "problem": "421 come back later",
        },
        {
            "id": sent,
            "channel": "shop",
            "kind": "PASSWORD_RESET",
            "state": "SENT",
            "to": "Hans@corp.example",
            "created": "2026-03-14T10:07:26Z",
            "tries": 1,
            "next_or_end": "2026-03-15T10:07:26Z",
            "problem": None,
        },
    ]


def test_elsewhere_a_mail_is_a_line(shop: str) -> None:
    sent, queued = put(shop, SENT, QUEUED)

    lines = run(shop, "mail", "list").stdout.splitlines()

    assert [line.split("\t")[0] for line in lines] == [queued, sent]
    assert lines[1].split("\t")[1:4] == ["shop", "PASSWORD_RESET", "SENT"]


@pytest.mark.parametrize("width", ["80", "200"])
def test_a_terminal_gets_a_table_whose_ids_can_be_copied(shop: str, tmp_path: Path, width: str) -> None:
    [mail_id] = put(shop, GIVEN_UP)

    table = in_terminal("mail", "list", directory=tmp_path, GATEWAY_DATABASE_URL=shop, COLUMNS=width)

    assert "next_or_end" in table
    assert "GIVEN_UP" in table
    assert mail_id in table


def test_a_channel_a_state_and_a_number_can_be_asked_for(shop: str) -> None:
    make_shop(shop, code="other")
    first, second, third = put(shop, SENT, GIVEN_UP, GIVEN_UP)
    [elsewhere] = put(shop, GIVEN_UP, code="other")

    assert [mail["id"] for mail in listed(shop, "--channel=shop")] == [third, second, first]
    assert {mail["id"] for mail in listed(shop, "--state=GIVEN_UP")} == {third, second, elsewhere}
    assert [mail["id"] for mail in listed(shop, "--state=GIVEN_UP", "--channel=other")] == [elsewhere]
    assert [mail["id"] for mail in listed(shop, "--limit=1")] == [third]


def test_50_are_listed_unless_told_otherwise(shop: str) -> None:
    put(shop, *[QUEUED] * 51)

    assert len(listed(shop)) == 50
    assert len(listed(shop, "--limit=60")) == 51


def test_where_there_is_none_it_says_so(shop: str) -> None:
    result = run(shop, "mail", "list")

    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "There are none.\n")
    assert listed(shop) == []


def test_an_unknown_channel_is_told(shop: str) -> None:
    told = ["There is no channel 'palma'. There are: shop."]

    assert complaints(run(shop, "mail", "list", "--channel=palma")) == told
    assert complaints(run(shop, "mail", "retry", "--given-up", "--channel=palma")) == told


def test_a_mail_server_gives_no_commands_to_a_terminal(shop: str) -> None:
    [mail] = put(shop, QUEUED | {"problem": "\x1b]0;owned\x07\u202e550\r\nx=y"})

    for arguments in (("list",), ("show", mail)):
        printed_ = run(shop, "mail", *arguments).stdout
        assert "]0;owned" in printed_
        assert not {"\x1b", "\x07", "\r", "\u202e"} & set(printed_)
        assert "\nx=y" not in printed_


# ── show ──────────────────────────────────────────────────────────────────────────────────────────


LETTER = {
    "mail_id": "mai_1",
    "theme": "reset_password",
    "receiver": "Hans@corp.example",
    "timeZone": "Europe/Zurich",
    "link": f"https://shop.example/reset?token={TOKEN}",
    "token": TOKEN,
}


def test_everything_is_shown_but_the_token(shop: str) -> None:
    [mail] = put(
        shop, SENT | {"letter": LETTER, "token_id": "tok_1", "confirmation_base_url": "https://shop.example/r"}
    )

    as_json = run(shop, "mail", "show", mail, "--json").stdout
    lines = run(shop, "mail", "show", mail).stdout

    assert orjson.loads(as_json).keys() == (Mail.model_fields.keys() - {"token_id"}) | {"channel"}
    for shown in (as_json, lines):
        assert "https://shop.example/r" in shown
        assert "reset_password" in shown
        assert "Europe/Zurich" in shown
        assert TOKEN not in shown
        assert "tok_1" not in shown


def test_a_mail_without_a_letter_is_shown(shop: str) -> None:
    [mail] = put(shop, QUEUED)

    found = printed(run(shop, "mail", "show", mail))

    assert (found["channel"], found["state"], found["letter"]) == ("shop", "QUEUED", "")


@pytest.mark.either_database
@pytest.mark.parametrize("mail", ["mai_1", "", "\udcff", "mai_01KKNX19SGE7MBARM4KXRBBN42"])
def test_an_unknown_mail_is_told(shop: str, mail: str) -> None:
    assert complaints(run(shop, "mail", "show", mail)) == [f"There is no mail {mail!r}."]


# ── retry ─────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_given_up_is_due_at_once_as_if_never_tried(shop: str) -> None:
    [mail] = put(shop, GIVEN_UP)
    [before] = rows(shop, Mail)

    result = run(shop, "mail", "retry", mail)

    assert (result.exit_code, result.output) == (0, "Queued 1 mail(s).\n")
    [after] = rows(shop, Mail)
    assert after == before | {"state": MailState.QUEUED, "tries": 0, "ended_at": None, "due_at": after["due_at"]}
    assert abs(datetime.now(UTC) - after["due_at"]) < timedelta(minutes=1)


def test_what_was_not_given_up_stays_and_is_told(shop: str) -> None:
    given_up, sent, dropped, queued = put(shop, GIVEN_UP, SENT, DROPPED, QUEUED)

    result = run(shop, "mail", "retry", given_up, sent, dropped, queued, "x\udcff")

    assert (result.exit_code, result.stdout) == (1, "Queued 1 mail(s).\n")
    assert result.stderr.splitlines() == [
        f"{mail!r} is no mail that was given up or is unknown." for mail in (sent, dropped, queued, "x\udcff")
    ]
    assert states(shop) == {
        given_up: MailState.QUEUED,
        sent: MailState.SENT,
        dropped: MailState.DROPPED,
        queued: MailState.QUEUED,
    }


def test_all_can_be_queued_again_or_those_of_a_channel(shop: str) -> None:
    make_shop(shop, code="other")
    put(shop, GIVEN_UP, GIVEN_UP, SENT)
    put(shop, GIVEN_UP, code="other")

    counted = [
        run(shop, "mail", "retry", "--given-up", *options).output
        for options in (("--channel=shop",), ("--channel=shop",), (), ())
    ]

    assert counted == [f"Queued {count} mail(s).\n" for count in (2, 0, 1, 0)]
    assert sorted(states(shop).values()) == [MailState.QUEUED] * 3 + [MailState.SENT]


def test_of_many_who_do_it_at_once_each_mail_is_queued_by_one(shop: str) -> None:
    put(shop, *[GIVEN_UP] * 20)

    async def retried() -> int:
        database = await open_database(shop)
        try:
            async with database.unit_of_work() as session:
                return await retry_all(session, MailState.GIVEN_UP, None, LATER)
        finally:
            await database.close()

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(retried() for _ in range(5)))

    assert sum(asyncio.run(all_at_once())) == 20


@pytest.mark.either_database
@pytest.mark.parametrize("command", ["retry", "drop"])
@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("mai_1", "--given-up"),
        ("mai_1", "--unknown"),
        ("--given-up", "--unknown"),
        ("mai_1", "--channel=shop"),
        ("--channel=shop",),
    ],
)
def test_it_wants_to_know_which(shop: str, command: str, arguments: tuple[str, ...]) -> None:
    [mail] = put(shop, GIVEN_UP)

    result = run(shop, "mail", command, *arguments)

    assert (result.exit_code, result.stdout) == (2, "")
    assert states(shop) == {mail: MailState.GIVEN_UP}


def test_what_is_unknown_is_listed_and_queued_again_with_three_tries_as_new(shop: str) -> None:
    unknown, given_up = put(shop, UNKNOWN, GIVEN_UP)
    assert [mail["id"] for mail in listed(shop, "--state=UNKNOWN")] == [unknown]

    assert run(shop, "mail", "retry", "--unknown").output == "Queued 1 mail(s).\n"

    assert states(shop) == {unknown: MailState.QUEUED, given_up: MailState.GIVEN_UP}
    assert {row["doubts"] for row in rows(shop, Mail) if row["id"] == unknown} == {0}
    assert run(shop, "mail", "retry", unknown).exit_code == 1


# ── drop ──────────────────────────────────────────────────────────────────────────────────────────


def test_what_shall_not_be_sent_any_more_is_dropped(shop: str) -> None:
    unknown, given_up, queued, sent = put(shop, UNKNOWN, GIVEN_UP, QUEUED, SENT)

    result = run(shop, "mail", "drop", unknown, given_up, queued, sent)

    assert (result.exit_code, result.stdout) == (1, "Dropped 3 mail(s).\n")
    assert result.stderr == f"{sent!r} is no mail that waits, was given up or is unknown.\n"
    assert states(shop) == dict.fromkeys((unknown, given_up, queued), MailState.DROPPED) | {sent: MailState.SENT}


def test_all_in_a_state_are_dropped_or_those_of_a_channel(shop: str) -> None:
    make_shop(shop, code="other")
    put(shop, UNKNOWN, GIVEN_UP, QUEUED)
    put(shop, UNKNOWN, code="other")

    counted = [
        run(shop, "mail", "drop", *options).output
        for options in (("--unknown", "--channel=shop"), ("--unknown",), ("--given-up",))
    ]

    assert counted == ["Dropped 1 mail(s).\n"] * 3
    assert sorted(states(shop).values()) == [MailState.DROPPED] * 3 + [MailState.QUEUED]


# ── The page ──────────────────────────────────────────────────────────────────────────────────────


def test_the_commands_of_the_page_are_understood(shop: str) -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    commands = re.findall(r"^gateway ((?:mail|users) [^#\n]+)", page, re.MULTILINE)
    assert len(commands) >= 5

    for command in commands:
        result = run(shop, *command.split())
        assert result.exit_code in {0, 1}, f"{command}: {result.output}"  # of 1: no such mail or channel
