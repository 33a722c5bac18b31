"""The home of a document that was read: the operation that was asked for, and the plans of its shapes."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution import get_variable_values
from graphql.execution.collect_fields import FragmentDetails, collect_fields
from graphql.execution.values import VariableValues

from resolvers.operations import answers
from resolvers.operations.reading import RefusedError, alone
from resolvers.operations.secrets import takes_secret
from resolvers.planner.decoding import shape, symbolize, variable
from resolvers.planner.gates import unauthenticated
from resolvers.planner.plans import TooManyTablesError
from resolvers.planner.selection import Selection

if TYPE_CHECKING:
    from graphql import GraphQLInputType, GraphQLObjectType, GraphQLSchema
    from graphql.execution.collect_fields import FieldDetails

    from resolvers.planner.arguments import Audience
    from resolvers.planner.plans import Plan, Planner

MAX_SHAPES = 16
MAX_VARIABLE_ERRORS = 20
_BYTES_OF_TOKEN = 320
"""What a token takes in the AST."""
_NO_VARIABLES = VariableValues({}, {})


@dataclass(slots=True)
class Document:
    """A valid document of one operation with the fragments that it reaches, and the plans of its shapes."""

    schema: GraphQLSchema
    planner: Planner
    ast: DocumentNode
    operation: OperationDefinitionNode
    tokens: int
    """How many the text has that it was read from."""
    max_tables: int
    audience: Audience
    """Who asks: what is refused to them is not planned."""
    has_secret_in_text: bool = False
    """Whether the text that it was read from passes a secret, be it in another operation."""
    plans: OrderedDict[Any, Plan] = field(default_factory=OrderedDict)
    is_safe_in_url: bool = field(init=False)
    """Whether it changes nothing, and neither takes a secret nor has one in its text."""
    _conditions: frozenset[str] = field(init=False)
    """The variables that @skip and @include depend on."""

    def __post_init__(self) -> None:
        """Have no plans yet."""
        conditions = _Conditions()
        visit(self.ast, conditions)
        self._conditions = frozenset(conditions.found)
        self.is_safe_in_url = self._is_safe_in_url()

    @property
    def name(self) -> str | None:
        """The name of the operation."""
        return self.operation.name.value if self.operation.name else None

    @property
    def weight(self) -> int:
        """About how many bytes AST and plans take."""
        return _BYTES_OF_TOKEN * self.tokens + sum(plan.weight for plan in self.plans.values())

    def coerced(self, variables: dict[str, Any]) -> VariableValues:
        """Return *variables* as the operation declares them; raise `RefusedError`."""
        definitions = self.operation.variable_definitions
        if not definitions:
            return _NO_VARIABLES
        coerced = get_variable_values(
            self.schema, definitions, variables, max_errors=MAX_VARIABLE_ERRORS, hide_suggestions=True
        )
        if isinstance(coerced, list):
            raise RefusedError([answers.of_document(error, "BAD_USER_INPUT") for error in coerced])
        for name in self._conditions:
            # Valid where the variable has a default; and found before anything runs, not where it is met.
            if name in coerced.coerced and coerced.coerced[name] is None:
                raise RefusedError(
                    [answers.error(f"Variable '${name}' decides @skip or @include: not null.", "BAD_USER_INPUT")]
                )
        return coerced

    def known_plan(self, variables: VariableValues) -> Plan | None:
        """Return the plan for the shape of the coerced *variables*, if there is one already."""
        found = _shape(variables)
        if (plan := self.plans.get(found)) is not None:
            self.plans.move_to_end(found)
        return plan

    def plan(self, variables: VariableValues) -> Plan:
        """Return the plan for the shape of the coerced *variables*."""
        if (plan := self.known_plan(variables)) is None:
            types = _types(variables)
            symbols = {name: symbolize(value, types[name], variable(name)) for name, value in variables.coerced.items()}
            plan = self.plans[_shape(variables)] = self._planned(variables._replace(coerced=symbols))
            if len(self.plans) > MAX_SHAPES:
                self.plans.popitem(last=False)
        return plan

    def _is_safe_in_url(self) -> bool:
        if self.has_secret_in_text or self.operation.operation != OperationType.QUERY:
            return False
        assert self.schema.query_type is not None  # noqa: S101 - validated
        root = self.schema.query_type.fields
        fields = _OuterFields()
        visit(self.ast, fields)
        return not any(takes_secret(root[name]) for name in fields.names & root.keys())

    def _planned(self, variables: VariableValues) -> Plan:
        fragments = {
            definition.name.value: FragmentDetails(definition)
            for definition in self.ast.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        root = self.schema.get_root_type(self.operation.operation)
        assert root is not None  # noqa: S101 - validated
        fields = collect_fields(self.schema, fragments, variables, root, self.operation, hide_suggestions=True)
        self._refuse_guesses(root, fields.grouped_field_set)
        selection = Selection(
            schema=self.schema,
            operation=self.operation,
            fragments=fragments,
            variables=variables,
        )
        try:
            return self.planner.plan(
                selection,
                root,
                fields.grouped_field_set,
                max_tables=self.max_tables,
                audience=self.audience,
            )
        except TooManyTablesError:
            message = f"This operation reads more than {self.max_tables} lists and objects. Ask for less at a time."
            raise RefusedError([answers.error(message, "QUERY_TOO_EXPENSIVE")]) from None

    def _refuse_guesses(self, root: GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> None:
        """Raise `RefusedError` for a mutation that tries several secrets: with aliases one would be many guesses.

        Or that does several things that strangers may do: the limits of these would be counted thirty times.
        """
        if self.operation.operation != OperationType.MUTATION:
            return
        found = [root.fields.get(details[0].node.name.value) for details in fields.values()]
        counted = [field for field in found if field and (takes_secret(field) or unauthenticated(field) is None)]
        if len(counted) > 1:
            message = "Send each mutation that passes a secret, or that is for anyone, in a request of its own."
            raise RefusedError([answers.error(message, "BAD_USER_INPUT")])

    def alone_with(self, fields: dict[str, list[FieldDetails]]) -> DocumentNode:
        """Return a document that has the operation with the root *fields* alone."""
        nodes = tuple(details.node for found in fields.values() for details in found)
        return alone(
            self.ast,
            OperationDefinitionNode(
                operation=self.operation.operation,
                variable_definitions=self.operation.variable_definitions,
                selection_set=SelectionSetNode(selections=nodes),
            ),
        )


def _types(variables: VariableValues) -> dict[str, GraphQLInputType]:
    return {name: source.signature.type for name, source in variables.sources.items()}


def _shape(variables: VariableValues) -> Any:
    types = _types(variables)
    return tuple((name, shape(value, types[name])) for name, value in variables.coerced.items())


class _Conditions(Visitor):
    """Finds the variables of @skip and @include."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_place: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.found.add(argument.value.name.value)


class _OuterFields(Visitor):
    """Finds the names of the fields that stand in no other: those of the root, and of what fragments are on."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_field(self, node: FieldNode, *_place: Any) -> Any:
        self.names.add(node.name.value)
        return self.SKIP
