"""The home of what a plan takes for known of the arguments that are sent, and what is bound at each execution.

Enums, booleans and null-or-not are values: they are the *shape* of a plan. Every other scalar is an `Argument`. A list
is one JSON parameter.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    Undefined,
    get_named_type,
)
from strawberry.utils.str_converters import to_camel_case

from db.columns import UtcDateTime
from db.ids import is_well_formed
from resolvers.planner.arguments import Argument, Constant, Given, bind, refuse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLInputType

    from resolvers.planner.arguments import Fetch, Path


@dataclass(frozen=True, slots=True)
class Symbol:
    """Stands for a scalar of the variables while a plan is compiled."""

    fetch: Fetch


def _json_array(items: list[Any]) -> str:
    for item in items:
        if isinstance(item, str):
            _printable(item)
    return orjson.dumps(items).decode()


def _printable(text: str) -> str:
    # PostgreSQL has no text with NUL in it, SQLite does: refuse it for both, here, before it reaches a driver.
    return text if "\0" not in text else refuse("A text must not contain the character NUL.")


def _json_ids(items: list[str]) -> str:
    return _json_array([_well_formed(item) for item in items])


def _well_formed(given: str) -> str:
    not_an_id = "This is not an id of the gateway. Pass the id of an object as it was answered."
    return given if is_well_formed(given) else refuse(not_an_id)


@dataclass(frozen=True, slots=True)
class _ScalarKind:
    type_: Any
    convert: Callable[[Any], Any] | None = None


_SCALARS = {
    "ID": _ScalarKind(sa.Text(), _well_formed),
    "String": _ScalarKind(sa.Text(), _printable),
    "Int": _ScalarKind(sa.Integer()),
    "DateTime": _ScalarKind(UtcDateTime()),
    "Date": _ScalarKind(sa.Date()),
}


@dataclass(frozen=True, slots=True)
class Decoder:
    """Turns coerced argument values of one field into what its body takes."""

    path: Path
    made: list[Argument] = field(default_factory=list)
    """Every argument, used in a statement or not: all are checked at each execution."""

    def decode(self, value: Any, type_: GraphQLInputType, coordinate: str = "") -> Any:
        """Return *value*, given at *coordinate*: enum member, boolean, None, object of an input class or `Argument`."""
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        if value is None or value is Undefined:
            return None
        if isinstance(type_, GraphQLInputObjectType):
            return self._input(value, type_)
        if isinstance(type_, GraphQLList):
            convert = _json_ids if _is_id(type_.of_type) else _json_array
            return self._argument(_fetch(value, coordinate), sa.Text(), convert)
        if isinstance(type_, GraphQLScalarType) and type_.name != "Boolean":
            kind = _SCALARS[type_.name]
            return self._argument(_fetch(value, coordinate), kind.type_, kind.convert)
        return value

    def _input(self, values: dict[str, Any], type_: GraphQLInputObjectType) -> Any:
        definition = type_.extensions["strawberry-definition"]
        decoded = {}
        for found in definition.fields:
            name = found.graphql_name or to_camel_case(found.python_name)
            decoded[found.python_name] = self.decode(values.get(name), type_.fields[name].type, f"{type_.name}.{name}")
        return definition.origin(**decoded)

    def _argument(self, fetch: Fetch, type_: Any, convert: Callable[[Any], Any] | None) -> Argument:
        argument = Argument(fetch, type_, self.path)
        argument = argument if convert is None else bind(convert, argument)
        self.made.append(argument)
        return argument


def ids(value: Any, type_: GraphQLInputType, path: Path, coordinate: str = "") -> Iterator[Argument]:
    """Yield the ids in *value*, given at *coordinate*, to be checked: no more of a mutation's is, before it runs."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if value is None or value is Undefined:
        return
    if isinstance(type_, GraphQLInputObjectType):
        for name, item in value.items():
            yield from ids(item, type_.fields[name].type, path, f"{type_.name}.{name}")
    elif _is_id(type_):
        yield Decoder(path).decode(value, type_, coordinate)


def _fetch(value: Any, coordinate: str) -> Fetch:
    if isinstance(value, Symbol):
        return Given(value.fetch, coordinate)
    if isinstance(value, list) and any(isinstance(item, Symbol) for item in value):
        fetches = [_fetch(item, coordinate) for item in value]
        return Given(lambda inputs: [fetch(inputs) for fetch in fetches], coordinate)
    return Constant(value, coordinate)


def symbolize(value: Any, type_: GraphQLInputType, fetch: Fetch) -> Any:
    """Return the coerced variable *value* with a `Symbol` for each scalar and list in it."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if value is None or isinstance(type_, GraphQLEnumType) or _is_boolean(type_):
        return value
    if isinstance(type_, GraphQLInputObjectType):
        return {name: symbolize(item, type_.fields[name].type, _member(fetch, name)) for name, item in value.items()}
    return Symbol(fetch)


def _member(fetch: Fetch, name: str) -> Fetch:
    return lambda inputs: fetch(inputs)[name]


def variable(name: str) -> Fetch:
    """Return what fetches the variable *name*."""
    return lambda inputs: inputs.variables[name]


def shape(value: Any, type_: GraphQLInputType) -> Any:
    """Return what a plan depends on in the coerced variable *value*: enums, booleans, and which parts are null."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if value is None or isinstance(type_, GraphQLEnumType) or _is_boolean(type_):
        return value
    if isinstance(type_, GraphQLInputObjectType):
        return tuple((name, shape(item, type_.fields[name].type)) for name, item in sorted(value.items()))
    return True


def _is_id(type_: GraphQLInputType) -> bool:
    return get_named_type(type_).name == "ID"


def _is_boolean(type_: GraphQLInputType) -> bool:
    return isinstance(type_, GraphQLScalarType) and type_.name == "Boolean"
