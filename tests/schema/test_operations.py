from __future__ import annotations

from pathlib import Path

import pytest
from graphql import build_schema, parse, validate

from tests.schema import ROOT, SDL

SCHEMA = build_schema(SDL)
OPERATIONS = sorted((ROOT / "tests" / "operations").glob("*.graphql"))


def test_there_are_operations_of_front_ends() -> None:
    assert OPERATIONS


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda file: file.stem)
def test_an_operation_of_front_ends_is_valid(operation: Path) -> None:
    errors = validate(SCHEMA, parse(operation.read_text(encoding="utf-8")))

    assert [error.message for error in errors] == []
