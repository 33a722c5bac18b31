"""The home of how large an operation may be: measured on its document, before it is validated.

Each fragment is measured once. To expand it at each spread takes time that doubles with each link of a chain of
fragments: the limit would be the attack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from graphql import FieldNode, FragmentDefinitionNode, FragmentSpreadNode, InlineFragmentNode, OperationDefinitionNode

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
    tables: int = 64
    """How often a plan may enter a table: what planning costs."""
    size: Size = Size(depth=12, fields=500, aliases=30, directives=50)

    def excess(self, document: DocumentNode) -> str | None:
        """Return what is too large about *document*, for people; None if nothing is."""
        try:
            sizes = list(_Measure(document).operations())
        except RecursionError:
            return "The fragments of this document are nested too deeply."
        for name in Size.__slots__:
            limit, found = getattr(self.size, name), max((getattr(size, name) for size in sizes), default=0)
            if found > limit:
                return f"This operation is too large: it has more {name} than {limit}. Ask for less at a time."
        return None


LIMITS = Limits()
"""What clients get."""


_SCHEMA_FIELDS = 100


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

    def _selection(self, selections: SelectionSetNode | None) -> Size:
        size = Size()
        for node in selections.selections if selections else ():
            size = size.beside(Size(directives=len(node.directives or ())))
            match node:
                case FieldNode():
                    size = size.beside(self._field(node))
                case FragmentSpreadNode():
                    size = size.beside(self._fragment(node.name.value))
                case InlineFragmentNode():
                    size = size.beside(self._selection(node.selection_set))
        return size

    def _field(self, node: FieldNode) -> Size:
        inside = self._selection(node.selection_set)
        about_schema = node.name.value in {"__schema", "__type"}
        return Size(
            # Tools nest deeply here, and graphql-core has a rule of its own against it.
            depth=1 if about_schema else inside.depth + 1,
            # The schema is answered field by field: one full introspection is enough for an operation.
            fields=inside.fields + (_SCHEMA_FIELDS if about_schema else 1),
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
        )

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = Size()  # for a cycle, which validation refuses
            definition = self._fragments.get(name)
            if definition is not None:
                self._known[name] = self._selection(definition.selection_set)
        return self._known[name]
