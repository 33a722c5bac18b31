"""The home of what the oracle finds wrong with an operation's arguments, before anything is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLIncludeDirective,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSkipDirective,
    InlineFragmentNode,
    get_argument_values,
    get_directive_values,
    get_named_type,
)

from db.ids import is_well_formed
from tests.oracle.paging import BY_CREATION, NEWEST_FIRST, BadInputError, check_page, order_of_orders, window
from tests.oracle.rows import TYPE_OF_LETTERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from graphql import FragmentDefinitionNode, GraphQLSchema, OperationDefinitionNode, SelectionSetNode
    from graphql.execution.values import VariableValues

Wrong = tuple[list[str], str]
"""The path of a field by response keys, and the code of the error."""


def _check_id(arguments: dict[str, Any]) -> None:
    row_id = arguments.get("id")
    if row_id is not None and not is_well_formed(row_id):
        raise BadInputError


def _check_texts(value: Any) -> None:
    """Refuse NUL, which PostgreSQL's texts cannot hold."""
    if isinstance(value, str) and "\0" in value:
        raise BadInputError
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _check_texts(item)


CHECKS = {
    "Query.node": _check_id,
    "Query.customer": _check_id,
    "Query.customers": lambda arguments: window(NEWEST_FIRST, arguments),
    "Query.orders": lambda arguments: window(order_of_orders(None), arguments),
    "Customer.orders": lambda arguments: window(order_of_orders(arguments.get("orderBy")), arguments),
    "Customer.orderPage": check_page,
    "Customer.users": lambda arguments: window(BY_CREATION, arguments),
}


PAGES = {"Query.customers", "Query.orders", "Customer.orders", "Customer.orderPage", "Customer.users"}
LISTS = {
    *("Customer.addresses", "Customer.paymentInstruments", "User.roles", "Viewer.sessions", "Query.roles"),
    "Admin.channels",
    *("Order.items", "Order.adjustments", "Order.taxes"),
}
"""They weigh as much as a page of the usual size."""
FOR_SIGNED_IN = {"Query.customer", "Query.customers", "Query.orders", "Query.roles"}
MAX_ROWS = 10_000
"""At most so many elements in the pages along a path."""


def _page_size(arguments: dict[str, Any]) -> int:
    """Return how many elements a page has at most; 1 where the size is not valid."""
    given = [arguments.get(name) for name in ("last", "first", "size")]
    size = next((count for count in given if count is not None), 20)
    return size if 1 <= size <= 100 else 1


class Inspection:
    """A walk over an operation in the order of its execution."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: dict[str, FragmentDefinitionNode],
        variables: VariableValues,
        *,
        is_signed_in: bool,
    ) -> None:
        """Take what the operation refers to, and who asks: what is refused for want of a sign-in is not looked at."""
        self.is_signed_in = is_signed_in
        self.schema = schema
        self.fragments = fragments
        self.variables = variables

    def wrongs(self, operation: OperationDefinitionNode) -> list[Wrong]:
        """Return all that is wrong with the arguments of *operation*."""
        query = self.schema.query_type
        found: dict[tuple[str, ...], str] = {}
        for path, code in self._walk(query, [operation.selection_set], [], 1) if query else ():
            found.setdefault(tuple(path), code)  # a path may lead to fields of several types
        return [(list(path), code) for path, code in found.items()]

    def _walk(
        self, parent: GraphQLObjectType, sets: list[SelectionSetNode], path: list[str], rows: int
    ) -> Iterator[Wrong]:
        merged: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for selections in sets:
            self._collect(parent, selections, merged, seen)
        for key, nodes in merged.items():
            field = parent.fields.get(nodes[0].name.value)
            if field is None:  # __typename and the like
                continue
            if f"{parent.name}.{nodes[0].name.value}" in FOR_SIGNED_IN and not self.is_signed_in:
                continue
            here = [*path, key]
            inside = rows
            try:
                # null for a non-null argument with a default is valid, and found here
                arguments = get_argument_values(field, nodes[0], self.variables)
                name = f"{parent.name}.{nodes[0].name.value}"
                is_page = name in PAGES | LISTS
                inside = rows * (_page_size(arguments) if is_page else 1)
                _check_texts(arguments)
                CHECKS.get(f"{parent.name}.{nodes[0].name.value}", bool)(arguments)
                if is_page and inside > MAX_ROWS:
                    yield here, "QUERY_TOO_EXPENSIVE"
            except BadInputError as error:
                yield here, error.code
            except GraphQLError:
                yield here, "BAD_USER_INPUT"
                continue  # it has no arguments to go on with
            below = [node.selection_set for node in nodes if node.selection_set]
            for concrete in self._concrete(get_named_type(field.type)) if below else ():
                yield from self._walk(concrete, below, here, inside)

    def _concrete(self, named: Any) -> list[GraphQLObjectType]:
        """Return the types that an object may have: nothing is known of an interface before it is read."""
        if isinstance(named, GraphQLInterfaceType):
            behind = self.schema.get_possible_types(named)
            return [type_ for type_ in behind if type_.name in TYPE_OF_LETTERS.values()]
        return [named] if isinstance(named, GraphQLObjectType) else []

    def _collect(
        self,
        parent: GraphQLObjectType,
        selections: SelectionSetNode,
        merged: dict[str, list[FieldNode]],
        seen: set[str],
    ) -> None:
        for node in selections.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                merged.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, parent):
                    self._collect(parent, node.selection_set, merged, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, parent):
                    self._collect(parent, fragment.selection_set, merged, seen)

    def _included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, condition: str, parent: GraphQLObjectType) -> bool:
        return condition == parent.name or condition in {interface.name for interface in parent.interfaces}
