from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.engine import Database, open_database
from db.lengths import SEARCH
from resolvers.planner.arguments import Argument, BadArgumentError, Caller, Inputs
from resolvers.planner.templates import Statement, sql
from resolvers.rules.search_text import fold
from resolvers.search import matches

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

# What LIKE takes for a wildcard or an escape, among what it does not.
TEXTS = st.text(st.sampled_from("%_\\aÄß '\""), max_size=8) | st.text(
    st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8
)


@pytest.fixture
async def kept(shared_database_url: str) -> AsyncIterator[Database]:
    database = await open_database(shared_database_url)
    yield database
    await database.close()


async def found(database: Database, texts: list[str], search: str) -> list[bool]:
    """Tell for each of *texts* whether *search* finds it."""
    argument = Argument(lambda inputs: inputs.variables["search"], sa.Text())
    columns: list[Any] = [sa.bindparam(None, fold(text), type_=sa.Text(), unique=True) for text in texts]
    conditions: list[Any] = [matches(column, argument) for column in columns]
    statement = Statement.written(sql(sa.select(*conditions), database.dialect), database.dialect)
    caller = Caller(channel_id="", now=datetime(2026, 3, 14, tzinfo=UTC))
    row = await database.read(statement.sql, statement.bound(Inputs(caller, {"search": search})))
    return [bool(value) for value in row]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, min_size=1, max_size=5), words=st.lists(TEXTS, max_size=3))
async def test_all_words_must_occur_as_they_are_written(kept: Database, texts: list[str], words: list[str]) -> None:
    search = " ".join(words)

    expected = [all(word in fold(text) for word in fold(search).split()) for text in texts]

    assert await found(kept, texts, search) == expected


@pytest.mark.parametrize(
    ("text", "search", "is_found"),
    [
        ("50% off", "50%", True),
        ("500 off", "50%", False),
        ("a_b", "a_b", True),
        ("axb", "a_b", False),
        ("a\\b", "a\\b", True),
        ("a\\%b", "\\%", True),
        ("ab", "\\", False),
        ("Zürich", "ZURICH", True),
        ("Blue velvet chair", "chair blue", True),
        ("Blue velvet chair", "chair red", False),
        ("anything", " \n\t", True),
        ("", "a", False),
    ],
)
async def test_wildcards_are_letters(kept: Database, text: str, search: str, *, is_found: bool) -> None:
    assert await found(kept, [text], search) == [is_found]


async def test_a_long_search_is_refused_before_it_is_sent(kept: Database) -> None:
    assert await found(kept, ["short"], "ﷺ" * SEARCH) == [False]
    with pytest.raises(BadArgumentError, match="at most 200 characters"):
        await found(kept, ["short"], "x" * (SEARCH + 1))
