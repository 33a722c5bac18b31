"""The home of the interface Node, and of types that areas refer to before they exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import strawberry

from resolvers.sdl.descriptions import api_interface

if TYPE_CHECKING:
    from resolvers.customers.types import Customer

LazyCustomer = Annotated["Customer", strawberry.lazy("resolvers.customers.types")]
"""The customer, for the types that it is made of."""


@api_interface
class Node:
    """Anything that has an id by which it can be fetched again."""

    id: strawberry.ID
    """Identifies the object among all objects of the gateway."""
