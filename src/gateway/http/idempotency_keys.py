"""The home of the header Idempotency-Key: how one is written, and what a request asks for that has one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from gateway.http.responses import Refusal
from resolvers.repetitions import LONGEST, SHORTEST, Repeatable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gateway.http.requests import GraphQLRequest

HEADER: Final = "idempotency-key"


def repeatable(key: str | None, asked: GraphQLRequest, secrets: Sequence[bytes]) -> Repeatable | None:
    """Return the request that a key makes repeatable; None without a key. Raises `Refusal` for what is none."""
    if key is None:
        return None
    if not SHORTEST <= len(key) <= LONGEST or not (key.isascii() and key.isprintable()):
        message = f"Idempotency-Key has {SHORTEST} to {LONGEST} characters of ASCII, such as a new UUID."
        raise Refusal(400, "BAD_USER_INPUT", message)
    # Keys in order: a client that writes variables in another one asks for the same.
    try:
        body = json.dumps(asked, sort_keys=True).encode()
    except RecursionError:
        raise Refusal(400, "BAD_USER_INPUT", "The variables are nested too deep.") from None
    return Repeatable(key, body, secrets)
