"""The home of worlds: what is left of the population for one who asks, when all is gone that the policy denies.

Who asks must not be able to tell the whole population from that rest: not by a value, a count, a cursor or an error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from resolvers.planner.declare import TYPE_OF_MODEL
from tests.authorization.policy import POLICY
from tests.authorization.population import MODELS, Asker, Population

if TYPE_CHECKING:
    from sqlmodel import SQLModel


def world(population: Population, asker: Asker) -> list[SQLModel]:
    """Return the rows that are left for *asker*; references to rows that are gone are NULL."""
    left: list[SQLModel] = []
    primary: set[tuple[str, Any]] = set()
    for model in MODELS:
        for row in population.of(model):
            cut = _cut(row, primary) if _entitled(asker, row) else None
            if cut is not None:
                left.append(cut)
                table = cast("sa.Table", sa.inspect(model).local_table)
                primary.add((table.name, getattr(row, "id", None)))
    return left


def type_of(model: type[SQLModel]) -> str | None:
    """Return the name of the type of the API that shows *model*, if there is one."""
    planned: Any = TYPE_OF_MODEL.get(model)
    return None if planned is None else str(planned.__strawberry_definition__.name)


def _entitled(asker: Asker, row: SQLModel) -> bool:
    # Parts of a row, such as the lines of an order, go with it.
    rule = POLICY.get(f"{type_of(type(row))}.id") if hasattr(row, "id") else None
    return rule is None or rule(asker, row)


def _cut(row: SQLModel, left: set[tuple[str, Any]]) -> SQLModel | None:
    """Return *row* without references to rows that are not among *left*; None where it can't be without them."""
    values = row.model_dump()
    for column in sa.inspect(type(row)).local_table.columns:
        for key in column.foreign_keys:
            if values[column.key] is not None and (key.column.table.name, values[column.key]) not in left:
                if not column.nullable:
                    return None
                values[column.key] = None
    return type(row)(**values)
