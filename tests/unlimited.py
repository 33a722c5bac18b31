"""The home of the limits of proofs that send more, and larger, operations than a client may."""

from __future__ import annotations

from resolvers.operations.limits import DocumentLimits, Size
from resolvers.operations.spending import Spending

_MANY = 1_000_000
ANY_SIZE = DocumentLimits(
    tokens=_MANY,
    tables=9_999,
    size=Size(depth=99, fields=_MANY, aliases=_MANY, directives=_MANY, values=_MANY),
)


def unmetered() -> Spending:
    """Return purses that are never empty."""
    return Spending(each=_MANY, strangers=_MANY, members=_MANY)
