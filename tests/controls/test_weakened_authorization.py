"""The authorization matrix finds every predicate that is missing, and nothing where none is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from db import models
from resolvers.caller.visibility import visible
from tests.authorization.asking import opened
from tests.authorization.population import Population
from tests.authorization.run import short_matrix, somebody
from tests.authorization.worlds import type_of
from tests.conftest import FreshDatabase
from tests.controls.forking import run
from tests.controls.planted_faults import planted

GUARDED: list[type[SQLModel]] = [
    models.Channel,
    models.Role,
    models.Customer,
    models.User,
    models.Session,
    models.Address,
    models.Order,
    models.PaymentInstrument,
    models.Admin,
    models.AdminSession,
]
"""Every table that has a predicate of its own: lines are reached by their order alone."""
UNGUARDED = (
    # Session and user are held to the channel each: either condition suffices.
    (
        "the channel of a token",
        ("    col(_Session.channel_id) == channel_id,\n", "    col(_User.channel_id) == channel_id,\n"),
        "",
        {"A customer-admin elsewhere", "C customer-admin elsewhere"},
    ),
    ("whether a user is enabled", ("    col(_User.enabled),\n",), "", {"A disabled"}),
    (
        "when a session ends",
        ("    col(_Session.expires_at) > now,\n",),
        "",
        {"A admin, session ended", "A admin, session ends now"},
    ),
    (
        "at which moment a session ends",
        ("    col(_Session.expires_at) > now,\n",),
        "    col(_Session.expires_at) >= now,\n",
        {"A admin, session ends now"},
    ),
    ("whether an admin is enabled", ("    col(_Admin.enabled),\n",), "", {"T admin, disabled at trade"}),
    (
        "when an admin's session ends",
        (", col(_AdminSession.expires_at) > now)\n",),
        ")\n",
        {"T admin, session ends now at trade"},
    ),
    (
        "whether an admin looks after the channel",
        ("    sa.exists().where(col(_Looked.admin_id) == _Admin.id, col(_Looked.channel_id) == channel_id),\n",),
        "",
        {"O admin at trade"},
    ),
    ("whether a key is revoked", ("    col(_ApiKey.revoked_at).is_(None),\n",), "", {"T key, revoked"}),
    (
        "whether a key is good for the channel",
        ("    sa.exists().where(col(_Opened.api_key_id) == _ApiKey.id, col(_Opened.channel_id) == channel_id),\n",),
        "",
        {"O key"},
    ),
)
"""What nobody looks at, the conditions of it, what stands there instead, and who is then let in."""

_CHANNEL = "        col(MailedToken.channel_id) == channel_id,\n"
_GOOD = "sa.and_(its, col(MailedToken.spent_at).is_(None), col(MailedToken.expires_at) > now)"
WORTHLESS = (
    ("mails/mailed_tokens.py", _CHANNEL, "", {"good"}),
    (
        "mails/mailed_tokens.py",
        f"{_CHANNEL}        col(MailedToken.purpose) == purpose,\n",
        _CHANNEL,
        {"for something else"},
    ),
    ("mails/mailed_tokens.py", _GOOD, _GOOD.replace("col(MailedToken.spent_at).is_(None), ", ""), {"spent"}),
    ("mails/mailed_tokens.py", _GOOD, _GOOD.replace(" > now", " >= now"), {"too old"}),
    (
        "passwords/types.py",
        "        col(Account.email_address) == col(MailedToken.email_address),\n",
        "",
        {"mailed elsewhere"},
    ),
    (
        "passwords/types.py",
        "== Account.id, col(User.enabled))",
        "== Account.id)",
        {"of who is disabled"},
    ),
)
"""A condition of what a mailed token is worth, what stands there instead, and which tokens are then taken for good."""


@pytest.fixture(scope="module")
def population() -> Population:
    return somebody()


@pytest.mark.anyio
@pytest.mark.parametrize("model", GUARDED, ids=lambda model: model.__name__)
async def test_the_matrix_finds_that_a_table_is_open(
    model: type[SQLModel], fresh_database: FreshDatabase, population: Population
) -> None:
    def weakened(entered: type[Any], row: Any) -> sa.ColumnElement[bool]:
        return sa.true() if entered is model else visible(entered, row)

    async with opened(fresh_database, "sqlite", population.planting.rows) as database:
        matrix = await short_matrix(database, population, weakened)

    shown = {line for line in matrix.problems if f" shows {type_of(model)}.id of " in line}
    assert shown, matrix.problems[:5]
    assert {line.split(",", maxsplit=1)[0] for line in shown} >= {"anonymous"}
    assert any("differs from an id that never was" in line for line in matrix.problems)


@pytest.mark.anyio
async def test_the_matrix_finds_nothing_in_the_predicates_as_they_are(
    fresh_database: FreshDatabase, population: Population
) -> None:
    async with opened(fresh_database, "sqlite", population.planting.rows) as database:
        matrix = await short_matrix(database, population)

    assert matrix.problems == []


@pytest.mark.parametrize(
    ("conditions", "instead", "askers"), [rest for _name, *rest in UNGUARDED], ids=[name for name, *_rest in UNGUARDED]
)
def test_the_matrix_finds_that_nobody_looks_at(
    conditions: tuple[str, ...], instead: str, askers: set[str], tmp_path: Path
) -> None:
    source = planted(tmp_path, None)
    file = source / "resolvers/caller/viewer.py"
    for condition in conditions:
        assert file.read_text().count(condition) == 1, f"{condition!r} does not stand once in {file.name}"
        file.write_text(file.read_text().replace(condition, instead))

    printed = _short_matrix(source)

    shown = re.findall(r"^(.+?), (?:deep|every id) .*: shows (?:Viewer|Customer)\.", printed, re.MULTILINE)
    assert set(shown) == askers, printed[:2000]


@pytest.mark.parametrize(
    ("file", "condition", "instead", "tokens"), WORTHLESS, ids=[str(rest) for *_, rest in WORTHLESS]
)
def test_the_matrix_finds_that_a_token_is_taken_for_good(
    file: str, condition: str, instead: str, tokens: set[str], tmp_path: Path
) -> None:
    weakened = planted(tmp_path, None) / "resolvers" / file
    assert weakened.read_text().count(condition) == 1, f"{condition!r} does not stand once in {file}"
    weakened.write_text(weakened.read_text().replace(condition, instead))

    printed = _short_matrix(tmp_path / "src")

    told = re.findall(r": tells \{'valid': True.* of '\w token, (.+)'$", printed, re.MULTILINE)
    assert set(told) == tokens, printed[:2000]


def _short_matrix(source: Path) -> str:
    """Run the short matrix against *source*; return what it prints."""
    ran = run(source, "tests.authorization.run")
    assert ran.code == 0, ran.stderr
    return ran.stdout
