"""The home of what depends on a document's text alone: AST, verdict of validation and plans, in one bounded cache."""

from __future__ import annotations

from sys import getsizeof
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from resolvers.operations.document import Document
from resolvers.operations.limits import LIMITS, DocumentLimits
from resolvers.operations.reading import RefusedError, alone, named, read
from resolvers.operations.secrets import holds_secret
from resolvers.planner.arguments import Audience
from resolvers.planner.recent import Recent

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphql import GraphQLSchema
    from graphql.execution.values import VariableValues

    from resolvers.planner.plans import Plan, Planner

    Key = tuple[str, str | None]
    """Text, and name of the operation."""
    Errors = list[dict[str, Any]]

MAX_CACHED_DOCUMENT: Final = 8 * 1024
MAX_KEPT_BYTES: Final = 12 * 1024 * 1024
"""Of text, AST and SQL: a short text may have long plans, so that its own bytes alone would not bound the memory."""
LEAST_BYTES: Final = 8 * 1024
"""What a document counts at least."""


class Prepared(NamedTuple):
    """What it takes to run an operation."""

    document: Document
    variables: VariableValues
    plan: Plan


class Documents:
    """Parses, validates and plans each document once, while it is among those used last."""

    def __init__(
        self,
        schema: GraphQLSchema,
        planner: Planner,
        limits: DocumentLimits = LIMITS,
        *,
        audience: Audience = Audience.USERS,
        max_bytes: int = MAX_KEPT_BYTES,
    ) -> None:
        """Validate by *schema* within *limits*, plan by *planner* for an *audience*, keep *max_bytes*."""
        self._schema = schema
        self._planner = planner
        self._limits = limits
        self._audience = audience
        self._kept: Recent[Key, Document | Errors] = Recent(max_bytes)
        """What was refused is kept by its errors, to be refused again."""

    def known(
        self, text: str, operation_name: str | None, variables: dict[str, Any], admit: Callable[[Document], None]
    ) -> Prepared | None:
        """Return the operation, checked by *admit*, if nothing has to be read or planned; raise `RefusedError`."""
        if (document := self._get((text, operation_name))) is None:
            return None
        admit(document)
        coerced = document.coerced(variables)
        plan = document.known_plan(coerced)
        return None if plan is None else Prepared(document, coerced, plan)

    def prepared(
        self,
        text: str,
        operation_name: str | None,
        variables: dict[str, Any],
        admit: Callable[[Document], None],
        payer: str | None = None,
    ) -> Prepared:
        """Return the operation, checked by *admit* before it is planned; raise `RefusedError`."""
        key = text, operation_name
        document = self.get(*key, payer)
        admit(document)
        coerced = document.coerced(variables)
        plan = document.plan(coerced)
        self._kept.reweigh(key, _weight(key, document))
        return Prepared(document, coerced, plan)

    def get(self, text: str, operation_name: str | None, payer: str | None = None) -> Document:
        """Return the document of *text*, for which *payer* pays if it is new.

        Raises `RefusedError` if it is not valid or has no such operation.
        """
        key = (text, operation_name)
        if (known := self._get(key)) is not None:
            return known
        try:
            document = self._read(text, operation_name)
        except RefusedError as refused:
            # Whether a string is a secret tells a valid document alone.
            if not _has_string(text):
                self._keep(key, refused.errors, payer)
            raise
        if not document.has_secret_in_text:
            self._keep(key, document, payer)
        return document

    def _get(self, key: Key) -> Document | None:
        known = self._kept.get(key)
        if isinstance(known, list):
            # A new exception: a kept one would grow a traceback each time that it is raised.
            raise RefusedError(known)
        return known

    def _keep(self, key: Key, found: Document | Errors, payer: str | None) -> None:
        text, operation_name = key
        if len(text.encode()) + len((operation_name or "").encode()) <= MAX_CACHED_DOCUMENT:
            self._kept.put(key, found, _weight(key, found), payer)

    def _read(self, text: str, operation_name: str | None) -> Document:
        ast = read(self._schema, text, self._limits)
        operation = named(ast, operation_name)
        return Document(
            schema=self._schema,
            planner=self._planner,
            ast=alone(ast, operation),
            operation=operation,
            tokens=ast.token_count or 0,
            max_tables=self._limits.tables,
            audience=self._audience,
            has_secret_in_text=_has_string(text) and holds_secret(self._schema, ast),
        )


def _weight(key: Key, found: Document | Errors) -> int:
    # Ten errors may each quote much of the text.
    more = sum(len(error["message"]) for error in found) if isinstance(found, list) else found.weight
    # One letter beyond the basic plane makes each letter of a text take four bytes.
    return LEAST_BYTES + sum(map(getsizeof, key)) + more


def _has_string(text: str) -> bool:
    return '"' in text
