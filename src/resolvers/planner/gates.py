"""The home of whom a root field or a mutation is for: the directives that the SDL shows are what refuses all others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import strawberry
from strawberry.schema_directive import Location

from db.enums import AdminScope, Permission

if TYPE_CHECKING:
    from graphql import GraphQLField

SIGN_IN_FIRST: Final = "Sign in first: call authenticate."
"""What `UNAUTHENTICATED` says where users may call."""
STAFF_FIRST: Final = (
    "This is for staff: send the token of authenticateAdmin, or in X-Api-Key a key of this channel that is not revoked."
    " A key with CLIENT_FORWARDING lends no right."
)
"""What it says where admins and API keys alone may call."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="signedIn",
    description="For callers who are signed in; answers UNAUTHENTICATED to others.",
)
class NeedsSignIn:
    """For callers who are signed in; answers UNAUTHENTICATED to others."""


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="needs",
    description="For users who hold the permission; answers FORBIDDEN to others who are signed in.",
)
class Needs:
    """For users who hold the permission; answers FORBIDDEN to others who are signed in."""

    permission: Permission = strawberry.field(description="What one of the user's roles must grant.")


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="needsScope",
    description="For admins and API keys that hold the scope, or one that contains it; answers FORBIDDEN to others.",
)
class NeedsScope:
    """For admins and API keys that hold the scope, or one that contains it; answers FORBIDDEN to others."""

    scope: AdminScope = strawberry.field(description="What the admin or API key must have been given.")


def lacking_scope(scope: AdminScope) -> str:
    """Return what `FORBIDDEN` says to who has not the *scope* that a field needs."""
    return f"This is for admins and API keys with the scope {scope}. Call it with one, or ask the operator of the shop."


def unauthenticated(definition: GraphQLField) -> str | None:
    """Return what a root field answers with UNAUTHENTICATED to who is not signed in; None where anyone may call."""
    gates = {type(found) for found in _directives(definition)}
    if NeedsSignIn in gates:
        return SIGN_IN_FIRST
    return STAFF_FIRST if NeedsScope in gates else None


def needed_scope(definition: GraphQLField) -> AdminScope | None:
    """Return the scope that callers of a root field need."""
    return next((found.scope for found in _directives(definition) if isinstance(found, NeedsScope)), None)


def _directives(definition: GraphQLField) -> list[Any]:
    found: list[Any] = definition.extensions["strawberry-definition"].directives
    return found
