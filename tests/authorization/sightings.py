"""The home of sightings: which fields of which rows an answer shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import GraphQLObjectType, is_non_null_type

from tests.authorization.paths import SCHEMA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.authorization.paths import Probe, Selected


@dataclass(frozen=True)
class Sighting:
    """The value of a field, and the row that it stands in: the id of the nearest object, None at the root."""

    field: str
    row: str | None
    path: str
    value: Any
    is_leaf: bool


class UnexpectedNullError(Exception):
    """A field that is never null is null."""


def sightings(probe: Probe, data: dict[str, Any], root: str = "Query") -> Iterator[Sighting]:
    """Return what *data*, an answer to *probe*, shows. What is null, or a list without elements, is not shown."""
    yield from _of_object(root, data, None, [probe.root])


def _of_object(type_: str, value: dict[str, Any], row: str | None, fields: list[Selected]) -> Iterator[Sighting]:
    row = _anchor(type_, value, fields) or row
    for selected in fields:
        found = value[selected.key]
        if found is None and is_non_null_type(selected.definition.type):
            message = f"{selected.path} is null"
            raise UnexpectedNullError(message)
        if not selected.below:
            if found is not None:
                yield Sighting(f"{type_}.{selected.name}", row, selected.path, found, is_leaf=True)
            continue
        objects = [one for one in (found if isinstance(found, list) else [found]) if one is not None]
        if any(_shows(one, selected) for one in objects):
            yield Sighting(f"{type_}.{selected.name}", row, selected.path, None, is_leaf=False)
        for one in objects:
            below = one.get("__typename") or next(iter(selected.below))
            # A probe for one type of an interface does not look into objects of the others.
            yield from _of_object(below, one, row, selected.below.get(below, []))


def _anchor(type_: str, value: dict[str, Any], fields: list[Selected]) -> str | None:
    """Return the id of the object, or of the node of an edge; of a part of an object that of the whole."""
    keys = {selected.key for selected in fields}
    if "id" in keys and isinstance(value.get("id"), str):
        return str(value["id"]).partition(":")[0]
    node = value.get("node") if type_ != "Query" else None
    return node["id"] if node else None


def _shows(value: dict[str, Any], selected: Selected) -> bool:
    """Tell whether an object is more than a list without elements, as an empty connection is."""
    type_ = SCHEMA.type_map[value.get("__typename") or next(iter(selected.below))]
    assert isinstance(type_, GraphQLObjectType)
    is_list_alone = "id" not in type_.fields and type_.fields.keys() & {"nodes", "content"}
    return not is_list_alone or any(isinstance(member, list) and member for member in value.values())
