"""The planner: a field says what to read, the gateway reads once. See docs/architecture.md."""

from resolvers.planner.arguments import Argument, BadArgumentError, Caller, Outcome, bind, of_caller
from resolvers.planner.connections import Connection, connection
from resolvers.planner.declarations import SignedIn, planned
from resolvers.planner.numbered import Page
from resolvers.planner.ordering import Ordering
from resolvers.planner.words import Part, many, one, value

__all__ = [
    "Argument",
    "BadArgumentError",
    "Caller",
    "Connection",
    "Ordering",
    "Outcome",
    "Page",
    "Part",
    "SignedIn",
    "bind",
    "connection",
    "many",
    "of_caller",
    "one",
    "planned",
    "value",
]
