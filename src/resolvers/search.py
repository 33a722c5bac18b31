"""The home of search: what is searched for as words, which must all occur in a text that was folded when written."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from db.lengths import SEARCH
from db.word_search import Words, holds
from resolvers.planner import bind
from resolvers.planner.arguments import refuse
from resolvers.rules.email_address import canonical_or_nobodys
from resolvers.rules.search_text import fold, words


def matches(search_text: Any, search: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, an argument
    """Tell whether each word of *search* occurs in the column *search_text*."""
    return holds(search_text, bind(searched_words, search, type_=Words()))


def mentions(search_text: Any, email_address: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, an argument
    """Tell whether *email_address* is one of the words of the column *search_text*; of what is no address, false."""
    words_of_it: sa.ColumnElement[str] = sa.literal_column("' '") + search_text + sa.literal_column("' '")
    return words_of_it.like(bind(_whole_word, email_address, type_=sa.Text()), escape="\\")


def searched_words(search: str) -> list[str]:
    """Return the words of *search*; refuse one that is too long."""
    if len(search) > SEARCH:
        refuse(f"Search for at most {SEARCH} characters.")
    return words(search)


def _whole_word(email_address: str) -> str:
    canonical = canonical_or_nobodys(email_address)
    return f"% {fold(canonical).translate(_ESCAPED)} %" if canonical else ""


_ESCAPED = {ord(letter): f"\\{letter}" for letter in "\\%_"}
