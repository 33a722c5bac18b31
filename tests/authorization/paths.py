"""The home of probes: selections that are made from the schema itself, so that no field and no edge is left out.

A probe has one root field. Below it stands what can be reached without entering the same table twice; where a table is
met again, its id is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, cast

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
)

from resolvers.planner.declare import TYPE_OF_MODEL
from resolvers.schema import schema

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLArgument, GraphQLField, GraphQLInputType, GraphQLInterfaceType

SCHEMA: GraphQLSchema = schema._schema  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema
NODES = {type_.name for type_ in SCHEMA.get_possible_types(cast("GraphQLInterfaceType", SCHEMA.type_map["Node"]))}
"""Types whose objects are found by their ids; a part of one, such as a line of an order, has an id for caches alone."""
TABLES = {planned.__strawberry_definition__.name for planned in TYPE_OF_MODEL.values()}  # type: ignore[attr-defined]
DEPTH = 1
"""How many tables a probe enters one below the other, after the first."""
SIZE = 100
"""How many fields a probe selects at most, unless they stand in one object."""
MANY = {"first": "20", "size": "20"}
"""Pages that hold all there is."""


def object_types(of: GraphQLSchema) -> list[GraphQLObjectType]:
    """Return the object types of a schema, without those of introspection."""
    types = of.type_map.values()
    return [type_ for type_ in types if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__")]


@dataclass
class Selected:
    """A field as a probe selects it; *below* has what is selected on each type that it can be, nothing for a leaf."""

    key: str
    name: str
    definition: GraphQLField
    arguments: str
    path: str
    below: dict[str, list[Selected]] = field(default_factory=dict)

    def size(self) -> int:
        """Return how many fields this is."""
        return 1 + sum(below.size() for fields in self.below.values() for below in fields)

    def leads_to_one_row(self) -> bool:
        """Tell whether this is never null and leads to a row of a table."""
        type_ = self.definition.type
        return is_non_null_type(type_) and not is_list_type(type_.of_type) and get_named_type(type_).name in TABLES

    def apart(self) -> Iterator[Selected]:
        """Return this without the rows that are never missing, then each way to one of them on its own.

        Were such a row missing, the object would be null as a whole, and hide that it can be seen itself.
        """
        yield self._without_rows()
        for type_, fields in self.below.items():
            known = [one for one in fields if one.name == "id"]
            for one in fields:
                is_row = type_ in TABLES and one.leads_to_one_row()
                for part in islice(one.apart(), 0 if is_row else 1, None):
                    yield replace(self, below={type_: [*known, part]})

    def _without_rows(self) -> Selected:
        return replace(
            self,
            below={
                type_: [one._without_rows() for one in fields if not (type_ in TABLES and one.leads_to_one_row())]  # noqa: SLF001
                for type_, fields in self.below.items()
            },
        )

    def parts(self) -> Iterator[Selected]:
        """Return this in parts of at most `SIZE` fields, each with the id of the object."""
        if self.size() <= SIZE:
            yield self
            return
        for type_, fields in self.below.items():
            known = [one for one in fields if one.name == "id"]
            small = [one for one in fields if not one.below]
            if small:
                yield replace(self, below={type_: small})
            for one in fields:
                for part in one.parts() if one.below else ():
                    yield replace(self, below={type_: [*known, part]})

    def text(self) -> str:
        """Return the field in GraphQL."""
        alias = "" if self.key == self.name else f"{self.key}: "
        return f"{alias}{self.name}{self.arguments}{self._below()}"

    def _below(self) -> str:
        if not self.below:
            return ""
        parts = {type_: " ".join(selected.text() for selected in fields) for type_, fields in self.below.items()}
        if not is_abstract_type(get_named_type(self.definition.type)):
            return f" {{ {' '.join(parts.values())} }}"
        fragments = " ".join(f"... on {type_} {{ {text} }}" for type_, text in parts.items())
        return f" {{ __typename {fragments} }}"


@dataclass
class Probe:
    """A query with one root field; *subject* is the type whose ids its ``$id`` takes, if it has one."""

    root: Selected
    variables: dict[str, str]
    subject: str | None

    @cached_property
    def text(self) -> str:
        """The document."""
        declared = ", ".join(f"${name}: {type_}" for name, type_ in sorted(self.variables.items()))
        return f"query{f'({declared})' if declared else ''} {{ {self.root.text()} }}"


@dataclass
class Builder:
    """Makes probes of *schema*; *variables* are those met so far."""

    schema: GraphQLSchema = field(default_factory=lambda: SCHEMA)
    variables: dict[str, str] = field(default_factory=dict)

    def select(self, parent: str, name: str, path: str, seen: frozenset[str], depth: int) -> Iterator[Selected]:
        """Return the field *name* of *parent*, several times where a required argument is an enum."""
        definition = self.fields(parent)[name]
        choices = list(self.required(definition))
        for number, arguments in enumerate(choices):
            key = name if len(choices) == 1 else f"{name}{number}"
            yield self.selected(parent, key, arguments, path, seen, depth, name)

    def selected(  # noqa: PLR0913, PLR0917 - one field of a tree
        self, parent: str, key: str, arguments: dict[str, str], path: str, seen: frozenset[str], depth: int, name: str
    ) -> Selected:
        """Return the field *name* of *parent* with *arguments*, and all below it."""
        definition = self.fields(parent)[name]
        step = f"{path}.{name}"
        made = Selected(key, name, definition, printed(arguments), step)
        target = get_named_type(definition.type)
        if not is_leaf_type(target):
            types = self.schema.get_possible_types(target) if is_abstract_type(target) else [target]
            made.below = {type_.name: self.everything(type_.name, step, seen, depth) for type_ in types}
        return made

    def everything(self, type_: str, path: str, seen: frozenset[str], depth: int) -> list[Selected]:
        """Return all fields of *type_*; of a table that is met again, or lies too deep, the id."""
        fields = self.fields(type_)
        if type_ in NODES and (type_ in seen or depth < 0):
            return list(self.select(type_, "id", path, seen, depth))
        if type_ in NODES:
            seen, depth = seen | {type_}, depth - 1
        return [made for name in fields for made in self.select(type_, name, path, seen, depth)]

    def identity(self, type_: str, path: str) -> Iterator[Selected]:
        """Return the id of *type_*, if it has one."""
        if type_ in NODES:
            yield from self.select(type_, "id", path, frozenset(), 0)

    def fields(self, type_: str) -> dict[str, GraphQLField]:
        found = self.schema.type_map[type_]
        assert isinstance(found, GraphQLObjectType)
        fields: dict[str, GraphQLField] = found.fields
        return fields

    def required(self, definition: GraphQLField) -> Iterator[dict[str, str]]:
        given = {name: MANY[name] for name in definition.args if name in MANY}
        required = {name: argument for name, argument in definition.args.items() if is_required_argument(argument)}
        enums = [
            name for name, argument in required.items() if isinstance(get_named_type(argument.type), GraphQLEnumType)
        ]
        given |= {name: self.variable(name, argument) for name, argument in required.items() if name not in enums}
        if not enums:
            yield given
        for name in enums:
            for member in members(required[name].type):
                yield given | {name: member}

    def variable(self, name: str, argument: GraphQLArgument, *, called: str | None = None) -> str:
        """Return a variable for an argument; its value is a planted one."""
        called = called or name
        self.variables[called] = (
            str(argument.type) if is_required_argument(argument) else f"{argument.type}".rstrip("!")
        )
        return f"${called}"


def printed(arguments: dict[str, str]) -> str:
    """Return *arguments* in GraphQL."""
    listed = ", ".join(f"{name}: {value}" for name, value in arguments.items())
    return f"({listed})" if listed else ""


def members(type_: GraphQLInputType) -> list[str]:
    """Return the members of an enum."""
    named = get_named_type(type_)
    assert isinstance(named, GraphQLEnumType)
    return list(named.values)


def probes(depth: int = DEPTH) -> Iterator[Probe]:
    """Return probes for each root field and type that it can be; with and without an id that may be left out."""
    query = SCHEMA.query_type
    assert query is not None
    for name, definition in query.fields.items():
        target = get_named_type(definition.type)
        types = SCHEMA.get_possible_types(target) if is_abstract_type(target) else [target]
        for type_ in types:
            for with_id in {False, "id" in definition.args}:
                if with_id or not ("id" in definition.args and is_required_argument(definition.args["id"])):
                    yield from _probes(name, type_.name, depth, with_id=with_id)


def _probes(name: str, type_: str, depth: int, *, with_id: bool) -> Iterator[Probe]:
    builder = Builder()
    definition = builder.fields("Query")[name]
    arguments = next(iter(builder.required(definition)))
    if with_id:
        arguments["id"] = builder.variable("id", definition.args["id"])
    path = f"{name}({type_})" if with_id else name
    root = Selected(name, name, definition, printed(arguments), path)
    root.below = {type_: builder.everything(type_, path, frozenset(), depth)}
    for part in (part for apart in root.apart() for part in apart.parts()):
        text = part.text()
        variables = {name: declared for name, declared in builder.variables.items() if f"${name}" in text}
        yield Probe(part, variables, type_ if with_id else None)
