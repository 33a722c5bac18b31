"""The home of the search over all customers of a shop, which an index makes fast."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from db import models
from db.word_search import Asked, Candidates
from resolvers.planner import Shortcut, bind
from resolvers.search import matches, searched_words

if TYPE_CHECKING:
    from sqlmodel.sql.expression import SelectOfScalar


def searched(customers: SelectOfScalar[models.Customer], search: Any) -> Shortcut:  # noqa: ANN401 - an argument
    """Return those of *customers* in whose search text each word of *search* occurs; all of them if it has none."""
    found = customers.where(matches(models.Customer.search_text, search))
    candidates = Candidates.of(bind(searched_words, search, type_=Asked()))
    return Shortcut(statement=found, table=candidates.ids, few=candidates.few, many=candidates.many)
