"""Where a field is never null, who sees the row sees the row that the field leads to."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import orjson
import pytest
from graphql import GraphQLObjectType, get_named_type, is_list_type, is_non_null_type

from resolvers.caller.visibility import visible
from tests.authorization.asking import Gateway, Switched, opened
from tests.authorization.matrix import entitled
from tests.authorization.paths import SCHEMA, TABLES, object_types
from tests.authorization.population import Asker, Population
from tests.authorization.worlds import type_of
from tests.conftest import BACKENDS, FreshDatabase


def edges() -> Iterator[tuple[GraphQLObjectType, str]]:
    """Return the fields of types with a table that lead to exactly one row of a table."""
    for type_ in object_types(SCHEMA):
        for name, field in type_.fields.items():
            one = is_non_null_type(field.type) and not is_list_type(field.type.of_type)
            if type_.name in TABLES and one and get_named_type(field.type).name in TABLES:
                yield type_, name


def test_the_edges_that_are_never_null_can_be_asked_by_id() -> None:
    found = list(edges())

    assert len(found) >= 5
    assert [f"{type_.name}.{name}" for type_, name in found if "id" not in type_.fields] == []


@pytest.mark.anyio
@pytest.mark.parametrize("backend", BACKENDS)
async def test_who_sees_a_row_sees_what_it_never_lacks(
    backend: str, fresh_database: FreshDatabase, population: Population
) -> None:
    seen = 0
    async with opened(fresh_database, backend, population.planting.rows) as database:
        gateway = Gateway(Switched(database), visible)
        for asker in population.askers:
            seen += await _edges_seen(gateway, asker)
    assert seen > 400


async def _edges_seen(gateway: Gateway, asker: Asker) -> int:
    seen = 0
    for type_, name in edges():
        rows = [key for key, row in asker.population.by_id.items() if type_of(type(row)) == type_.name]
        visible_rows = [key for key in rows if entitled(asker, f"{type_.name}.id", key)]
        for start in range(0, len(visible_rows), 8):
            some = visible_rows[start : start + 8]
            alone = f"query($id: ID!) {{ node(id: $id) {{ ... on {type_.name} {{ id }} }} }}"
            below = f"query($id: ID!) {{ node(id: $id) {{ ... on {type_.name} {{ id {name} {{ __typename }} }} }} }}"
            for key, parent, child in zip(
                some,
                await asyncio.gather(*(gateway.ask(asker, alone, {"id": key}) for key in some)),
                await asyncio.gather(*(gateway.ask(asker, below, {"id": key}) for key in some)),
                strict=True,
            ):
                assert orjson.loads(parent)["data"]["node"], f"{asker.name} can't see {key}"
                found = orjson.loads(child)["data"]["node"]
                assert found, f"{asker.name} sees {key} no more beside its {name}"
                assert found[name], f"{asker.name} sees {key}, but not its {name}"
                seen += 1
    return seen
