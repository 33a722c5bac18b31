"""The home of the form in which a field says what it reads: planned types, and the words of their fields.

A planned type is a Strawberry type whose fields never resolve: the planner takes their `Reading` and writes SQL.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, dataclass_transform, get_type_hints

import sqlalchemy as sa
import strawberry
from graphql import GraphQLNonNull
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from db import json_text
from resolvers.planner.counts import DEFAULT_PAGE
from resolvers.sdl.descriptions import describe, described

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLOutputType
    from sqlmodel import SQLModel

    from db.json_text import Json
    from resolvers.planner.arguments import Argument
    from resolvers.planner.ordering import Ordering
    from resolvers.planner.rows import Entered, Shortcut

    Word = Callable[[Callable[..., Any]], "PlannedField"]

T = TypeVar("T")


class Field(Protocol):
    """What a word may ask of the field that it writes as SQL."""

    @property
    def type_(self) -> GraphQLOutputType:
        """Its type in the API."""
        ...

    @property
    def row(self) -> Any:
        """The row that it stands in."""
        ...

    @property
    def arguments(self) -> dict[str, Any]:
        """Its arguments, by the names of the body's parameters."""
        ...

    def read(self) -> Any:
        """Return what the body of the field says."""
        ...

    def leaf(self, value: Any) -> Json:
        """Return the JSON of *value*, which is of the scalar, enum or list that the field is."""
        ...

    def object(self, row: Any) -> Json:
        """Return the JSON object of *row*, with what is selected below."""
        ...

    def enter(self, found: sa.Select[Any] | Shortcut) -> Entered:
        """Enter the table that *found* selects from, from the row that the field stands in."""
        ...

    def order(self, row: Any) -> Ordering:
        """Return the order of a connection over *row*."""
        ...

    def ordered_set(self) -> tuple[Entered, Ordering]:
        """Enter the table of a connection; return a fresh statement over all its rows, and their order."""
        ...

    def new_alias(self) -> str:
        """Return a name that no other table has."""
        ...


class Checked(Protocol):
    """What a word may ask of the field whose arguments it checks, before anything is written as SQL."""

    @property
    def arguments(self) -> dict[str, Any]:
        """Its arguments, by the names of the body's parameters."""
        ...

    def order(self, row: Any) -> Ordering:
        """Return the order of a connection over *row*."""
        ...

    def element_row(self) -> Any:
        """Return a row of a connection's elements, which stands nowhere."""
        ...

    def replace(self, name: str, convert: Callable[[Any], Any]) -> None:
        """Replace the argument *name* by what *convert* makes of it, unless it is null; see `check`."""
        ...

    def check(self, argument: Argument) -> Argument:
        """Have *argument* checked at each execution, whether the statement uses it or not."""
        ...

    def check_rows(self, count: Argument) -> None:
        """Have checked how many rows *count*, the size of this page, means with the pages that it stands in."""
        ...

    def constant(self, value: int) -> Argument:
        """Return an argument that always is *value*."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What a planned field reads: *body* takes the row of the plan and arguments, returns SQL; *write* makes it JSON.

    *order_by* orders a connection. Like the body it takes a row and arguments. *check* has the arguments checked, and
    may replace them.
    """

    write: Callable[[Field], Json]
    body: Callable[..., Any]
    order_by: Callable[..., Any] | None = None
    check: Callable[[Checked], None] | None = None


class PlannedField(StrawberryField):
    """A field of the schema that the planner reads and nothing resolves."""

    reading: Reading

    def __copy__(self) -> Self:
        """Return a field of another type with the same reading: for each element type of a generic type."""
        copied = super().__copy__()
        copied.reading = self.reading
        return copied


F = TypeVar("F", bound=PlannedField)


def planned_field(
    reading: Reading,
    type_: Any,
    *,
    description: str | None = None,
    arguments: tuple[StrawberryArgument, ...] = (),
    kind: type[F],
    **options: Any,
) -> F:
    """Return the field of *type_*, an annotation; its *arguments* come before those of the order and of the body."""
    field = kind(
        type_annotation=StrawberryAnnotation(type_, namespace=reading.body.__globals__),
        description=described(description or reading.body.__doc__),
        **options,
    )
    field.init = False
    field.reading = reading
    ordering = () if reading.order_by is None else _arguments(reading.order_by)
    field.arguments = [*arguments, *ordering, *_arguments(reading.body)]
    return field


def _arguments(body: Callable[..., Any]) -> list[StrawberryArgument]:
    _row, *parameters = inspect.signature(body).parameters.values()
    # Not those of the row, which may be the class that is being made.
    told = SimpleNamespace(__annotations__={parameter.name: parameter.annotation for parameter in parameters})
    hints = get_type_hints(told, body.__globals__, include_extras=True)
    return [
        StrawberryArgument(
            python_name=parameter.name,
            graphql_name=None,
            type_annotation=StrawberryAnnotation(hints[parameter.name]),
            default=UNSET if parameter.default in {None, parameter.empty} else parameter.default,
        )
        for parameter in parameters
    ]


@dataclass_transform(kw_only_default=True)
def planned(*models: type[SQLModel]) -> Callable[[type[T]], type[T]]:
    """Make a class a planned type: of the rows of *models*, or without a table (a root, a part, a success type).

    Several tables have the columns in common that the type shows.
    """

    def decorate(cls: type[T]) -> type[T]:
        describe(cls)
        decorated = strawberry.type(cls, description=described(cls.__doc__))
        for model in models:
            TYPE_OF_MODEL[model] = decorated
            MODEL_OF_TYPE.setdefault(type_name_of(model), model)
        return decorated

    return decorate


TYPE_OF_MODEL: dict[type[SQLModel], type] = {}
"""The planned type of each table."""
MODEL_OF_TYPE: dict[str, type[SQLModel]] = {}
"""The first table of each planned type that has one, by the name of the type."""


def type_name_of(model: type[SQLModel]) -> str:
    """Return the name that the rows of *model* have in the API."""
    type_: Any = TYPE_OF_MODEL[model]
    return str(type_.__strawberry_definition__.name)


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
    """Declare a list whose body returns an ordered select; *nullable* for the root, which may refuse.

    Of several selects, the first that finds anything is the list.
    """
    listed = list[type_] | None if nullable else list[type_]
    return lambda body: planned_field(
        Reading(_many_json, body, check=_check_many), listed, kind=PlannedField, **options
    )


def _value_json(field: Field) -> Json:
    return field.leaf(field.read())


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
    found = field.read()
    if not isinstance(found, list):
        return listed(field, field.enter(found))
    lists = [json_text.concat(listed(field, field.enter(statement))) for statement in found]
    nothing = json_text.literal("[]")
    filled = [sa.func.nullif(each, nothing, type_=json_text.type_) for each in lists]
    return [sa.func.coalesce(*filled, nothing, type_=json_text.type_)]


def listed(field: Field, entered: Entered) -> Json:
    """Return the JSON array of what is *entered*."""
    return json_text.array_of(entered.select(json_text.concat(field.object(entered.row))))


def _check_many(field: Checked) -> None:
    # A list weighs as much as a page: without that, lists inside one another and inside pages would have no limit.
    field.check_rows(field.constant(DEFAULT_PAGE))
