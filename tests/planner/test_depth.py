"""The statements of deep and wide documents fit SQLite, whose parser has a stack of 100 entries."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from graphql import get_named_type, is_leaf_type
from sqlalchemy.dialects import sqlite
from sqlmodel import SQLModel, create_engine

from db import models, search_index  # noqa: F401 - the tables
from resolvers.operations.cache import Documents
from resolvers.planner.plans import Planner
from resolvers.schema import GUARD, schema

if TYPE_CHECKING:
    from pathlib import Path

    from graphql import GraphQLField, GraphQLObjectType

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way
ID = "cus_01HV2JCC9T33QXEAXPHCJEC4FA"
BIG = {"Money", "PostalAddress", "PageInfo", "OrderItem", "OrderTax", "OrderAdjustment", "OrderShipment"}
ARGUMENTS = {
    "id": [f'id: "{ID}"'],
    "type": ["type: BILLING"],
    "orderNumber": ['orderNumber: "1"'],
    "token": ['token: "a"'],
    "country": ['country: "CH"'],
    "after": ["", f'last: 3, after: "ORDER_DATE:DESC:2018-03-14T10:07:26Z:{ID}"'],
    "filter": ["", 'filter: {search: "a b", statuses: [SHIPPED], mine: true}'],
}


class Writer:
    """Writes documents that nest *depth* levels and select most leaves and parts on the way."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - no secret
        self.left = 450

    def selection(self, type_: GraphQLObjectType, depth: int) -> str:
        written, deeper = [], []
        for name, field in type_.fields.items():
            if is_leaf_type(get_named_type(field.type)):
                written += [name] * (self.random.random() < 0.7)
            elif get_named_type(field.type).name in BIG:
                written += [self.field(name, field, depth - 1)] * (depth > 1 and self.left > 30)
            else:
                deeper.append((name, field))
        self.left -= len(written)
        if deeper and depth > 1 and self.left > 0:
            name, field = self.random.choice(deeper)
            written.append(self.field(name, field, depth - 1))
        return " ".join(written) or "__typename"

    def field(self, name: str, field: GraphQLField, depth: int) -> str:
        arguments = [self.random.choice(ARGUMENTS.get(argument, [""])) for argument in field.args]
        given = ", ".join(argument for argument in arguments if argument)
        if name == "customers":
            given = 'filter: {search: "a b", emailAddress: "a@b.ch"}'
        type_: Any = get_named_type(field.type)
        on = "... "
        if type_.name == "Node":
            type_ = self.random.choice(CORE.get_possible_types(type_))
            on = f"... on {type_.name} "
        inside = self.selection(type_, depth)
        return f"{name}{f'({given})' if given else ''} {{ {on}{{ {inside} }} }}"


@pytest.fixture
def tables(tmp_path: Path) -> str:
    file = f"{tmp_path}/tables.db"
    engine = create_engine(f"sqlite:///{file}")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        for index in search_index.ALL.values():
            index.make(connection)
    engine.dispose()
    return file


@pytest.mark.parametrize("depth", [4, 7, 10, 12])
def test_what_is_within_the_limits_can_be_prepared(tables: str, depth: int) -> None:
    documents = Documents(CORE, Planner(sqlite.dialect(), GUARD))
    query = CORE.query_type
    assert query is not None
    with closing(sqlite3.connect(tables)) as connection:
        for seed in range(15):
            document = documents.get(f"{{ {Writer(seed).selection(query, depth)} }}", None)
            for root in document.plan(document.coerced({})).roots:
                connection.execute(f"EXPLAIN {root.statement.sql}", [None] * len(root.statement.parameters))
