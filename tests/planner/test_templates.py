"""Templates outlive requests, so they keep nothing that a client has written."""

from __future__ import annotations

import gc
import sys

import pytest
from graphql import StringValueNode, Visitor, visit
from sqlalchemy.dialects import sqlite

from db import models  # noqa: F401 - the tables
from resolvers.operations.cache import MAX_CACHED_DOCUMENT, Documents
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD, schema

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way
LONG = "x" * MAX_CACHED_DOCUMENT


class Texts(Visitor):
    """Finds the texts that stand in a document."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def enter_string_value(self, node: StringValueNode, *_place: object) -> None:
        self.found.append(node.value)


@pytest.mark.parametrize(
    "document",
    [
        f'{{ customer {{ orders(filter: {{search: "{LONG}"}}) {{ totalCount nodes {{ id }} }} }} }}',
        f'{{ customer {{ orderPage(filter: {{search: "{LONG}"}}) {{ totalElements }} }} }}',
        f'{{ customer {{ orders(after: "{LONG}") {{ nodes {{ id }} pageInfo {{ hasPreviousPage }} }} }} }}',
        f'{{ customer {{ order(orderNumber: "{LONG}") {{ id }} }} }}',
        f'{{ node(id: "{LONG}") {{ id }} }}',
    ],
    ids=["a filter", "a filter of pages", "a cursor", "a number", "an id"],
)
def test_a_template_keeps_no_argument(document: str) -> None:
    planner = Planner(sqlite.dialect(paramstyle="qmark"), GUARD)
    documents = Documents(CORE, planner)
    texts = Texts()
    read = documents.get(document, None)
    visit(read.ast, texts)
    [text] = texts.found
    read.plan(read.coerced({}))

    del read, texts
    gc.collect()

    assert sys.getrefcount(text) == 2  # here, and as the argument
