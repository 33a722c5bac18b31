"""The home of every place where a client writes a value: derived from the schema, so that none can be forgotten."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLField, GraphQLInputType, GraphQLSchema

Path = tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Step:
    """From an object to one of its fields."""

    parent: str
    name: str
    field: GraphQLField


@dataclass(frozen=True, slots=True)
class Place:
    """A scalar or enum in an argument: *members* lead to it through input objects."""

    operation: str
    path: Path
    argument: str
    type_: GraphQLInputType
    members: tuple[str, ...]
    leaf: GraphQLInputType

    @property
    def name(self) -> str:
        last = self.path[-1]
        return ".".join((last.parent, last.name, self.argument, *self.members))

    def with_literal(self, value: str) -> str:
        """Return a document that has *value* there as it stands."""
        return self._document("", _around(self.type_, self.members, value, quoted=False))

    def with_variable(self) -> str:
        """Return a document that has a variable `$v` right there."""
        return self._document(f"($v: {self.leaf})", _around(self.type_, self.members, "$v", quoted=False))

    def with_input(self, value: str) -> tuple[str, str]:
        """Return a document with a variable `$v` for the whole argument, and the JSON of that with *value* in it."""
        return self._document(f"($v: {self.type_})", "$v"), _around(self.type_, self.members, value, quoted=True)

    def _document(self, variables: str, value: str) -> str:
        text = " { __typename }" if is_composite_type(get_named_type(self.path[-1].field.type)) else ""
        for step in reversed(self.path):
            given = {self.argument: value} if step is self.path[-1] else {}
            text = f"{step.name}{_arguments(step.field, given)}{text}"
            text = text if step is self.path[0] else f" {{ {text} }}"
        return f"{self.operation} {variables} {{ {text} }}"


def places(schema: GraphQLSchema) -> Iterator[Place]:
    """Yield the places of all arguments of all fields."""
    for operation, root in (("query", schema.query_type), ("mutation", schema.mutation_type)):
        assert root is not None
        for path in _paths(root) if operation == "query" else [(step,) for step in _steps(root)]:
            for name, argument in path[-1].field.args.items():
                for members, leaf in _leaves(argument.type):
                    yield Place(operation, path, name, argument.type, members, leaf)


def _steps(parent: GraphQLObjectType) -> list[Step]:
    return [Step(parent.name, name, field) for name, field in parent.fields.items()]


def _paths(root: GraphQLObjectType) -> Iterator[Path]:
    """Yield the shortest path to each field of each object."""
    known = {root.name}
    queue: deque[tuple[Path, GraphQLObjectType]] = deque([((), root)])
    while queue:
        path, parent = queue.popleft()
        for step in _steps(parent):
            yield (*path, step)
            type_ = get_named_type(step.field.type)
            if isinstance(type_, GraphQLObjectType) and type_.name not in known:
                known.add(type_.name)
                queue.append(((*path, step), type_))


def _leaves(type_: GraphQLInputType) -> Iterator[tuple[tuple[str, ...], GraphQLInputType]]:
    inner: Any = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLInputObjectType):
        for name, field in inner.fields.items():
            yield from (((name, *members), leaf) for members, leaf in _leaves(field.type))
    elif isinstance(inner, GraphQLList):
        yield from _leaves(inner.of_type)
    else:
        yield (), type_


def _around(type_: Any, members: tuple[str, ...], value: str, *, quoted: bool) -> str:
    """Return *value* with the lists and input objects around it, in JSON if *quoted*, else as a literal."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLList):
        return f"[{_around(inner.of_type, members, value, quoted=quoted)}]"
    if not isinstance(inner, GraphQLInputObjectType):
        return value
    values = {
        name: _around(field.type, members[1:], value, quoted=quoted)
        if members[:1] == (name,)
        else _harmless(field.type, quoted=quoted)
        for name, field in inner.fields.items()
        if members[:1] == (name,) or is_required_input_field(field)
    }
    return "{" + ", ".join(f'"{name}": {text}' if quoted else f"{name}: {text}" for name, text in values.items()) + "}"


def _harmless(type_: Any, *, quoted: bool) -> str:
    """Return a value that is right by type and does nothing: no e-mail address is so short, no password."""
    inner = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(inner, GraphQLEnumType):
        first = next(iter(inner.values))
        return f'"{first}"' if quoted else first
    if isinstance(inner, GraphQLInputObjectType | GraphQLList):
        return _around(inner, (), "", quoted=quoted)
    return {"Int": "1", "Float": "1", "Boolean": "true"}.get(inner.name, orjson.dumps("x").decode())


def _arguments(field: GraphQLField, given: dict[str, str]) -> str:
    needed = {name: each for name, each in field.args.items() if is_required_argument(each)}
    values = {name: _harmless(each.type, quoted=False) for name, each in needed.items()} | given
    return f"({', '.join(f'{name}: {value}' for name, value in values.items())})" if values else ""
