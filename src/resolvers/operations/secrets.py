"""The home of where an operation passes secrets: arguments and input fields with @secret."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLInputObjectType,
    NullValueNode,
    TypeInfo,
    TypeInfoVisitor,
    VariableNode,
    Visitor,
    get_named_type,
    value_from_ast_untyped,
    visit,
)

from resolvers.sdl.secret import Secret

if TYPE_CHECKING:
    from graphql import (
        ArgumentNode,
        DocumentNode,
        GraphQLField,
        GraphQLInputType,
        GraphQLSchema,
        ObjectFieldNode,
        VariableDefinitionNode,
    )


@dataclass(slots=True)
class Secrets:
    """Where a document passes secrets."""

    in_text: bool = False
    variables: set[str] = field(default_factory=set)
    """Those that are a secret as a whole."""
    inputs: dict[str, GraphQLInputType] = field(default_factory=dict)
    """The types of all variables: they may hold one."""

    @classmethod
    def of(cls, schema: GraphQLSchema, document: DocumentNode) -> Secrets:
        """Find the secrets of a valid *document*."""
        found = cls()
        types = TypeInfo(schema)
        visit(document, TypeInfoVisitor(types, _Finder(types, found)))
        return found

    def passed(self, variables: dict[str, Any]) -> bool:
        """Tell whether a secret is passed, by the text or by these *variables* as they were sent."""
        return (
            self.in_text
            or any(variables.get(name) is not None for name in self.variables)
            or any(_holds_secret(variables.get(name), type_) for name, type_ in self.inputs.items())
        )


class _Finder(Visitor):
    def __init__(self, types: TypeInfo, found: Secrets) -> None:
        super().__init__()
        self._types = types
        self._found = found
        self._with_default: set[str] = set()

    def enter_variable_definition(self, node: VariableDefinitionNode, *_place: Any) -> None:
        type_ = self._types.get_input_type()
        name = node.variable.name.value
        if node.default_value and not isinstance(node.default_value, NullValueNode):
            self._with_default.add(name)
        if isinstance(get_named_type(type_), GraphQLInputObjectType):
            assert type_ is not None  # noqa: S101 - validated
            self._found.inputs[name] = type_
            # A default is written in the text.
            if node.default_value and _holds_secret(value_from_ast_untyped(node.default_value), type_):
                self._found.in_text = True

    def enter_argument(self, node: ArgumentNode, *_place: Any) -> None:
        self._note(node, self._types.get_argument())

    def enter_object_field(self, node: ObjectFieldNode, *_place: Any) -> None:
        parent: Any = get_named_type(self._types.get_parent_input_type())
        self._note(node, parent.fields.get(node.name.value) if isinstance(parent, GraphQLInputObjectType) else None)

    def _note(self, node: ArgumentNode | ObjectFieldNode, definition: object) -> None:
        if not _is_secret(definition):
            return
        if isinstance(node.value, VariableNode):
            name = node.value.name.value
            self._found.variables.add(name)
            self._found.in_text |= name in self._with_default
        elif not isinstance(node.value, NullValueNode):
            self._found.in_text = True


def takes_secret(field: GraphQLField) -> bool:
    """Tell whether an argument of *field*, or an input field inside one, is a secret."""
    return any(_is_secret(argument) or _may_hold_secret(argument.type, set()) for argument in field.args.values())


def _may_hold_secret(type_: GraphQLInputType, seen: set[str]) -> bool:
    named: Any = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType) or named.name in seen:
        return False
    seen.add(named.name)
    return any(_is_secret(found) or _may_hold_secret(found.type, seen) for found in named.fields.values())


def _is_secret(definition: Any) -> bool:
    declared = getattr(definition, "extensions", {}).get("strawberry-definition")
    return any(isinstance(directive, Secret) for directive in getattr(declared, "directives", ()))


def _holds_secret(value: object, type_: GraphQLInputType) -> bool:
    """Tell whether an input object inside *value*, as it was sent, has a field that is a secret."""
    if isinstance(value, list):
        return any(_holds_secret(item, type_) for item in value)
    named: Any = get_named_type(type_)
    if not isinstance(value, dict) or not isinstance(named, GraphQLInputObjectType):
        return False
    given = ((named.fields[name], found) for name, found in value.items() if name in named.fields)
    return any(
        found is not None and (_is_secret(definition) or _holds_secret(found, definition.type))
        for definition, found in given
    )
