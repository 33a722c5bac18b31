"""What is counted of documents and templates is what they take: otherwise their bounds would bound nothing."""

from __future__ import annotations

import gc
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.dialects import sqlite

from resolvers.operations.cache import Documents
from resolvers.operations.reading import RefusedError
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD, schema

if TYPE_CHECKING:
    from collections.abc import Callable

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way
KEPT = 1024 * 1024


@pytest.fixture
def planner() -> Planner:
    return Planner(sqlite.dialect(), GUARD)


def taken(make: Callable[[int], None], count: int) -> int:
    """Return how many bytes *count* calls of *make* leave behind; those before have filled what is kept anyway."""
    for number in range(count):
        make(-number - 1)
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(count):
            make(number)
        gc.collect()
        left, _peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return left


@pytest.mark.parametrize(
    "text",
    [
        "{ channel { code } }",
        (Path(__file__).parents[1] / "operations" / "CustomerOverview.graphql").read_text(),
        "{ channel { " + "id " * 130 + "} }",
        "{ channel { " + "... { id } " * 60 + "} }",
        "{ __schema { types { " + "name " * 60 + "} } }",
        "{ channel { code } } #\N{GRINNING FACE}" + "x" * 7_900,
        "query " + "q" * 6_000 + "(" + "".join(f"$a{at}: Int " for at in range(10)) + ") { channel { code } }",
    ],
    ids=["tiny", "overview", "fields", "fragments", "schema", "wide letters", "refused"],
)
def test_a_full_cache_takes_what_it_may(planner: Planner, text: str) -> None:
    documents = Documents(CORE, planner, max_bytes=KEPT)

    def make(number: int) -> None:
        with suppress(RefusedError):
            documents.prepared(f"{text} # {number}", None, {}, lambda _document: None)

    make(0)
    enough = KEPT // documents._kept.weight + 1  # noqa: SLF001 - what is kept shows nowhere else

    assert taken(make, enough) < 1.25 * KEPT


@pytest.mark.parametrize("field", ["edges {{ {nodes} }}", "pageInfo {{ {flags} }}"], ids=["nodes", "flags"])
def test_a_template_counts_what_it_takes(planner: Planner, field: str) -> None:
    templates = planner._compiler._kept  # noqa: SLF001 - what is kept shows nowhere else
    counted = [0]

    def make(number: int) -> None:
        key = f"k{abs(number)}_{'a' if number < 0 else 'b'}"
        nodes = " ".join(f"{key}_{at}: node {{ id }}" for at in range(25))
        flags = " ".join(f"{key}_{at}: hasNextPage" for at in range(25))
        text = f"{{ customer {{ orders {{ {field.format(nodes=nodes, flags=flags)} }} }} }}"
        before = templates.weight
        document = Documents(CORE, planner).get(text, None)
        document.plan(document.coerced({}))
        counted[0] += templates.weight - before if number >= 0 else 0

    assert taken(make, 30) < 2 * counted[0]
