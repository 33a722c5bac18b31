"""The home of reading: from the text of a document to its AST, measured and found valid, and what of it is run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSyntaxError,
    Node,
    OperationDefinitionNode,
    parse,
    validate,
)

from resolvers.operations import answers
from resolvers.operations.limits import EXHAUSTED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from graphql import GraphQLSchema

    from resolvers.operations.limits import DocumentLimits

_TOO_MUCH_TO_COMPARE = (
    "This document takes too long to check: it names the same fields, fragments or variables too often. "
    "Name each field once at its place, with all that you need of it."
)


class RefusedError(Exception):
    """A request that is not executed, for the *errors* that its answer lists."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(errors)
        self.errors = errors


def read(schema: GraphQLSchema, text: str, limits: DocumentLimits) -> DocumentNode:
    """Return the AST of *text*, without places; raise `RefusedError` unless it is within *limits* and valid."""
    try:
        # Places are for mistakes. With them each token would be kept, more than half of all.
        document = parse(text, no_location=True, max_tokens=limits.tokens, allow_empty_selection_sets=False)
    except GraphQLSyntaxError as error:
        too_long = f"more than {limits.tokens} tokens" in error.message
        code = "QUERY_TOO_EXPENSIVE" if too_long else "GRAPHQL_PARSE_FAILED"
        raise RefusedError([answers.of_document(error, code)]) from None
    if excess := limits.excess(document):
        raise RefusedError([answers.error(excess, "QUERY_TOO_EXPENSIVE")])
    mistakes = validate(
        schema, document, max_errors=limits.errors, hide_suggestions=True, allow_empty_selection_sets=False
    )
    if mistakes:
        raise RefusedError([_told(mistake) for mistake in _placed(text, document, mistakes)])
    return document


def named(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    """Return the operation that is asked for; raise `RefusedError` where there is none, or no one."""
    operations = [found for found in document.definitions if isinstance(found, OperationDefinitionNode)]
    named = [found for found in operations if operation_name in {None, found.name and found.name.value}]
    if len(named) != 1:
        names = [found.name.value if found.name else None for found in operations]
        raise RefusedError([answers.no_such_operation(operation_name, names)])
    return named[0]


def alone(document: DocumentNode, operation: OperationDefinitionNode) -> DocumentNode:
    """Return a document of *operation* and the fragments that it reaches: what others say is not about it."""
    fragments = {found.name.value: found for found in document.definitions if isinstance(found, FragmentDefinitionNode)}
    reached: dict[str, FragmentDefinitionNode] = {}
    waiting = [operation.selection_set]
    while waiting:
        for node in waiting.pop().selections:
            if isinstance(node, FragmentSpreadNode):
                if (name := node.name.value) not in reached:
                    reached[name] = fragments[name]
                    waiting.append(fragments[name].selection_set)
            elif inside := getattr(node, "selection_set", None):
                waiting.append(inside)
    return DocumentNode(definitions=(operation, *reached.values()))


def _told(mistake: GraphQLError) -> dict[str, Any]:
    if mistake.message == EXHAUSTED:
        return answers.error(_TOO_MUCH_TO_COMPARE, "QUERY_TOO_EXPENSIVE")
    return answers.of_document(mistake, "GRAPHQL_VALIDATION_FAILED")


def _placed(text: str, document: DocumentNode, mistakes: Sequence[GraphQLError]) -> list[GraphQLError]:
    """Return *mistakes* with their places, from the nodes of the same text read again: it is not validated twice."""
    twins = dict(zip(map(id, _nodes(document)), _nodes(parse(text)), strict=True))
    # Some are about nodes that graphql-core has made up itself.
    places = ([twins[id(node)] for node in mistake.nodes or () if id(node) in twins] for mistake in mistakes)
    return [GraphQLError(mistake.message, found) for mistake, found in zip(mistakes, places, strict=True)]


def _nodes(node: Node) -> Iterator[Node]:
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        for key in found.keys:
            inside = getattr(found, key)
            if isinstance(inside, Node):
                waiting.append(inside)
            elif isinstance(inside, (list, tuple)):
                waiting.extend(inside)
