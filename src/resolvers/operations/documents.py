"""The home of what depends on a document's text alone: AST, verdict of validation and plans, in one bounded cache."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableNode,
    Visitor,
    parse,
    validate,
    visit,
)
from graphql.execution import get_variable_values
from graphql.execution.collect_fields import FragmentDetails, collect_fields
from graphql.execution.values import VariableValues

from resolvers.operations import answers
from resolvers.operations.limits import LIMITS, Limits
from resolvers.operations.secrets import Secrets, takes_secret
from resolvers.planner.decoding import shape, symbolize, variable
from resolvers.planner.drafts import TooManyTablesError
from resolvers.planner.selection import Selection

if TYPE_CHECKING:
    from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema
    from graphql.execution.collect_fields import FieldDetails

    from resolvers.planner.plans import Plan, Planner

MAX_SHAPES = 16
MAX_CACHED_DOCUMENT = 8 * 1024
MAX_KEPT_BYTES = 16 * 1024 * 1024
"""Of text, AST and SQL: a short text may have long plans, so that its own bytes alone would not bound the memory."""
LEAST_BYTES = 8 * 1024
"""What a document counts at least."""
BYTES_OF_TOKEN = 320
"""What a token takes in the AST."""
MAX_VARIABLE_ERRORS = 20
_NO_VARIABLES = VariableValues({}, {})


class RefusedError(Exception):
    """A request that is not executed, for the *errors* that its answer lists."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors
        # Ten errors may quote an operation's name of 7 KB each.
        self.kept_bytes = LEAST_BYTES + sum(len(error["message"]) for error in errors)
        self.is_kept = False


@dataclass(slots=True)
class Document:
    """A valid document with the operation that was asked for, and the plans of its shapes."""

    schema: GraphQLSchema
    planner: Planner
    ast: DocumentNode
    operation: OperationDefinitionNode
    operation_name: str | None
    conditions: frozenset[str]
    """The variables that @skip and @include depend on."""
    max_tables: int
    read_bytes: int
    """What it takes without plans."""
    plans: OrderedDict[Any, Plan] = field(default_factory=OrderedDict)
    kept_bytes: int = field(init=False)
    is_kept: bool = False
    """Whether it is in the cache, which then counts it."""
    _secrets: Secrets | None = None

    def __post_init__(self) -> None:
        """Have no plans yet."""
        self.kept_bytes = self.read_bytes

    @property
    def name(self) -> str | None:
        """The name of the operation."""
        return self.operation.name.value if self.operation.name else None

    def is_safe_in_url(self, variables: dict[str, Any]) -> bool:
        """Tell whether the operation changes nothing, and passes no secret in its text or in *variables*."""
        if self.operation.operation != OperationType.QUERY:
            return False
        if self._secrets is None:
            self._secrets = Secrets.of(self.schema, self._alone(self.operation))
        return not self._secrets.passed(variables)

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
        for name in self.conditions:
            # Valid where the variable has a default; and found before anything runs, not where it is met.
            if name in coerced.coerced and coerced.coerced[name] is None:
                raise RefusedError(
                    [answers.error(f"Variable '${name}' decides @skip or @include: not null.", "BAD_USER_INPUT")]
                )
        return coerced

    def plan(self, variables: VariableValues) -> Plan:
        """Return the plan for the shape of the coerced *variables*."""
        types = {name: source.signature.type for name, source in variables.sources.items()}
        found = tuple((name, shape(value, types[name])) for name, value in variables.coerced.items())
        if (plan := self.plans.get(found)) is None:
            symbols = {name: symbolize(value, types[name], variable(name)) for name, value in variables.coerced.items()}
            plan = self.plans[found] = self._planned(variables._replace(coerced=symbols))
            if len(self.plans) > MAX_SHAPES:
                self.plans.popitem(last=False)
            self.kept_bytes = self.read_bytes + sum(kept.size for kept in self.plans.values())
        self.plans.move_to_end(found)
        return plan

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
            return self.planner.plan(selection, root, fields.grouped_field_set, max_tables=self.max_tables)
        except TooManyTablesError:
            message = f"This operation reads more than {self.max_tables} lists and objects. Ask for less at a time."
            raise RefusedError([answers.error(message, "QUERY_TOO_EXPENSIVE")]) from None

    def _refuse_guesses(self, root: GraphQLObjectType, fields: dict[str, list[FieldDetails]]) -> None:
        """Raise `RefusedError` for a mutation that tries several secrets: with aliases one would be many guesses."""
        if self.operation.operation != OperationType.MUTATION:
            return
        names = [details[0].node.name.value for details in fields.values()]
        if sum(name in root.fields and takes_secret(root.fields[name]) for name in names) > 1:
            message = "Send each mutation that passes a secret in a request of its own."
            raise RefusedError([answers.error(message, "BAD_USER_INPUT")])

    def about_schema(self, fields: dict[str, list[FieldDetails]]) -> DocumentNode:
        """Return a document that has the operation with the root *fields* alone."""
        nodes = tuple(details.node for found in fields.values() for details in found)
        return self._alone(
            OperationDefinitionNode(
                operation=self.operation.operation,
                variable_definitions=self.operation.variable_definitions,
                selection_set=SelectionSetNode(selections=nodes),
            )
        )

    def _alone(self, operation: OperationDefinitionNode) -> DocumentNode:
        """Return a document of *operation* and the fragments."""
        others = [
            definition for definition in self.ast.definitions if not isinstance(definition, OperationDefinitionNode)
        ]
        return DocumentNode(definitions=(operation, *others))


class Documents:
    """Parses, validates and plans each document once, while it is among those used last."""

    def __init__(self, schema: GraphQLSchema, planner: Planner, limits: Limits = LIMITS) -> None:
        """Validate by *schema* within *limits*, plan by *planner*."""
        self._schema = schema
        self._planner = planner
        self._limits = limits
        self._known: OrderedDict[tuple[str, str | None], Document | RefusedError] = OrderedDict()
        self._kept_bytes = 0

    def get(self, text: str, operation_name: str | None) -> Document:
        """Return the document of *text*; raise `RefusedError` if it is not valid or has no such operation."""
        key = (text, operation_name)
        known = self._known.get(key)
        if known is None:
            known = self._read(text, operation_name)
            self._keep(key, known)
        else:
            self._known.move_to_end(key)
        if isinstance(known, RefusedError):
            # A new exception: the kept one would grow a traceback each time that it is raised.
            raise RefusedError(known.errors)
        return known

    def plan(self, document: Document, variables: VariableValues) -> Plan:
        """Return the plan of *document* for the shape of the coerced *variables*."""
        kept_bytes = document.kept_bytes
        plan = document.plan(variables)
        # Not by the number of plans: a long one may have taken the place of a short one.
        if document.is_kept and document.kept_bytes != kept_bytes:
            self._kept_bytes += document.kept_bytes - kept_bytes
            self._trim()
        return plan

    def _keep(self, key: tuple[str, str | None], document: Document | RefusedError) -> None:
        if _size(key) > MAX_CACHED_DOCUMENT:
            return
        self._known[key] = document
        self._kept_bytes += _size(key) + document.kept_bytes
        document.is_kept = True
        self._trim()

    def _trim(self) -> None:
        while self._kept_bytes > MAX_KEPT_BYTES:
            key, document = self._known.popitem(last=False)
            self._kept_bytes -= _size(key) + document.kept_bytes
            document.is_kept = False

    def _read(self, text: str, operation_name: str | None) -> Document | RefusedError:
        try:
            # Places are for mistakes. With them each token would be kept, more than half of all.
            ast = parse(text, no_location=True, max_tokens=self._limits.tokens, allow_empty_selection_sets=False)
        except GraphQLSyntaxError as error:
            too_long = f"more than {self._limits.tokens} tokens" in error.message
            code = "QUERY_TOO_EXPENSIVE" if too_long else "GRAPHQL_PARSE_FAILED"
            return RefusedError([answers.of_document(error, code)])
        if excess := self._limits.excess(ast):
            return RefusedError([answers.error(excess, "QUERY_TOO_EXPENSIVE")])
        if self._mistakes(ast):
            errors = self._mistakes(parse(text))
            return RefusedError([answers.of_document(error, "GRAPHQL_VALIDATION_FAILED") for error in errors])
        operations = [found for found in ast.definitions if isinstance(found, OperationDefinitionNode)]
        named = [found for found in operations if operation_name in {None, found.name and found.name.value}]
        if len(named) != 1:
            names = "Name one operation of the document in operationName."
            return RefusedError([answers.error(names, "BAD_USER_INPUT")])
        conditions = _Conditions()
        visit(ast, conditions)
        return Document(
            schema=self._schema,
            planner=self._planner,
            ast=ast,
            operation=named[0],
            operation_name=operation_name,
            conditions=frozenset(conditions.found),
            max_tables=self._limits.tables,
            read_bytes=LEAST_BYTES + BYTES_OF_TOKEN * ast.token_count,
        )

    def _mistakes(self, ast: DocumentNode) -> list[GraphQLError]:
        return validate(
            self._schema, ast, max_errors=self._limits.errors, hide_suggestions=True, allow_empty_selection_sets=False
        )


class _Conditions(Visitor):
    """Finds the variables of @skip and @include."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_place: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.found.add(argument.value.name.value)


def _size(key: tuple[str, str | None]) -> int:
    text, operation_name = key
    return len(text.encode()) + len((operation_name or "").encode())
