"""The home of how often a document repeats itself: validation compares all fields that share a place in the answer.

`OverlappingFieldsCanBeMerged` takes a time that grows with the square of such fields: 250 times `channel { id }`, which
is one statement to execute, took half a second to validate.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from graphql import DocumentNode

_MOST_STEPS = 5_000


def pairs(document: DocumentNode, limit: int) -> int:
    """Return how many pairs of fields with arguments or a selection share a place, in all definitions of *document*.

    Leaves are cheap to compare and do not count. Stops at more than *limit*, and returns more than *limit* where
    counting itself takes too long, as in fragments that lead to one another on many ways.
    """
    counting = _Counting(document, limit)
    for definition in document.definitions:
        if isinstance(definition, OperationDefinitionNode):
            counting.add([(definition.selection_set, frozenset())])
    for name, selections in counting.fragments.items():
        if name not in counting.reached:
            counting.add([(selections, frozenset({name}))])
    return limit + 1 if counting.steps > _MOST_STEPS else counting.found


class _Counting:
    def __init__(self, document: DocumentNode, limit: int) -> None:
        self.found = 0
        self.steps = 0
        self.reached: set[str] = set()
        self._limit = limit
        self.fragments = {
            definition.name.value: definition.selection_set
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }

    def add(self, place: Iterable[tuple[SelectionSetNode, frozenset[str]]]) -> None:
        """Count in the selections of one *place*, each with the fragments that it stands in."""
        fields: dict[str, list[tuple[FieldNode, frozenset[str]]]] = defaultdict(list)
        seen: set[str] = set()
        for selections, inside in place:
            for node, within in self._fields(selections, inside, seen):
                fields[(node.alias or node.name).value].append((node, within))
        for same in fields.values():
            compared = sum(bool(node.arguments or node.selection_set) for node, _inside in same)
            self.found += compared * (compared - 1) // 2
            below = [(node.selection_set, within) for node, within in same if node.selection_set]
            if below and self.found <= self._limit and self.steps <= _MOST_STEPS:
                self.add(below)

    def _fields(
        self, selections: SelectionSetNode, inside: frozenset[str], seen: set[str]
    ) -> Iterator[tuple[FieldNode, frozenset[str]]]:
        """Yield the fields of *selections*; a fragment counts once at a place, and not inside itself."""
        for node in selections.selections:
            self.steps += 1
            match node:
                case FieldNode():
                    yield node, inside
                case InlineFragmentNode():
                    yield from self._fields(node.selection_set, inside, seen)
                case FragmentSpreadNode():
                    name = node.name.value
                    if name not in seen and name not in inside and name in self.fragments:
                        seen.add(name)
                        self.reached.add(name)
                        yield from self._fields(self.fragments[name], inside | {name}, seen)
