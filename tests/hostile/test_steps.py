"""No document takes many steps to answer, whatever it repeats. Steps are counted: a busy machine takes as many."""

from __future__ import annotations

import pytest
from graphql import parse, validate
from graphql.validation.rules.overlapping_fields_can_be_merged import OverlappingFieldsCanBeMergedRule

from tests.hostile.costly import REQUESTS
from tests.hostile.documents import LARGE
from tests.hostile.generated import CORE, Choices, document
from tests.hostile.worst import called, steps

MOST_STEPS = 800_000
"""About 80 ms of the processor. `python -m tests.hostile.worst` tells milliseconds."""

CONFLICTS = "{ __typename } fragment F on Channel { " + "a: id a: name " * 330 + "}"
REPEATED = {
    **{name: found.text for name, found in LARGE.items()},
    **{name: text.replace("§", "1") for name, (text, _variables) in REQUESTS.items()},
    "1,900 leaves of a fragment that nothing spreads": "{ __typename } fragment F on Channel { " + "id " * 1_900 + "}",
    "660 conflicts in a fragment that nothing spreads": CONFLICTS,
    "20 operations of 90 leaves": " ".join(f"query Q{at} {{ channel {{ {'id ' * 90} }} }}" for at in range(20)),
    "600 fields of an input object": "mutation { authenticate(input: {"
    + " ".join(f"a{at}: 1" for at in range(600))
    + "}) { __typename } }",
    "60 input objects, compared with each other": "{ customer { "
    + " ".join(f'orders(filter: {{search: "{at}", mine: true}}) {{ totalCount }}' for at in range(60))
    + "} }",
    "100 operations of 100 fragments": " ".join(f"query Q{at} {{ ...F0 }}" for at in range(100))
    + " ".join(f"fragment F{at} on Query {{ ...F{at + 1} __typename }}" for at in range(99))
    + "fragment F99 on Query { __typename }",
    "99 fragments that lead to the next six": "{ ...F0 } "
    + " ".join(
        f"fragment F{at} on Query {{ {' '.join(f'...F{below}' for below in range(at + 1, min(at + 7, 100)))} a: id }}"
        for at in range(100)
    ),
}


@pytest.mark.parametrize("name", REPEATED)
def test_what_repeats_itself_takes_few_steps(name: str) -> None:
    taken, _outcome = steps(REPEATED[name])

    assert taken < MOST_STEPS


@pytest.mark.parametrize("seed", range(60))
def test_what_is_generated_takes_few_steps(seed: int) -> None:
    taken, _outcome = steps(document(Choices((), seed)))

    assert taken < MOST_STEPS


def test_generated_documents_are_of_every_kind() -> None:
    outcomes = {steps(document(Choices((), seed)))[1] for seed in range(60)}

    assert {"planned", "QUERY_TOO_EXPENSIVE", "GRAPHQL_VALIDATION_FAILED"} <= outcomes


class WithTheLimitOfTheLibrary(OverlappingFieldsCanBeMergedRule):
    def __init__(self, *given: object) -> None:
        super().__init__(*given)  # type: ignore[arg-type]  # a context
        self.rule_context.remaining_complexity_budget = 500_000


def test_steps_are_counted() -> None:
    taken = called(lambda: validate(CORE, parse(CONFLICTS), [WithTheLimitOfTheLibrary]))

    assert taken > MOST_STEPS
