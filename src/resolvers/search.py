"""The home of search in SQL: all words must occur in a text that was folded when it was written."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa

from db.json_text import array_values
from db.lengths import SEARCH
from resolvers.planner import bind
from resolvers.planner.arguments import refuse
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.rules.search_text import fold, words


def matches(search_text: Any, search: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, an argument
    """Tell whether each word of *search* occurs in the column *search_text*."""
    patterns = array_values(bind(_patterns, search)).subquery()
    missing = sa.not_(search_text.like(patterns.c.value, escape="\\"))
    return sa.not_(sa.exists(sa.select(sa.literal_column("1")).select_from(patterns).where(missing)))


def mentions(search_text: Any, email_address: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, an argument
    """Tell whether *email_address* is one of the words of the column *search_text*; of what is no address, false."""
    words_of_it: sa.ColumnElement[str] = sa.literal_column("' '") + search_text + sa.literal_column("' '")
    return words_of_it.like(bind(_whole_word, email_address, type_=sa.Text()), escape="\\")


def _patterns(search: str) -> str:
    if len(search) > SEARCH:
        refuse(f"Search for at most {SEARCH} characters.")
    return orjson.dumps([f"%{_escaped(word)}%" for word in words(search)]).decode()


def _whole_word(email_address: str) -> str:
    canonical = canonical_or_nobodys(email_address)
    return f"% {_escaped(fold(canonical))} %" if canonical else ""


def _escaped(word: str) -> str:
    return word.translate({ord(letter): f"\\{letter}" for letter in "\\%_"})
