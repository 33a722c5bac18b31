"""The home of the rules of the SDL: each lists the coordinates that break it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
    is_specified_directive,
    is_specified_scalar_type,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLArgument, GraphQLField, GraphQLInputField, GraphQLNamedType, GraphQLSchema

    Typed = GraphQLArgument | GraphQLField | GraphQLInputField
    Rule = Callable[[GraphQLSchema], list[str]]


def undescribed(schema: GraphQLSchema) -> list[str]:
    """Everything is described, by a sentence."""
    return [at for at, text in _descriptions(schema) if not (text or "").strip().endswith(".")]


def _descriptions(schema: GraphQLSchema) -> Iterator[tuple[str, str | None]]:
    for directive in schema.directives:
        if not is_specified_directive(directive):
            # What it says of its arguments as well: Strawberry prints nothing else of them.
            yield f"@{directive.name}", directive.description
    for type_ in own_types(schema):
        yield type_.name, type_.description
        if isinstance(type_, GraphQLEnumType):
            yield from ((f"{type_}.{name}", value.description) for name, value in type_.values.items())
    yield from ((at, typed.description) for at, typed in typed_parts(schema))


def own_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    """Return the types that the API defines."""
    return [
        type_
        for type_ in schema.type_map.values()
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
    ]


def typed_parts(schema: GraphQLSchema) -> Iterator[tuple[str, Typed]]:
    """Yield each field, argument and input field with its coordinate."""
    for type_ in own_types(schema):
        if isinstance(type_, GraphQLInputObjectType):
            yield from ((f"{type_}.{name}", found) for name, found in type_.fields.items())
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, found in type_.fields.items():
                yield f"{type_}.{name}", found
                yield from ((f"{type_}.{name}({word}:)", argument) for word, argument in found.args.items())


def odd_inputs(schema: GraphQLSchema) -> list[str]:
    """A mutation takes one argument, `input: <Name>Input!`."""
    return [
        f"Mutation.{name}"
        for name, mutation in _mutations(schema).items()
        if {word: str(argument.type) for word, argument in mutation.args.items()} != {"input": f"{_upper(name)}Input!"}
    ]


def odd_results(schema: GraphQLSchema) -> list[str]:
    """A mutation answers a nullable union `<Name>Result`: first `<Name>Success`, then errors."""
    return [f"Mutation.{name}" for name, found in _mutations(schema).items() if not _is_result(found, _upper(name))]


def _is_result(mutation: GraphQLField, name: str) -> bool:
    union = mutation.type
    if not (isinstance(union, GraphQLUnionType) and union.name == f"{name}Result"):
        return False
    success, *errors = union.types
    return success.name == f"{name}Success" and all(_is_error(error) for error in errors)


def odd_errors(schema: GraphQLSchema) -> list[str]:
    """What is called an error implements UserError, and the other way round."""
    objects = [type_ for type_ in own_types(schema) if isinstance(type_, GraphQLObjectType)]
    return [type_.name for type_ in objects if type_.name.endswith("Error") != _is_error(type_)]


def odd_ids(schema: GraphQLSchema) -> list[str]:
    """What is called `id`, `...Id` or `...Ids` is an ID, and the other way round."""
    return [at for at, typed in typed_parts(schema) if _named_as_id(at) != (get_named_type(typed.type).name == "ID")]


def _named_as_id(coordinate: str) -> bool:
    name = coordinate.rstrip(":)").replace("(", ".").rpartition(".")[2]
    return name in {"id", "ids"} or name.endswith(("Id", "Ids"))


def certain_roots(schema: GraphQLSchema) -> dict[str, GraphQLNamedType]:
    """Return the root fields of queries that are never null, with their types."""
    assert schema.query_type is not None
    fields = schema.query_type.fields.items()
    return {name: get_named_type(field.type) for name, field in fields if isinstance(field.type, GraphQLNonNull)}


def _mutations(schema: GraphQLSchema) -> dict[str, GraphQLField]:
    return schema.mutation_type.fields if schema.mutation_type else {}


def _is_error(type_: GraphQLObjectType) -> bool:
    return "UserError" in {interface.name for interface in type_.interfaces}


def _upper(name: str) -> str:
    return name[0].upper() + name[1:]
