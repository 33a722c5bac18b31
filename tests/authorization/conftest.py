"""The home of what the tests of authorization share."""

from __future__ import annotations

import pytest
from graphql import GraphQLObjectType

from tests.authorization.paths import SCHEMA
from tests.authorization.population import Population, populated


@pytest.fixture(scope="package")
def population() -> Population:
    """Who asks, and what there is."""
    address = SCHEMA.type_map["PostalAddress"]
    assert isinstance(address, GraphQLObjectType)
    return populated(tuple(address.fields))
