"""The home of heads that mean two things: where a proxy and we could read them differently, nothing is answered.

A proxy that takes the first of two headers, or decodes a path before it looks a rule up, has let another request
through than the one that we would answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.http.responses import Refusal

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from typing import Any

_VERSIONS: Final = {"1.0", "1.1"}
_ONCE: Final = {
    b"authorization": "Authorization",
    b"x-api-key": "X-Api-Key",
    b"idempotency-key": "Idempotency-Key",
}


def fault(scope: MutableMapping[str, Any]) -> Refusal | None:
    """Return why the request of *scope* is not answered, if so."""
    names = [name for name, _value in scope["headers"]]
    if scope["http_version"] not in _VERSIONS:
        return Refusal(505, "BAD_USER_INPUT", "Send the request over HTTP/1.1.")
    hosts = names.count(b"host")
    # RFC 9112, section 3.2.
    if hosts > 1 or (not hosts and scope["http_version"] == "1.1"):
        return Refusal(400, "BAD_USER_INPUT", "A request has one Host header.")
    for name, called in _ONCE.items():
        if names.count(name) > 1:
            return Refusal(400, "BAD_USER_INPUT", f"A request has one {called} header at most.")
    # No path of ours needs an escape: with one it is a second spelling, which rules of a proxy may not know.
    if b"%" in scope.get("raw_path", b""):
        return Refusal(404, "NOT_FOUND", "There is nothing here. No path of the gateway has a percent sign.")
    return None
