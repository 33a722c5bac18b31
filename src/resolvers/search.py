"""The home of search: what is searched for as words, which must all occur in a text that was folded when written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db.lengths import SEARCH
from db.word_search import Asked, Candidates, Words, holds
from resolvers.planner import Shortcut, bind
from resolvers.planner.arguments import refuse
from resolvers.rules.search_text import words

if TYPE_CHECKING:
    import sqlalchemy as sa
    from sqlmodel.sql.expression import SelectOfScalar

    from db.models import Customer, Order


def matches(search_text: Any, search: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, an argument
    """Tell whether each word of *search* occurs in the column *search_text*."""
    return holds(search_text, bind(searched_words, search, type_=Words()))


def searched(rows: SelectOfScalar[Any], model: type[Customer | Order], search: Any) -> Shortcut:  # noqa: ANN401 - an argument
    """Return those of *rows*, of a whole shop, in whose search text each word of *search* occurs, by an index."""
    candidates = Candidates.of(model, bind(searched_words, search, type_=Asked()))
    found = rows.where(matches(model.search_text, search))
    return Shortcut(statement=found, table=candidates.ids, few=candidates.few, many=candidates.many)


def searched_words(search: str) -> list[str]:
    """Return the words of *search*; refuse one that is too long."""
    if len(search) > SEARCH:
        refuse(f"Search for at most {SEARCH} characters.")
    return words(search)
