"""The planner: a field says what to read, the gateway reads once. See docs/architecture.md."""

from resolvers.planner.arguments import Argument, BadArgument, Caller, Outcome, bind, of_caller
from resolvers.planner.declarations import Part, SignedIn, connection, many, one, planned, value
from resolvers.planner.paging import Connection, Ordering, Page

__all__ = [
    "Argument",
    "BadArgument",
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
