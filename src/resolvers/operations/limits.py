"""The home of how large a document may be: measured on all of it, before and while it is validated.

Validation reads every operation and every fragment, also those that nothing runs: so all of them are measured. Each
fragment is measured once. To expand it at each spread takes time that doubles with each link of a chain of fragments:
the limit would be the attack.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
)
from graphql.validation import validation_context
from graphql.validation.rules import overlapping_fields_can_be_merged

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graphql import ArgumentNode, DirectiveNode, DocumentNode, SelectionSetNode, ValueNode

COMPARISON_STEPS: Final = 20_000
"""For comparing fields that share a place in the answer, each with each other. Two equal leaves take two."""
FRAGMENT_STEPS: Final = 5_000
"""For finding which variables and fragments each operation uses."""

# graphql-core counts what it does, and lets its limits be set in this way alone. Its own are 25 and 10 times as much.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = COMPARISON_STEPS
validation_context.MAX_FRAGMENT_WORK = FRAGMENT_STEPS
EXHAUSTED: Final = "Validation aborted."
"""What graphql-core says when a document has taken all of its steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large selections are once their fragments are in place."""

    depth: int = 0
    fields: int = 0
    aliases: int = 0
    directives: int = 0
    values: int = 0
    """Input fields and list items that the text writes: a mistake in one repeats all around it."""

    def beside(self, other: Size) -> Size:
        """Return the size of both selections in one."""
        return Size(
            depth=max(self.depth, other.depth),
            fields=self.fields + other.fields,
            aliases=self.aliases + other.aliases,
            directives=self.directives + other.directives,
            values=self.values + other.values,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """How large a document may be."""

    tokens: int = 2_000
    fragments: int = 100
    """Validation compares each with each other."""
    errors: int = 10
    """How many mistakes validation looks for; each may repeat the text around it."""
    tables: int = 48
    """How often a plan may enter a table: what planning costs."""
    size: Size = Size(depth=12, fields=500, aliases=30, directives=50, values=500)

    def excess(self, document: DocumentNode) -> str | None:
        """Return what is too large about *document*, for people; None if nothing is."""
        fragments = sum(isinstance(definition, FragmentDefinitionNode) for definition in document.definitions)
        if fragments > self.fragments:
            return f"This document has more fragments than {self.fragments}. Ask for less at a time."
        try:
            found = _Measure(document).whole()
        except RecursionError:
            return "The fragments of this document are nested too deeply."
        for name in Size.__slots__:
            if getattr(found, name) > (limit := getattr(self.size, name)):
                return f"This document is too large: it has more {name} than {limit}. Ask for less at a time."
        return None


LIMITS = DocumentLimits()
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

    def whole(self) -> Size:
        """Return the size of all operations, and of the fragments that none of them reaches."""
        size = Size()
        for definition in self._document.definitions:
            if isinstance(definition, OperationDefinitionNode):
                size = size.beside(self._operation(definition))
        for name in self._fragments:
            if name not in self._known:
                size = size.beside(self._fragment(name))
        return size

    def _operation(self, node: OperationDefinitionNode) -> Size:
        size = self._selection(node.selection_set).beside(_written(node.directives))
        for variable in node.variable_definitions or ():
            size = size.beside(_written(variable.directives))
            size = size.beside(Size(values=_values(variable.default_value)))
        return size

    def _selection(self, selections: SelectionSetNode | None, *, of_schema: bool = False) -> Size:
        size = Size()
        for node in selections.selections if selections else ():
            if node.directives:
                size = size.beside(_written(node.directives))
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
            values=inside.values + _values_of(node.arguments),
        )

    def _field_of_schema(self, node: FieldNode) -> Size:
        inside = self._selection(node.selection_set, of_schema=True)
        return Size(
            fields=int((1 + inside.fields) * _SCHEMA_LISTS.get(node.name.value, 1)),
            aliases=inside.aliases + (node.alias is not None),
            directives=inside.directives,
            values=inside.values + _values_of(node.arguments),
        )

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = Size()  # for a cycle, which validation refuses
            definition = self._fragments.get(name)
            if definition is not None:
                of_schema = definition.type_condition.name.value.startswith("__")
                inside = self._selection(definition.selection_set, of_schema=of_schema)
                self._known[name] = inside.beside(_written(definition.directives))
        return self._known[name]


def _written(directives: Sequence[DirectiveNode] | None) -> Size:
    return Size(
        directives=len(directives or ()),
        values=sum(_values_of(directive.arguments) for directive in directives or ()),
    )


def _values_of(arguments: Sequence[ArgumentNode] | None) -> int:
    return sum(_values(argument.value) for argument in arguments or ())


def _values(node: ValueNode | None) -> int:
    match node:
        case ListValueNode():
            return len(node.values) + sum(map(_values, node.values))
        case ObjectValueNode():
            return len(node.fields) + sum(_values(member.value) for member in node.fields)
    return 0
