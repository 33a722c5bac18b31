from __future__ import annotations

import itertools
import traceback
from contextlib import suppress
from typing import Any

import pytest
from graphql import build_schema

from resolvers.operations.cache import MAX_CACHED_DOCUMENT, Documents
from resolvers.operations.document import MAX_SHAPES
from resolvers.operations.reading import RefusedError

SCHEMA = build_schema("type Query { a(first: Int): Int }")
KEPT = 256 * 1024


class Made(int):
    """A plan that is its number."""

    weight = 100


class Plans:
    """Makes plans that can be counted."""

    def __init__(self) -> None:
        self.made = 0
        self.weight = Made.weight

    def plan(self, *_selection: object, **_limits: int) -> Made:
        self.made += 1
        made = Made(self.made)
        made.weight = self.weight
        return made


@pytest.fixture
def plans() -> Plans:
    return Plans()


@pytest.fixture
def documents(plans: Plans) -> Documents:
    planner: Any = plans
    return Documents(SCHEMA, planner, max_bytes=KEPT)


def refusal(documents: Documents, text: str, operation_name: str | None = None) -> RefusedError:
    with pytest.raises(RefusedError) as refused:
        documents.get(text, operation_name)
    return refused.value


def test_a_document_is_read_once(documents: Documents) -> None:
    assert documents.get("{ a }", None) is documents.get("{ a }", None)
    assert documents.get("{ a }", None) is not documents.get("{  a }", None)


def test_the_name_of_the_operation_is_part_of_the_key(documents: Documents) -> None:
    text = "query One { a } query Two { b: a }"

    assert documents.get(text, "One").operation is not documents.get(text, "Two").operation
    assert documents.get(text, "One") is documents.get(text, "One")


@pytest.mark.parametrize(
    ("text", "operation_name", "code"),
    [
        ("{ a", None, "GRAPHQL_PARSE_FAILED"),
        ("", None, "GRAPHQL_PARSE_FAILED"),
        ("{ b }", None, "GRAPHQL_VALIDATION_FAILED"),
        ("{ a }", "Other", "BAD_USER_INPUT"),
        ("query One { a } query Two { a }", None, "BAD_USER_INPUT"),
        ("query One { a } query Two { a }", "", "BAD_USER_INPUT"),
    ],
)
def test_what_is_refused_is_judged_once(documents: Documents, text: str, operation_name: str | None, code: str) -> None:
    first, second = (refusal(documents, text, operation_name) for _ in range(2))

    assert [error["extensions"]["code"] for error in first.errors] == [code]
    assert first.errors is second.errors


def test_a_long_document_is_not_kept(documents: Documents) -> None:
    longest = padded(MAX_CACHED_DOCUMENT)
    longer = padded(MAX_CACHED_DOCUMENT + 1)

    assert documents.get(longest, None) is documents.get(longest, None)
    assert documents.get(longer, None) is not documents.get(longer, None)


def test_length_is_counted_in_bytes(documents: Documents) -> None:
    text = "{ a } #" + "ä" * (MAX_CACHED_DOCUMENT // 2)

    assert documents.get(text, None) is not documents.get(text, None)


@pytest.mark.parametrize("text", ["{ a }", "{ b }"], ids=["valid", "refused"])
def test_texts_count(documents: Documents, text: str) -> None:
    kept = documents.get("{ a }", None)

    for number in range(KEPT // (2 * MAX_CACHED_DOCUMENT) + 1):
        found(documents, padded(MAX_CACHED_DOCUMENT, number, text))

    assert documents.get("{ a }", None) is not kept


@pytest.mark.parametrize(
    ("text", "at_most"),
    [
        ("{ a } #", 40),
        ("{ a } #\N{GRINNING FACE}" + "x" * 8_000, 7),
        ("{ " + "a " * 100 + "} #", 7),
        ("query " + "q" * 2_000 + "(" + "".join(f"$a{at}: Int " for at in range(10)) + ") { a } #", 20),
    ],
    ids=["small ones weigh more than their text", "wide letters", "tokens", "refusals weigh as much as they quote"],
)
def test_what_is_made_of_a_text_counts(documents: Documents, text: str, at_most: int) -> None:
    kept = documents.get("{ a }", None)

    for number in range(at_most):
        found(documents, f"{text} {number}")

    assert documents.get("{ a }", None) is not kept


def found(documents: Documents, text: str) -> None:
    with suppress(RefusedError):
        documents.get(text, None)


def test_a_document_that_is_refused_again_and_again_does_not_grow(documents: Documents) -> None:
    depths = {len(traceback.extract_tb(refusal(documents, "{ b }").__traceback__)) for _ in range(5)}

    assert len(depths) <= 2


def test_another_operation_does_not_decide_its_conditions(documents: Documents) -> None:
    text = """query One($x: Boolean = true) { ...Part } query Other($x: Int) { a(first: $x) }
      fragment Part on Query { a @include(if: $x) }"""

    documents.get(text, "Other").coerced({"x": None})
    with pytest.raises(RefusedError):
        documents.get(text, "One").coerced({"x": None})


def test_a_mistake_has_the_place_of_what_is_wrong(documents: Documents) -> None:
    found = refusal(documents, "{ a }\n\nfragment F on Query {\n  b }")

    assert [error["locations"] for error in found.errors] == [[{"line": 4, "column": 3}], [{"line": 3, "column": 1}]]


def padded(size: int, number: int = 0, text: str = "{ a }") -> str:
    return f"{text} #{number:0{size - len(text) - 2}d}"


FLAGS = [f"f{number}" for number in range(5)]
WITH_FLAGS = f"query ({', '.join(f'${flag}: Boolean!' for flag in FLAGS)}, $first: Int) {{ %s }}" % " ".join(
    f"{flag}: a(first: $first) @include(if: ${flag})" for flag in FLAGS
)
SHAPES = [dict(zip(FLAGS, flags, strict=True)) for flags in itertools.product([False, True], repeat=5)]


def test_a_plan_is_made_once_for_each_shape(documents: Documents, plans: Plans) -> None:
    document = documents.get(WITH_FLAGS, None)
    for shape, first in itertools.product(SHAPES[:3], [1, 2, 3]):
        document.plan(document.coerced(shape | {"first": first}))

    assert plans.made == 3


def test_sixteen_shapes_are_kept_those_used_last(documents: Documents, plans: Plans) -> None:
    document = documents.get(WITH_FLAGS, None)
    made = [document.plan(document.coerced(shape)) for shape in SHAPES[:MAX_SHAPES]]
    assert document.plan(document.coerced(SHAPES[0])) == made[0]

    document.plan(document.coerced(SHAPES[MAX_SHAPES]))

    assert len(document.plans) == MAX_SHAPES == 16
    assert document.plan(document.coerced(SHAPES[0])) == made[0]
    assert document.plan(document.coerced(SHAPES[1])) != made[1]
    assert plans.made == MAX_SHAPES + 2


def test_a_long_plan_in_the_place_of_a_short_one_counts(documents: Documents, plans: Plans) -> None:
    def plan(shape: dict[str, bool]) -> None:
        documents.prepared(WITH_FLAGS, None, shape, lambda _document: None)

    for shape in SHAPES[:MAX_SHAPES]:
        plan(shape)
    kept = documents.get("{ a }", None)

    plans.weight = KEPT // 2
    plan(SHAPES[MAX_SHAPES])
    assert documents.get("{ a }", None) is kept
    plan(SHAPES[MAX_SHAPES + 1])

    assert documents.get("{ a }", None) is not kept


def test_variables_that_do_not_fit_are_refused_and_named(documents: Documents) -> None:
    document = documents.get("query ($first: Int!) { a(first: $first) }", None)

    with pytest.raises(RefusedError) as refused:
        document.coerced({"first": "1"})

    [error] = refused.value.errors
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert "$first" in error["message"]
