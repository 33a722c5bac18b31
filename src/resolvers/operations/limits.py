"""The home of how large an operation may be: measured on its document, before it is validated.

Each fragment is measured once. To expand it at each spread takes time that doubles with each link of a chain of
fragments: the limit would be the attack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, OperationDefinitionNode

from resolvers.operations import repetition

if TYPE_CHECKING:
    from graphql import DocumentNode, SelectionSetNode


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a selection is once its fragments are in place."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0

    def beside(self, other: Size) -> Size:
        """Return the size of both selections in one."""
        return Size(
            depth=max(self.depth, other.depth),
            fields=self.fields + other.fields,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large an operation may be."""

    tokens: int = 2_000
    fragments: int = 100
    """Validation compares each with each other."""
    pairs: int = 2_000
    """How many pairs of objects that share a place in the answer validation may have to compare."""
    errors: int = 10
    """How many mistakes validation looks for; each may repeat the text around it."""
    tables: int = 48
    """How often a plan may enter a table: what planning costs."""
    size: Size = Size(depth=12, fields=500, aliases=30, directives=50)

    def excess(self, document: DocumentNode) -> str | None:
        """Return what is too large about *document*, for people; None if nothing is."""
        try:
            return self._size_excess(document) or self._repetition_excess(document)
        except RecursionError:
            return "The fragments of this document are nested too deeply."

    def _size_excess(self, document: DocumentNode) -> str | None:
        sizes = _Measure(document).operations()
        for name in Size.__slots__:
            limit, found = getattr(self.size, name), max((getattr(size, name) for size in sizes), default=0)
            if found > limit:
                return f"This operation is too large: it has more {name} than {limit}. Ask for less at a time."
        return None

    def _repetition_excess(self, document: DocumentNode) -> str | None:
        if sum(isinstance(definition, FragmentDefinitionNode) for definition in document.definitions) > self.fragments:
            return f"This document has more fragments than {self.fragments}. Ask for less at a time."
        if repetition.pairs(document, self.pairs) > self.pairs:
            return "This document asks for the same fields too often. Name each once, with all that it needs of it."
        return None


LIMITS = Limits()
"""What clients get."""


# The schema is answered value by value, and 1,000 bytes of aliases made 800 KB of it in 300 ms. So a field of it counts
# as often as there are such things in a schema of this size, and so many values as much as a field that is planned.
_SCHEMA_LISTS: dict[str, float] = {
    "types": 70,
    "directives": 8,
    "fields": 12,
    "args": 2,
    "inputFields": 6,
    "enumValues": 8,
    "interfaces": 2,
    "possibleTypes": 6,
    "ofType": 0.5,  # of tools' seven levels most are null
}
_SCHEMA_VALUES_PER_FIELD = 200
_SCHEMA_ROOTS = frozenset({"__schema", "__type"})


class _Measure:
    def __init__(self, document: DocumentNode) -> None:
        self._document = document
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[str, Size] = {}

    def operations(self) -> list[Size]:
        return [
            self._selection(definition.selection_set).beside(Size(directives=len(definition.directives or ())))
            for definition in self._document.definitions
            if isinstance(definition, OperationDefinitionNode)
        ]

    def _selection(self, selections: SelectionSetNode | None, *, of_schema: bool = False) -> Size:
        size = Size()
        for node in selections.selections if selections else ():
            size = size.beside(Size(directives=len(node.directives or ())))
            match node:
                case FieldNode():
                    size = size.beside(self._field_of_schema(node) if of_schema else self._field(node))
                case FragmentSpreadNode():
                    size = size.beside(self._fragment(node.name.value))
                case InlineFragmentNode():
                    size = size.beside(self._selection(node.selection_set, of_schema=of_schema))
        return size

    def _field(self, node: FieldNode) -> Size:
        about_schema = node.name.value in _SCHEMA_ROOTS
        inside = self._selection(node.selection_set, of_schema=about_schema)
        return Size(
            # Tools nest deeply here, and graphql-core has a rule of its own against it.
            depth=1 if about_schema else inside.depth + 1,
            fields=1 + (inside.fields // _SCHEMA_VALUES_PER_FIELD if about_schema else inside.fields),
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
        )

    def _field_of_schema(self, node: FieldNode) -> Size:
        inside = self._selection(node.selection_set, of_schema=True)
        return Size(
            fields=int((1 + inside.fields) * _SCHEMA_LISTS.get(node.name.value, 1)),
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
        )

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = Size()  # for a cycle, which validation refuses
            definition = self._fragments.get(name)
            if definition is not None:
                of_schema = definition.type_condition.name.value.startswith("__")
                self._known[name] = self._selection(definition.selection_set, of_schema=of_schema)
        return self._known[name]
