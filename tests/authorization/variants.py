"""The home of what optional arguments can be: filters, searches, orders and cursors, each on its own."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_required_argument,
)

from tests.authorization.paths import Builder, Probe, Selected, members, probes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import GraphQLInputType

Chain = list[tuple[str, Selected]]
"""Fields one below the other, each with the type that it stands in."""
WAYS = 3
"""From how many places each field with optional arguments is asked: those nearest to the root."""
CURSORS = {"after", "before"}
CURSOR_OF = "cursorOf"
"""Begins the name of the variable that holds a cursor; the type of the edge follows."""
_NUMBERS = {"first": "1", "last": "1", "size": "1", "page": "1"}
_TIMES = ('"2000-01-01T00:00:00Z"', '"2100-01-01T00:00:00Z"')


def variants() -> Iterator[Probe]:
    """Return probes for each field with optional arguments, from several places: all that the arguments can be."""
    met: dict[str, list[tuple[Probe, Chain]]] = {}
    for probe in probes():
        for chain in _chains("Query", probe.root, []):
            parent, found = chain[-1]
            if len(chain) > 1 and _optional(found):
                met.setdefault(f"{parent}.{found.name}", []).append((probe, chain))
    for ways in met.values():
        nearest = sorted(ways, key=lambda way: len(way[1]))
        for probe, chain in list({chain[-1][1].path: (probe, chain) for probe, chain in reversed(nearest)}.values())[
            -WAYS:
        ]:
            yield _probe(probe, chain)


def _chains(parent: str, selected: Selected, above: Chain) -> Iterator[Chain]:
    chain = [*above, (parent, selected)]
    yield chain
    for type_, fields in selected.below.items():
        for below in fields:
            yield from _chains(type_, below, chain)


def _optional(selected: Selected) -> list[str]:
    return [name for name, argument in selected.definition.args.items() if not is_required_argument(argument)]


def _probe(probe: Probe, chain: Chain) -> Probe:
    builder = Builder()
    *above, (type_, found) = chain
    path = above[-1][1].path
    below = [*builder.identity(type_, path)]
    for number, given in enumerate(_given(builder, found)):
        key = f"{found.name}{number}"
        below.append(builder.selected(type_, key, given, path, frozenset(), -1, found.name))
    for parent, step in reversed(above):
        below = [*builder.identity(parent, path), replace(step, below={type_: below})]
        type_ = parent
    root = below[-1]
    variables = {name: declared for name, declared in probe.variables.items() if f"${name}" in root.text()}
    return Probe(root, builder.variables | variables, probe.subject)


def _given(builder: Builder, found: Selected) -> Iterator[dict[str, str]]:
    args = found.definition.args
    required = next(iter(builder.required(found.definition)))
    for name in _optional(found):
        for value in _values(builder, found, name, args[name].type):
            without = {"first"} if name == "last" else set()
            yield {kept: text for kept, text in required.items() if kept not in without} | {name: value}


def _values(builder: Builder, found: Selected, name: str, type_: GraphQLInputType) -> list[str]:
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType):
        fields = named.fields.items()
        return [f"{{{key}: {text}}}" for key, one in fields for text in _values(builder, found, key, one.type)]
    if isinstance(named, GraphQLEnumType):
        every = members(type_)
        return ["[]", f"[{', '.join(every)}]"] if is_list_type(get_nullable_type(type_)) else every
    if name in CURSORS:
        connection = get_named_type(found.definition.type)
        assert isinstance(connection, GraphQLObjectType)
        name = f"{CURSOR_OF}{get_named_type(connection.fields['edges'].type)}"
        builder.variables[name] = "String"
        return [f"${name}"]
    if named.name == "String":
        builder.variables[name] = "String"
        return [f"${name}"]
    plain = {"Boolean": ["true", "false"], "Int": [_NUMBERS.get(name, "1")], "DateTime": list(_TIMES)}
    if named.name not in plain:
        message = f"no value is known for the argument {name}: {type_} of {found.name}"
        raise LookupError(message)
    return plain[named.name]
