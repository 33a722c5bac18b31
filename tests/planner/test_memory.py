"""What is counted of documents and templates is what they take: otherwise their bounds would bound nothing."""

from __future__ import annotations

import gc
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import sqlite

from resolvers.caller import viewer
from resolvers.caller.visibility import visible
from resolvers.operations.cache import LEAST_BYTES, Documents
from resolvers.planner.compile import Compiler
from resolvers.planner.plans import Guard, Planner
from resolvers.schema import schema

if TYPE_CHECKING:
    from collections.abc import Callable

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way
COUNT = 15


@pytest.fixture
def planner() -> Planner:
    return Planner(sqlite.dialect(), Guard(viewer.ASKS, viewer.TABLES, visible))


def taken(make: Callable[[int], None]) -> int:
    """Return how many bytes *COUNT* calls of *make* leave behind; those before have filled what is kept anyway."""
    for number in range(COUNT):
        make(-number - 1)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(COUNT):
            make(number)
        gc.collect()
        left, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return left


@pytest.mark.parametrize(
    "text",
    ["{ channel { " + "id " * 130 + "} }", "{ channel { " + "... { id } " * 130 + "} }"],
    ids=["fields", "fragments"],
)
def test_a_document_counts_what_it_takes(planner: Planner, text: str) -> None:
    documents = Documents(CORE, planner)
    kept = []

    def make(number: int) -> None:
        kept.append(documents.prepared(f"{text} # {number}", None, {}, lambda _document: None).document)

    bytes_taken = taken(make)

    counted = sum(LEAST_BYTES + document.size for document in kept[COUNT:])
    assert bytes_taken < 1.5 * counted


@pytest.mark.parametrize("field", ["edges {{ {nodes} }}", "pageInfo {{ {flags} }}"], ids=["nodes", "flags"])
def test_a_template_counts_what_it_takes(planner: Planner, field: str) -> None:
    compiler: Compiler = planner._compiler  # noqa: SLF001 - what is kept shows nowhere else
    counted = [0]

    def make(number: int) -> None:
        key = f"k{abs(number)}_{'a' if number < 0 else 'b'}"
        nodes = " ".join(f"{key}_{at}: node {{ id }}" for at in range(25))
        flags = " ".join(f"{key}_{at}: hasNextPage" for at in range(25))
        text = f"{{ customer {{ orders {{ {field.format(nodes=nodes, flags=flags)} }} }} }}"
        before = compiler._size  # noqa: SLF001
        Documents(CORE, planner).prepared(text, None, {}, lambda _document: None)
        counted[0] += compiler._size - before if number >= 0 else 0  # noqa: SLF001

    bytes_taken = taken(make)

    assert bytes_taken < 2 * counted[0]
