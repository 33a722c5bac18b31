"""The home of the oracle: an operation, a caller and loaded rows in, the whole response out."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLFloat,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    parse,
    validate,
)
from graphql.execution import get_variable_values
from graphql.language import FragmentDefinitionNode
from graphql.type import get_named_type, is_introspection_type

from tests.oracle.access import Caller, Scene
from tests.oracle.arguments import Inspection
from tests.oracle.fields import RESOLVERS
from tests.oracle.formats import read_date, read_decimal, read_time, time_text
from tests.oracle.rows import TYPE_OF_LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from graphql import DocumentNode, GraphQLResolveInfo, GraphQLSchema

    from tests.oracle.rows import Stored

__all__ = ["Caller", "Oracle"]


def executable(sdl: str) -> GraphQLSchema:
    """Return the schema of *sdl* with the oracle's scalars and resolvers."""
    schema = build_schema(sdl)
    scalars: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
        "DateTime": (time_text, read_time),
        "Date": (lambda value: value.isoformat(), read_date),
        "Decimal": (str, read_decimal),
        "JSON": (lambda value: value, lambda value: value),
    }
    for name, (write, read) in scalars.items():
        scalar: Any = schema.type_map[name]
        scalar.serialize = scalar.coerce_output_value = write
        scalar.parse_value = scalar.coerce_input_value = read
    node: Any = schema.type_map["Node"]
    node.resolve_type = lambda row, _info, _type: TYPE_OF_LETTERS[row["id"][:3]]
    for named in schema.type_map.values():
        if isinstance(named, GraphQLObjectType) and not is_introspection_type(named):
            _attach(named)
    return schema


# graphql-core would write 2 as 2.0; its own scalar is that of all schemas, and stays as it is.
_NUMBER = GraphQLScalarType("Number", serialize=lambda value: value)


def _attach(named: GraphQLObjectType) -> None:
    for name, field in named.fields.items():
        if get_named_type(field.type) is GraphQLFloat:
            field.type = GraphQLNonNull(_NUMBER)
        known = RESOLVERS.get(named.name, {}).get(name)
        if known is None:
            field.resolve = lambda row, _info, _name=name, **_arguments: row[_name]
        else:

            def resolve(row: Any, info: GraphQLResolveInfo[Any], _known: Any = known, **arguments: Any) -> Any:
                return _known(row, info.context, arguments)

            field.resolve = resolve


def _errors(*errors: tuple[Sequence[str | int] | None, str]) -> dict[str, Any]:
    return {
        "errors": [
            {"message": "", **({"path": list(path)} if path is not None else {}), "extensions": {"code": code}}
            for path, code in errors
        ]
    }


def _unauthenticated(error: GraphQLError) -> GraphQLError:
    return GraphQLError(error.message, path=error.path, extensions={"code": "UNAUTHENTICATED"})


class Oracle:
    """Answers operations over the rows of one database."""

    def __init__(self, sdl: str, stored: Stored) -> None:
        """Attach the resolvers to *sdl*."""
        self.schema = executable(sdl)
        self.stored = stored
        self.check = lru_cache(maxsize=512)(self._check)
        """Parses and validates a document: what came of it, and the code of the error if nothing did."""

    def _check(self, document: str) -> tuple[DocumentNode | None, str]:
        try:
            parsed = parse(document)
        except GraphQLError:
            return None, "GRAPHQL_PARSE_FAILED"
        return (None, "GRAPHQL_VALIDATION_FAILED") if validate(self.schema, parsed) else (parsed, "")

    def execute(
        self, document: str, variables: dict[str, Any] | None, operation_name: str | None, caller: Caller
    ) -> dict[str, Any]:
        """Answer as the gateway must; keys stand in the order of the response."""
        parsed, refusal = self.check(document)
        if parsed is None:
            return _errors((None, refusal))
        operations = [node for node in parsed.definitions if isinstance(node, OperationDefinitionNode)]
        named = [node for node in operations if operation_name in (None, node.name.value if node.name else None)]
        if len(named) != 1:
            return _errors((None, "BAD_USER_INPUT"))
        operation = named[0]
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), variables or {})
        if isinstance(coerced, list):
            return _errors(*((None, "BAD_USER_INPUT") for _ in coerced[:1]))
        fragments = {node.name.value: node for node in parsed.definitions if isinstance(node, FragmentDefinitionNode)}
        scene = Scene(self.stored, caller)
        is_signed_in = scene.caller is not None
        if wrongs := Inspection(self.schema, fragments, coerced, is_signed_in=is_signed_in).wrongs(operation):
            return _errors(*wrongs)
        result = execute_sync(
            self.schema,
            parsed,
            root_value={},
            context_value=scene,
            variable_values=variables,
            operation_name=operation_name,
        )
        # The arguments of what is refused are wrong to graphql-core, and nothing to the gateway.
        judged = result.errors or []
        if not is_signed_in:
            judged = [_unauthenticated(error) if error.original_error is None else error for error in judged]
        return self._response(result.data, judged)

    def _response(self, data: dict[str, Any] | None, errors: list[GraphQLError]) -> dict[str, Any]:
        for error in errors:
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error  # a mistake of the oracle, not an answer
            if "code" not in (error.extensions or {}):
                raise error
        listed = _errors(*((error.path, str((error.extensions or {})["code"])) for error in errors)) if errors else {}
        return {"data": data, **listed}
