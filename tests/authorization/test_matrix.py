"""Everybody is shown what the policy entitles them to, and can't tell the rest from what never was."""

from __future__ import annotations

import pytest

from resolvers.caller.visibility import visible
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.matrix import Matrix
from tests.authorization.population import Population
from tests.authorization.questions import Questions
from tests.conftest import BACKENDS, FreshDatabase

SHOWN = 10


@pytest.mark.anyio
@pytest.mark.parametrize("backend", BACKENDS)
async def test_every_field_is_for_those_whom_the_policy_names(
    backend: str, fresh_database: FreshDatabase, population: Population, capsys: pytest.CaptureFixture[str]
) -> None:
    matrix = Matrix(population)
    async with opened(fresh_database, backend, population.planting.rows) as database:
        questions = Questions(Gateway(Switched(database), visible), matrix)
        await questions.ask_all()
        # PostgreSQL prepares every statement anew in every world, for a minute and a half: SQLite has them all.
        every = 1 if backend == "sqlite" else 8
        await questions.ask_in_their_worlds(lambda rows: opened(fresh_database, backend, rows), every)

    with capsys.disabled():
        print(f"\n{backend}: {matrix}")  # noqa: T201 - the figures
    assert matrix.problems == [], "\n".join(matrix.problems[:SHOWN])
    assert matrix.by_one_path_alone() == []
