"""The home of the form in which a field says what it reads.

A planned type is a Strawberry type whose fields never resolve: the planner takes their `Reading` and writes SQL.
"""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self, TypeVar, dataclass_transform, get_type_hints

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.schema_directive import Location
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from resolvers.sdl.descriptions import describe, described

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import SQLModel

    from db.json_text import Json
    from resolvers.planner.compiler import Field
    from resolvers.planner.selection import Selected

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
class Reading:
    """What a planned field reads: *body* takes the row of the plan and arguments, returns SQL; *write* makes it JSON.

    *order_by* orders a connection. Like the body it takes a row and arguments. *check* has the arguments checked, and
    may replace them.
    """

    write: Callable[[Field], Json]
    body: Callable[..., Any]
    order_by: Callable[..., Any] | None = None
    check: Callable[[Selected], None] | None = None


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
            MODEL_OF_TYPE[type_name_of(model)] = model
        return decorated

    return decorate


TYPE_OF_MODEL: dict[type[SQLModel], type] = {}
"""The planned type of each table."""
MODEL_OF_TYPE: dict[str, type[SQLModel]] = {}
"""The table of each planned type that has one, by the name of the type."""


def type_name_of(model: type[SQLModel]) -> str:
    """Return the name that the rows of *model* have in the API."""
    type_: Any = TYPE_OF_MODEL[model]
    return str(type_.__strawberry_definition__.name)
