"""The home of secrets in operations: which fields take one, and whether a text holds one."""

from __future__ import annotations

from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    NullValueNode,
    VariableNode,
    Visitor,
    get_named_type,
    visit,
)

from resolvers.sdl.secret import Secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from graphql import (
        ArgumentNode,
        DocumentNode,
        GraphQLField,
        GraphQLInputType,
        GraphQLSchema,
        ObjectFieldNode,
        VariableDefinitionNode,
    )


def takes_secret(field: GraphQLField) -> bool:
    """Tell whether an argument of *field*, or an input field inside one, is a secret."""
    return any(is_secret(argument) or _may_hold_secret(argument.type, set()) for argument in field.args.values())


def _may_hold_secret(type_: GraphQLInputType, seen: set[str]) -> bool:
    named: Any = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return False
    seen.add(named.name)
    return any(is_secret(found) or _may_hold_secret(found.type, seen) for found in named.fields.values())


def is_secret(definition: Any) -> bool:
    """Tell whether an argument or input field is a secret."""
    declared = getattr(definition, "extensions", {}).get("strawberry-definition")
    return any(isinstance(directive, Secret) for directive in getattr(declared, "directives", ()))


def holds_secret(schema: GraphQLSchema, document: DocumentNode) -> bool:
    """Tell whether the text of a valid *document* holds a secret: a value under a name that a secret has somewhere."""
    found = _Finder(_names(schema))
    visit(document, found)
    return found.is_written or not found.passed.isdisjoint(found.with_default)


@lru_cache(maxsize=1)
def _names(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of all arguments and input fields that are secrets."""
    members = chain.from_iterable(map(named_members, schema.type_map.values()))
    return frozenset(name for found in members for name, definition in found.items() if is_secret(definition))


def named_members(type_: object) -> Iterator[Mapping[str, object]]:
    """Yield the input fields of a type, or the arguments of each of its fields, by name."""
    if isinstance(type_, GraphQLInputObjectType):
        yield type_.fields
    elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        yield from (field.args for field in type_.fields.values())


class _Finder(Visitor):
    """Finds values, and variables, that are passed under *names*."""

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names
        self.is_written = False
        self.passed: set[str] = set()
        self.with_default: set[str] = set()

    def enter_variable_definition(self, node: VariableDefinitionNode, *_place: Any) -> None:
        if node.default_value and not isinstance(node.default_value, NullValueNode):
            self.with_default.add(node.variable.name.value)

    def enter_argument(self, node: ArgumentNode, *_place: Any) -> None:
        self._note(node)

    def enter_object_field(self, node: ObjectFieldNode, *_place: Any) -> None:
        self._note(node)

    def _note(self, node: ArgumentNode | ObjectFieldNode) -> None:
        if node.name.value not in self._names:
            return
        if isinstance(node.value, VariableNode):
            self.passed.add(node.value.name.value)
        elif not isinstance(node.value, NullValueNode):
            self.is_written = True
