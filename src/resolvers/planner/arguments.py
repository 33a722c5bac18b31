"""The home of arguments in a plan: what is known when it is compiled, and what is bound at each execution.

Enums, booleans and null-or-not are values: they are the *shape* of a plan. Every other scalar is an `Argument`, a bind
parameter that knows how to fetch its value from the `Inputs` of an execution. A list is one JSON parameter.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import orjson
import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    Undefined,
)
from strawberry.utils.str_converters import to_camel_case

from db.columns import UtcDateTime

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    from graphql import GraphQLInputType

    Fetch = Callable[["Inputs"], Any]
    Path = tuple[str, ...]
    Recipe = Callable[[Mapping[object, "Argument"]], tuple[Fetch, Path]]
    """How an argument is fetched, and its path, with others, by identity, in the places of what it is made of."""


class BadArgumentError(Exception):
    """An argument that no field can read by: answered as BAD_USER_INPUT, or with *code*.

    Raised by the converters of `bind`, before any statement runs. *path* holds the response keys down to the field.
    """

    def __init__(self, message: str, *, code: str = "BAD_USER_INPUT", path: Path = ()) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls, as the request tells it; the database finds out what that is worth."""

    channel_id: str
    now: datetime
    token_sha256: bytes | None = None
    user_id: str | None = None
    """The user to read as, where a mutation has just made or signed in one."""


class Inputs(NamedTuple):
    """What one execution of a plan is bound to."""

    caller: Caller
    variables: dict[str, Any]
    outcome: Any = None
    """The success object of a mutation, whose ids its planned fields start at."""

    def after(self, outcome: Any) -> Inputs:
        """Return the inputs for reading *outcome*, as the user whom the mutation made or signed in, if it did."""
        user_id = getattr(outcome, "reads_as", None)
        caller = self.caller if user_id is None else replace(self.caller, user_id=user_id)
        return self._replace(outcome=outcome, caller=caller)


@dataclass(frozen=True, slots=True)
class Symbol:
    """Stands for a scalar of the variables while a plan is compiled."""

    fetch: Fetch


class Argument(sa.BindParameter[Any]):
    """A bind parameter that fetches its value at each execution."""

    inherit_cache = True

    def __init__(self, fetch: Fetch, type_: Any, path: Path = ()) -> None:
        super().__init__(None, None, type_=type_, unique=True)
        self.fetch = fetch
        self.path = path
        self.identity = object()
        """Stays the same when SQLAlchemy copies the parameter."""

    def is_made_of(self, identities: Collection[object]) -> bool:
        """Tell whether it is one of the arguments that have *identities*, or made of one."""
        return self.identity in identities

    def recipe(self, identities: Collection[object]) -> Recipe:
        """Return how to make it of those that take the places of *identities*.

        Recipes are kept, arguments are not: one may hold a text of 60,000 letters, and it is a caller's.
        """
        if self.identity in identities:
            return _in_place_of(self.identity)
        itself = self.fetch, self.path
        return lambda _others: itself


def _in_place_of(identity: object) -> Recipe:
    return lambda others: (others[identity].fetch, others[identity].path)


class _Converted(Argument):
    """Arguments, turned into something else at each execution."""

    inherit_cache = True

    def __init__(self, convert: Callable[..., Any], arguments: tuple[Argument, ...], type_: Any) -> None:
        fetch = _composed(convert, [argument.fetch for argument in arguments])
        super().__init__(fetch, type_, arguments[0].path)
        self._convert = convert
        self._arguments = arguments

    def is_made_of(self, identities: Collection[object]) -> bool:
        return super().is_made_of(identities) or any(part.is_made_of(identities) for part in self._arguments)

    def recipe(self, identities: Collection[object]) -> Recipe:
        if self.identity in identities:
            return super().recipe(identities)
        convert, recipes = self._convert, [argument.recipe(identities) for argument in self._arguments]

        def make(others: Mapping[object, Argument]) -> tuple[Fetch, Path]:
            found = [recipe(others) for recipe in recipes]
            return _composed(convert, [fetch for fetch, _path in found]), found[0][1]

        return make


def _composed(convert: Callable[..., Any], fetches: list[Fetch]) -> Fetch:
    return lambda inputs: convert(*[fetch(inputs) for fetch in fetches])


def bind(convert: Callable[..., Any], *arguments: Any, type_: Any = None) -> Argument:
    """Return *arguments* turned into something else by *convert*, at each execution.

    Arguments are typed as the API types them; in a plan each is an `Argument`. *convert* may raise `BadArgumentError`.
    """
    return _Converted(convert, arguments, type_ or arguments[0].type)


def arguments_in(value: Any) -> Iterator[Argument]:
    """Yield the arguments in *value*: a decoded argument of a field, or all of them by name."""
    if isinstance(value, Argument):
        yield value
    for part in _parts(value):
        yield from arguments_in(part)


def outline(value: Any) -> Any:
    """Return what SQL depends on in the decoded argument *value*: all of it but what is bound at each execution."""
    if isinstance(value, Argument):
        return Argument
    parts = _parts(value)
    return tuple(map(outline, parts)) if parts else value


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return [getattr(value, part.name) for part in fields(value)] if is_dataclass(value) else []


def of_caller(attribute: str, type_: Any) -> Argument:
    """Return a parameter that is an attribute of the `Caller`."""
    return Argument(lambda inputs: getattr(inputs.caller, attribute), type_)


class Outcome:
    """The row of a success type: what the mutation has put into the success object, as arguments."""

    def __getattr__(self, name: str) -> Argument:
        """Return the attribute *name* of the success object."""
        return Argument(lambda inputs: getattr(inputs.outcome, name), sa.Text())


def _json_array(items: list[Any]) -> str:
    for item in items:
        if isinstance(item, str):
            _printable(item)
    return orjson.dumps(items).decode()


def _printable(text: str) -> str:
    # PostgreSQL has no text with NUL in it, SQLite does: refuse it for both, here, before it reaches a driver.
    if "\0" in text:
        msg = "A text must not contain the character NUL."
        raise BadArgumentError(msg)
    return text


@dataclass(frozen=True, slots=True)
class _ScalarKind:
    type_: Any
    convert: Callable[[Any], Any] | None = None


_SCALARS = {
    "ID": _ScalarKind(sa.Text(), _printable),
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

    def decode(self, value: Any, type_: GraphQLInputType) -> Any:
        """Return *value* as enum member, boolean, None, instance of an input class or `Argument`."""
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        if value is None or value is Undefined:
            return None
        if isinstance(type_, GraphQLInputObjectType):
            return self._input(value, type_)
        if isinstance(type_, GraphQLList):
            return self._argument(_fetch(value), sa.Text(), _json_array)
        if isinstance(type_, GraphQLScalarType) and type_.name != "Boolean":
            kind = _SCALARS[type_.name]
            return self._argument(_fetch(value), kind.type_, kind.convert)
        return value

    def _input(self, values: dict[str, Any], type_: GraphQLInputObjectType) -> Any:
        definition = type_.extensions["strawberry-definition"]
        decoded = {}
        for found in definition.fields:
            name = found.graphql_name or to_camel_case(found.python_name)
            decoded[found.python_name] = self.decode(values.get(name), type_.fields[name].type)
        return definition.origin(**decoded)

    def _argument(self, fetch: Fetch, type_: Any, convert: Callable[[Any], Any] | None) -> Argument:
        argument = Argument(fetch, type_, self.path)
        argument = argument if convert is None else bind(convert, argument)
        self.made.append(argument)
        return argument


def _fetch(value: Any) -> Fetch:
    if isinstance(value, Symbol):
        return value.fetch
    if isinstance(value, list) and any(isinstance(item, Symbol) for item in value):
        fetches = [_fetch(item) for item in value]
        return lambda inputs: [fetch(inputs) for fetch in fetches]
    return lambda _inputs: value


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


def _is_boolean(type_: GraphQLInputType) -> bool:
    return isinstance(type_, GraphQLScalarType) and type_.name == "Boolean"


def refuse(message: str, *, code: str = "BAD_USER_INPUT") -> NoReturn:
    """Raise `BadArgumentError`; for converters that are expressions."""
    raise BadArgumentError(message, code=code)
