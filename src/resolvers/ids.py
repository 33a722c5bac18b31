"""The home of ids as clients pass them."""

from __future__ import annotations

from graphql import GraphQLError

from db.ids import is_well_formed

NOT_AN_ID = "This is not an id of the gateway. Pass the id of an object as it was answered."


def checked(given: str) -> str:
    """Return an id that a mutation was given; refuse as BAD_USER_INPUT what can't be one."""
    if not is_well_formed(given):
        raise GraphQLError(NOT_AN_ID, extensions={"code": "BAD_USER_INPUT"})
    return given
