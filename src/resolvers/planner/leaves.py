"""The home of leaves: how the value of each scalar and enum of the API becomes JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull

from db import json_text

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLOutputType

    from db.json_text import Json


def leaf(type_: GraphQLOutputType, value: Any) -> Json:
    """Return the JSON of *value*, which is of the scalar, enum or list *type_*."""
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, value)
    if isinstance(type_, GraphQLList) or _name(type_) != "Boolean":
        return json_text.or_null(_present(type_, value))
    return json_text.or_null([sa.case((value.is_not(None), json_text.boolean(value)))])


def _present(type_: GraphQLOutputType, value: Any) -> Json:
    if not isinstance(type_, GraphQLList):
        return _WRITERS["ID" if isinstance(type_, GraphQLEnumType) else _name(type_)](value)
    if not isinstance(value, sa.Select):
        return [json_text.as_text(value)]
    (column,) = value.selected_columns
    return json_text.array_of(value.with_only_columns(json_text.concat(leaf(type_.of_type, column))))


def _name(type_: Any) -> str:
    return str(type_.name)


def _plain(value: Any) -> Json:
    return json_text.in_quotes(sa.type_coerce(value, sa.Text()))


_WRITERS: dict[str, Callable[[Any], Json]] = {
    "ID": _plain,
    "Decimal": lambda value: _plain(value) if isinstance(value, json_text.decimal_text) else [json_text.quoted(value)],
    "String": lambda value: [json_text.quoted(value)],
    "Int": lambda value: [json_text.as_text(value)],
    "Boolean": lambda value: [json_text.boolean(value)],
    "DateTime": lambda value: json_text.in_quotes(json_text.rfc3339(value)),
    "Date": lambda value: json_text.in_quotes(json_text.iso_date(value)),
    "JSON": lambda value: [json_text.as_text(value)],
}
