"""The home of what the tests of authorization share."""

from __future__ import annotations

import pytest

from tests.authorization.population import Population
from tests.authorization.run import everybody


@pytest.fixture(scope="package")
def population() -> Population:
    """Who asks, and what there is."""
    return everybody()
