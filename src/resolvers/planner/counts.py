"""The home of the numbers that a page is asked for by: their arguments in the SDL, and which are refused."""

from __future__ import annotations

from math import prod
from typing import Annotated, Any, NoReturn

import strawberry
from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from resolvers.planner.arguments import refuse

MAX_PAGE = 100
DEFAULT_PAGE = 20
MAX_OFFSET = 1_000_000
MAX_ROWS = 10_000
MAX_ROWS_OF_PAYLOADS = 1_000
"""What a mutation has done is told in any case: its answer can't be refused for its length."""


def argument(name: str, type_: Any, description: str, default: object = UNSET) -> StrawberryArgument:
    """Return an argument of the SDL."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(Annotated[type_, strawberry.argument(description=description)]),
        default=default,
    )


def checked_count(count: int) -> int:
    """Return *count*, the size of a page; raise `BadArgumentError` outside of 1 to 100."""
    return count if 1 <= count <= MAX_PAGE else refuse(f"Ask for 1 to {MAX_PAGE} elements.")


def checked_rows(most: int, *counts: int) -> int:
    """Return the product of the page sizes along a path, innermost first; lists without a page count as 20.

    Raises `BadArgumentError` (QUERY_TOO_EXPENSIVE) over *most*.
    """
    # A size that is out of range is told where it stands.
    sizes = [count for count in counts if 1 <= count <= MAX_PAGE]
    if (rows := prod(sizes)) > most:
        product = " x ".join(map(str, reversed(sizes)))
        refuse(
            f"With the pages that it stands in, this list has up to {product} = {rows:,} elements, "
            f"and at most {most:,} are answered. Ask for smaller pages.",
            code="QUERY_TOO_EXPENSIVE",
        )
    return rows


def not_both(_first: int, _last: int) -> NoReturn:
    """Raise `BadArgumentError`: a page counts from one end."""
    refuse("Pass first or last, not both.")


def checked_number(number: int) -> int:
    """Return the page *number*; raise `BadArgumentError` below 0."""
    return number if number >= 0 else refuse("Pages are numbered from 0.")


def checked_offset(number: int, size: int) -> int:
    """Return the offset of a page; raise `BadArgumentError` (QUERY_TOO_EXPENSIVE) where it is out of reach."""
    if (offset := number * size) > MAX_OFFSET:
        refuse("This page lies too far down the list. Filter it, or page by cursor.", code="QUERY_TOO_EXPENSIVE")
    return offset
