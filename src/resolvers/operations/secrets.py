"""The home of which fields take secrets: by an argument with @secret, or by an input field inside one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import BREAK, GraphQLInputObjectType, GraphQLObjectType, Visitor, get_named_type, visit

from resolvers.sdl.secret import Secret

if TYPE_CHECKING:
    from graphql import DocumentNode, FieldNode, GraphQLField, GraphQLInputType, GraphQLSchema


def taking_secrets(schema: GraphQLSchema) -> frozenset[str]:
    """Return the names of all fields of *schema* that take secrets."""
    types = [type_ for type_ in schema.type_map.values() if isinstance(type_, GraphQLObjectType)]
    return frozenset(name for type_ in types for name, field in type_.fields.items() if takes_secret(field))


def takes_secret(field: GraphQLField) -> bool:
    """Tell whether an argument of *field*, or an input field inside one, is a secret."""
    return any(_is_secret(argument) or _may_hold_secret(argument.type, set()) for argument in field.args.values())


def selects(document: DocumentNode, names: frozenset[str]) -> bool:
    """Tell whether *document* selects a field of one of *names*, in any of its operations."""
    finder = _Finder(names)
    visit(document, finder)
    return finder.has_found


class _Finder(Visitor):
    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self._names = names
        self.has_found = False

    def enter_field(self, node: FieldNode, *_place: Any) -> Any:
        self.has_found = node.name.value in self._names
        return BREAK if self.has_found else None


def _may_hold_secret(type_: GraphQLInputType, seen: set[str]) -> bool:
    named: Any = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return False
    seen.add(named.name)
    return any(_is_secret(found) or _may_hold_secret(found.type, seen) for found in named.fields.values())


def _is_secret(definition: Any) -> bool:
    declared = getattr(definition, "extensions", {}).get("strawberry-definition")
    return any(isinstance(directive, Secret) for directive in getattr(declared, "directives", ()))
