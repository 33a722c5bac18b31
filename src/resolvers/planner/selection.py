"""The home of what an operation selects: its fields with their arguments, in the order of execution.

Everything that can be wrong with arguments is found here, before a field is written as SQL.
"""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, field
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from graphql import GraphQLError, OperationType, get_argument_values, get_named_type, is_abstract_type, is_leaf_type
from graphql.execution.collect_fields import collect_subfields
from strawberry.utils.str_converters import to_snake_case

from resolvers.planner.arguments import Argument, Constant, arguments_in, bind, outline, refuse
from resolvers.planner.counts import MAX_ROWS, MAX_ROWS_OF_PAYLOADS, checked_rows
from resolvers.planner.declare import MODEL_OF_TYPE, PlannedField
from resolvers.planner.decoding import Decoder, ids
from resolvers.planner.rows import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from graphql import GraphQLField, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
    from graphql.execution.collect_fields import FieldDetails, FragmentDetails
    from graphql.execution.values import VariableValues

    from resolvers.planner.arguments import Path
    from resolvers.planner.ordering import Ordering

    Details = list[FieldDetails]
    Members = dict[str, "Selected | None"]
    """What is selected on an object, by response key; None is ``__typename``."""


# graphql-core names an argument without its field: "Argument 'size' has invalid value: ...".
_ITS_ARGUMENT = re.compile(r"^Argument '(\w+)'(?= has)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What one operation selects; *variables* hold symbols."""

    schema: GraphQLSchema
    operation: OperationDefinitionNode
    fragments: dict[str, FragmentDetails]
    variables: VariableValues
    pages: dict[Path, Argument] = field(default_factory=dict)
    """The sizes of the pages met, by path."""
    arguments: list[Argument] = field(default_factory=list)
    """All arguments met, in the order of execution; each is checked before any statement runs."""

    @property
    def max_rows(self) -> int:
        """How many elements pages inside one another may have."""
        return MAX_ROWS if self.operation.operation == OperationType.QUERY else MAX_ROWS_OF_PAYLOADS

    def fields(self, type_: GraphQLObjectType, details: Details) -> dict[str, list[FieldDetails]]:
        """Return the fields that *details* select on *type_*, by response key, merged, in order."""
        collected = collect_subfields(
            self.schema, self.fragments, self.variables, self.operation, type_, details, hide_suggestions=True
        )
        return collected.grouped_field_set

    @property
    def root(self) -> str:
        """The name of the type whose fields the operation selects."""
        type_ = self.schema.get_root_type(self.operation.operation)
        assert type_ is not None  # noqa: S101 - validated
        return type_.name

    def field(self, parent: str, definition: GraphQLField, details: Details, path: Path) -> Selected:
        """Return a field of the type *parent* with everything below it."""
        name = details[0].node.name.value
        declared = definition.extensions["strawberry-definition"]
        if not isinstance(declared, PlannedField):
            return Selected(self, name, definition, path, {})
        coerced = self.coerced(parent, definition, details, path)
        if coerced is None:
            return Selected(self, name, definition, path, {}, refused=True)
        decoder = Decoder(path, self.arguments)
        arguments = {
            to_snake_case(argument): decoder.decode(
                coerced.get(argument), declaration.type, f"{parent}.{name}({argument}:)"
            )
            for argument, declaration in definition.args.items()
        }
        selected = Selected(self, name, definition, path, arguments)
        if declared.reading.check is not None:
            declared.reading.check(selected)
        for type_ in self._object_types(definition):
            selected.members[type_.name] = self._members(type_, details, path)
        return selected

    def coerced(self, parent: str, definition: GraphQLField, details: Details, path: Path) -> dict[str, Any] | None:
        """Return the coerced arguments of a field; None where they refuse the request, as a null for a default may."""
        try:
            return get_argument_values(definition, details[0].node, self.variables, hide_suggestions=True)
        except GraphQLError as error:
            field = f"{parent}.{details[0].node.name.value}"
            message = _ITS_ARGUMENT.sub(lambda found: f"{field}({found[1]}:)", error.message)
        self.arguments.append(Argument(lambda _inputs: refuse(message), sa.Text(), path))
        return None

    def mutation(self, definition: GraphQLField, details: Details, key: str) -> None:
        """Have the ids checked that a mutation takes, before any mutation runs; it looks at the rest itself."""
        coerced = self.coerced(self.root, definition, details, (key,)) or {}
        field = f"{self.root}.{details[0].node.name.value}"
        for name, declaration in definition.args.items():
            self.arguments.extend(ids(coerced.get(name), declaration.type, (key,), f"{field}({name}:)"))

    def _members(self, type_: GraphQLObjectType, details: Details, path: Path) -> Members:
        return {
            key: self.field(type_.name, type_.fields[name], nodes, (*path, key))
            if (name := nodes[0].node.name.value) != "__typename"
            else None
            for key, nodes in self.fields(type_, details).items()
        }

    def _object_types(self, definition: GraphQLField) -> list[GraphQLObjectType]:
        type_: Any = get_named_type(definition.type)
        if is_leaf_type(type_):
            return []
        return list(self.schema.get_possible_types(type_)) if is_abstract_type(type_) else [type_]


@dataclass(frozen=True, slots=True)
class Selected:
    """A field as an operation selects it; *refused* where its arguments refuse the request."""

    selection: Selection
    name: str
    definition: GraphQLField
    path: Path
    arguments: dict[str, Any]
    refused: bool = False
    members: dict[str, Members] = field(default_factory=dict)
    """What is selected below, by the name of the object type."""

    @property
    def declared(self) -> Any:
        """The Strawberry field that it is an instance of."""
        return self.definition.extensions["strawberry-definition"]

    @property
    def outline(self) -> Any:
        """What its SQL depends on, down to the next rows of tables."""
        if self.refused:
            return self.name, None
        values = tuple(outline(value) for value in self.arguments.values())
        members = tuple((key, member and member.outline) for key, member in self._beside())
        return self.name, values, members

    def bound(self) -> Iterator[Argument]:
        """Yield its arguments and those of the fields below, down to the next rows of tables."""
        yield from arguments_in(self.arguments)
        for _key, member in self._beside():
            if member is not None:
                yield from member.bound()

    def _beside(self) -> Iterator[tuple[str, Selected | None]]:
        for type_name, members in self.members.items():
            if type_name not in MODEL_OF_TYPE:
                yield from members.items()

    def below(self, keys: Path) -> Selected:
        """Return the field at *keys*, response keys that lead through objects without a table."""
        found = self
        for key in keys:
            [members] = found.members.values()
            member = members[key]
            assert member is not None  # noqa: S101 - no row stands in a __typename
            found = member
        return found

    def taken_by(self, body: Callable[..., Any]) -> dict[str, Any]:
        """Return the arguments that *body* takes."""
        return {name: value for name, value in self.arguments.items() if name in _parameters(body)}

    def order(self, row: Any) -> Ordering:
        """Return the order of a connection over *row*."""
        order_by = self.declared.reading.order_by
        ordering: Ordering = order_by(row, **self.taken_by(order_by))
        return ordering

    def element_row(self) -> Row:
        """Return a row of a connection's elements, which stands nowhere."""
        type_: Any = get_named_type(self.definition.type)
        return Row(MODEL_OF_TYPE[get_named_type(type_.fields["nodes"].type).name], alias="", depth=0)

    def replace(self, name: str, convert: Callable[[Any], Any]) -> None:
        """Replace the argument *name* by what *convert* makes of it, unless it is null; see `check`."""
        if self.arguments[name] is not None:
            self.arguments[name] = self.check(bind(convert, self.arguments[name]))

    def check(self, argument: Argument) -> Argument:
        """Have *argument* checked at each execution, whether the statement uses it or not."""
        self.selection.arguments.append(argument)
        return argument

    def check_rows(self, count: Argument) -> None:
        """Have checked how many rows *count*, the size of this page, means with the pages that it stands in."""
        pages = self.selection.pages
        around = [pages[self.path[:end]] for end in range(1, len(self.path)) if self.path[:end] in pages]
        pages[self.path] = count
        # The first one says which field is refused.
        self.check(bind(partial(checked_rows, self.selection.max_rows), count, *around))

    def constant(self, value: int) -> Argument:
        """Return an argument that always is *value*."""
        return Argument(Constant(value), sa.Integer(), self.path)


@cache
def _parameters(body: Callable[..., Any]) -> frozenset[str]:
    return frozenset(inspect.signature(body).parameters)
