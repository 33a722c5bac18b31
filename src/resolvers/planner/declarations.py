"""The home of the form in which a field says what it reads: `value`, `one`, `many`, `connection`.

A planned type is a Strawberry type whose fields never resolve: the planner reads their `Reading` and writes SQL.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, TypeVar, dataclass_transform, get_type_hints

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from resolvers.descriptions import describe, described
from resolvers.planner.paging import PAGING_ARGUMENTS, Connection, Ordering, Page

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa
    from sqlmodel import SQLModel

    Word = Callable[[Callable[..., Any]], "PlannedField"]

T = TypeVar("T")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="signedIn",
    description="Only for callers who are signed in; answers UNAUTHENTICATED to others.",
)
class SignedIn:
    """Only for callers who are signed in; answers UNAUTHENTICATED to others."""


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of columns of the row that it stands in; null unless *present*."""

    row: object
    present: sa.ColumnElement[bool] | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a planned field reads: *body* takes the row of the plan and the decoded arguments, and returns SQL."""

    word: Literal["value", "one", "many", "connection", "page"]
    body: Callable[..., Any]
    order_by: Callable[..., Ordering] | None = None

    def read(self, row: Any, arguments: dict[str, Any]) -> Any:  # noqa: ANN401 - SQL, as the word tells
        """Return what the body says of *row*, given those of *arguments* that it takes."""
        return self.body(row, **_taken(self.body, arguments))

    def order(self, row: Any, arguments: dict[str, Any]) -> Ordering:  # noqa: ANN401 - an alias
        """Return the order of a connection or page over *row*."""
        assert self.order_by is not None  # noqa: S101 - `connection` requires it
        return self.order_by(row, **_taken(self.order_by, arguments))


def _taken(body: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    names = inspect.signature(body).parameters
    return {name: value for name, value in arguments.items() if name in names}


class PlannedField(StrawberryField):
    """A field of the schema that the planner reads and nothing resolves."""

    reading: Reading

    def by_number(self, description: str) -> PlannedField:
        """Return a field that reads this connection by page number."""
        element = self.element
        return _field(replace(self.reading, word="page"), element, Page[element], description)

    element: Any


def value(type_: Any, **options: Any) -> Word:  # noqa: ANN401 - a type annotation, Strawberry's options
    """Declare a field whose body returns an SQL expression, or for a list a select of one column."""
    return lambda body: _field(Reading("value", body), type_, type_, body.__doc__, **options)


def one(type_: Any, **options: Any) -> Word:  # noqa: ANN401
    """Declare a field whose body returns a select of at most one row, several selects for an interface, or a `Part`."""
    return lambda body: _field(Reading("one", body), type_, type_, body.__doc__, **options)


def many(type_: Any, *, nullable: bool = False, **options: Any) -> Word:  # noqa: ANN401
    """Declare a list whose body returns an ordered select; *nullable* for the root, which may refuse."""
    listed = list[type_] | None if nullable else list[type_]
    return lambda body: _field(Reading("many", body), type_, listed, body.__doc__, **options)


def connection(type_: Any, *, order_by: Callable[..., Ordering]) -> Word:  # noqa: ANN401
    """Declare a Relay connection whose body returns a select; *order_by* takes its row, has arguments and orders it."""
    return lambda body: _field(Reading("connection", body, order_by), type_, Connection[type_], body.__doc__)


def _field(
    reading: Reading,
    element: Any,  # noqa: ANN401 - a type annotation
    type_: Any,  # noqa: ANN401 - a type annotation
    description: str | None,
    **options: Any,  # noqa: ANN401 - Strawberry's options
) -> PlannedField:
    field = PlannedField(
        type_annotation=StrawberryAnnotation(type_, namespace=reading.body.__globals__),
        description=described(description),
        **options,
    )
    field.init = False
    field.reading, field.element = reading, element
    field.arguments = [
        *PAGING_ARGUMENTS.get(reading.word, ()),
        *(_arguments(reading.order_by) if reading.order_by else ()),
        *_arguments(reading.body),
    ]
    return field


def _arguments(body: Callable[..., Any]) -> list[StrawberryArgument]:
    hints = get_type_hints(body, include_extras=True)
    _row, *parameters = inspect.signature(body).parameters.values()
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
def planned(model: type[SQLModel] | None = None) -> Callable[[type[T]], type[T]]:
    """Make a class a planned type: of the rows of *model*, or without a table (a root, a part, a success type)."""

    def decorate(cls: type[T]) -> type[T]:
        describe(cls)
        decorated = strawberry.type(cls, description=described(cls.__doc__))
        if model is not None:
            TYPE_OF_MODEL[model] = decorated
        return decorated

    return decorate


TYPE_OF_MODEL: dict[type[SQLModel], type] = {}
"""The planned type of each table, by which an interface finds the type of a row."""
