"""The planner: a field says what to read, the gateway reads once. See docs/architecture.md."""

from resolvers.planner.arguments import Argument, BadArgumentError, Caller, bind, of_caller
from resolvers.planner.connections import Connection, connection
from resolvers.planner.declare import Part, many, one, planned, value
from resolvers.planner.gates import Needs, NeedsScope, NeedsSignIn
from resolvers.planner.numbered import Page
from resolvers.planner.ordering import Ordering
from resolvers.planner.rows import Shortcut

__all__ = [
    "Argument",
    "BadArgumentError",
    "Caller",
    "Connection",
    "Needs",
    "NeedsScope",
    "NeedsSignIn",
    "Ordering",
    "Page",
    "Part",
    "Shortcut",
    "bind",
    "connection",
    "many",
    "of_caller",
    "one",
    "planned",
    "value",
]
