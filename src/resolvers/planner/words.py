"""The home of the words `value`, `one` and `many`: what a body returns, and how it becomes JSON."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from graphql import GraphQLNonNull

from db import json_text
from resolvers.planner.counts import DEFAULT_PAGE
from resolvers.planner.declarations import PlannedField, Reading, planned_field
from resolvers.planner.leaves import leaf

if TYPE_CHECKING:
    from db.json_text import Json
    from resolvers.planner.compiler import Field
    from resolvers.planner.declarations import Word
    from resolvers.planner.rows import Entered
    from resolvers.planner.selection import Selected


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of columns of the row that it stands in, or of another row; null unless *present*."""

    row: object
    present: sa.ColumnElement[bool] | None = None


def value(type_: Any, **options: Any) -> Word:
    """Declare a field whose body returns an SQL expression, or for a list a select of one column."""
    return lambda body: planned_field(Reading(_value_json, body), type_, kind=PlannedField, **options)


def one(type_: Any, **options: Any) -> Word:
    """Declare a field whose body returns a select of at most one row, several selects for an interface, or a `Part`."""
    return lambda body: planned_field(Reading(_one_json, body), type_, kind=PlannedField, **options)


def many(type_: Any, *, nullable: bool = False, **options: Any) -> Word:
    """Declare a list whose body returns an ordered select; *nullable* for the root, which may refuse."""
    listed = list[type_] | None if nullable else list[type_]
    return lambda body: planned_field(
        Reading(_many_json, body, check=_check_many), listed, kind=PlannedField, **options
    )


def _value_json(field: Field) -> Json:
    return leaf(field.type_, field.read())


def _one_json(field: Field) -> Json:
    found, nullable = field.read(), not isinstance(field.type_, GraphQLNonNull)
    if isinstance(found, Part):
        json = field.object(found.row)
        if found.present is None or not nullable:
            return json
        return [sa.case((found.present, json_text.concat(json)), else_=json_text.literal("null"))]
    objects = [_entered_json(field, statement) for statement in (found if isinstance(found, list) else [found])]
    return [sa.func.coalesce(*objects, json_text.literal("null"), type_=json_text.type_)] if nullable else [*objects]


def _entered_json(field: Field, statement: sa.Select[Any]) -> sa.ColumnElement[str]:
    entered = field.enter(statement)
    return entered.select(json_text.concat(field.object(entered.row))).scalar_subquery()


def _many_json(field: Field) -> Json:
    return listed(field, field.enter(field.read()))


def listed(field: Field, entered: Entered) -> Json:
    """Return the JSON array of what is *entered*."""
    return json_text.array_of(entered.select(json_text.concat(field.object(entered.row))))


def _check_many(field: Selected) -> None:
    # A list weighs as much as a page: without that, lists inside one another and inside pages would have no limit.
    field.check_rows(field.constant(DEFAULT_PAGE))
