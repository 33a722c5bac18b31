"""The home of the splice into Strawberry: what a plan has read passes through graphql-core as a finished value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError, GraphQLInputObjectType
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.utils.await_maybe import await_maybe

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from graphql import GraphQLObjectType, GraphQLSchema
    from graphql.execution.collect_fields import GroupedFieldSet
    from graphql.pyutils import Path

    from resolvers.planner.plans import Payload


_GONE = "This was done, but what it was done to is not there any more, or not for you."


def present(text: Any, key: str) -> str:
    """Return the JSON *text* of a planned field; raise `LookupError` where a row is missing that can't be."""
    if text is None:
        # Nullable fields are written as null. Such a row went away in between, or a predicate contradicts another.
        raise LookupError(key)
    return str(text)


def mend_introspection(schema: GraphQLSchema) -> None:
    """Have `__Type.isOneOf` answer: Strawberry's fails for every type that is a list or not null."""
    introspected: Any = schema.type_map["__Type"]
    introspected.fields["isOneOf"].resolve = lambda type_, _info: (
        type_.is_one_of if isinstance(type_, GraphQLInputObjectType) else None
    )


class SplicingExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executes mutations and introspection; the planned fields of a success object are read by one statement."""

    def __init__(
        self,
        *args: Any,
        payloads: dict[tuple[str, str], Payload],
        read: Callable[[Payload, object], Awaitable[tuple[Any, ...]]],
        **kwargs: Any,
    ) -> None:
        """Read *payloads*, by response key and success type, through *read*."""
        super().__init__(*args, **kwargs)
        self._payloads = payloads
        self._read = read

    def execute_collected_subfields(  # noqa: PLR0913, PLR0917 - graphql-core's signature
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Path,
        grouped_field_set: GroupedFieldSet,
        new_defer_usages: Any,
        delivery_group_map: Any,
    ) -> Any:
        """Read the planned fields of a success object, have graphql-core execute the others."""
        payload = None if path.prev else self._payloads.get((str(path.key), parent_type.name))
        if payload is None:
            return super().execute_collected_subfields(
                parent_type, source_value, path, grouped_field_set, new_defer_usages, delivery_group_map
            )
        return self._spliced(payload, parent_type, source_value, path, grouped_field_set)

    async def _spliced(
        self,
        payload: Payload,
        parent_type: GraphQLObjectType,
        source_value: object,
        path: Path,
        fields: GroupedFieldSet,
    ) -> dict[str, Any]:
        texts = await self._read(payload, source_value)
        if None in texts:  # since the commit, or since it was done under the same key
            raise GraphQLError(_GONE, extensions={"code": "NOT_FOUND"})
        values: dict[str, Any] = {key: orjson.Fragment(text) for key, text in zip(payload.keys, texts, strict=True)}
        others = {key: details for key, details in fields.items() if key not in values}
        plain = super().execute_fields(parent_type, source_value, path, others, None)
        values |= await await_maybe(plain)
        return {key: values[key] for key in fields}
