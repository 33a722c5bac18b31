"""The home of search in SQL: all words must occur in a text that was folded when it was written."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from db.json_text import array_values
from db.lengths import SEARCH
from resolvers.planner import bind
from resolvers.planner.arguments import refuse
from resolvers.rules.search_text import words


def matches(search_text: Any, search: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, an argument
    """Tell whether each word of *search* occurs in the column *search_text*."""
    patterns = array_values(bind(_patterns, search)).subquery()
    missing = sa.not_(search_text.like(patterns.c.value, escape="\\"))
    return sa.not_(sa.exists(sa.select(sa.literal_column("1")).select_from(patterns).where(missing)))


def _patterns(search: str) -> str:
    if len(search) > SEARCH:
        refuse(f"Search for at most {SEARCH} characters.")
    escaped = (word.translate({ord(letter): f"\\{letter}" for letter in "\\%_"}) for word in words(search))
    return orjson.dumps([f"%{word}%" for word in escaped]).decode()
