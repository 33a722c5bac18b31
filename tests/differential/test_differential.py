"""The quick run of the proof. ``python -m tests.differential.run`` runs it at length."""

from __future__ import annotations

import os
import secrets

import pytest

from db.engine import Database
from tests.differential.proof import prove

OPERATIONS = 300


@pytest.fixture(scope="module")
def seed() -> int:
    return int(os.environ.get("DIFFERENTIAL_SEED") or secrets.randbelow(2**31))


@pytest.mark.anyio
async def test_the_gateway_answers_as_the_oracle_does(database: Database, seed: int) -> None:
    print(f"DIFFERENTIAL_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    proof = await prove(database, seed, OPERATIONS)
    assert proof.operations == OPERATIONS or proof.differences
    assert not proof.differences, "\n\n".join(proof.differences.values())
