"""The command that prints the figures works, on a file that a test has time for."""

from __future__ import annotations

from pathlib import Path

import pytest

from db.models import Order, OrderItem
from tests.conftest import BACKENDS, FreshDatabase
from tests.importing.making import rows
from tests.importing.million import measure


@pytest.mark.parametrize("backend", BACKENDS)
def test_memory_does_not_grow_with_the_file(backend: str, fresh_database: FreshDatabase, tmp_path: Path) -> None:
    with fresh_database(backend) as url, fresh_database(backend) as bare_url:
        short = measure(url, bare_url, 500, tmp_path, kills=0)
    with fresh_database(backend) as url, fresh_database(backend) as bare_url:
        figures = measure(url, bare_url, 8000, tmp_path, kills=1)

        assert {row["order_number"] for row in rows(url, Order)} == {f"N{number:07}" for number in range(8000)}
        assert len(rows(bare_url, OrderItem)) == 16_000
        assert figures.rows == 8000 * 5
        assert figures.kills == 1
        # The file is 9 MiB long, and what it becomes in Python three times that.
        assert max(figures.memory) - max(short.memory) < 25
