"""The home of the comparison: when two responses are the same, and how a difference is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.differential.sending import Sending

_LONGEST = 6_000


def essence(response: dict[str, Any]) -> str:
    """Return what two responses must have in common, as text: data with its order of keys, code and path of errors."""
    errors = [[error.get("extensions", {}).get("code"), error.get("path")] for error in response.get("errors", ())]
    data = json.dumps(response["data"], ensure_ascii=False) if "data" in response else "no data"
    return f"{data}\n{json.dumps(errors)}"


def told(sending: Sending, seed: int, expected: str, actual: str) -> str:
    """Return a difference as it is printed."""
    at = next(
        (index for index, (one, other) in enumerate(zip(expected, actual, strict=False)) if one != other),
        min(len(expected), len(actual)),
    )
    parts = {
        "operation": f"{sending.name} of seed {seed}",
        "document": sending.document,
        "operation name": sending.operation_name,
        "variables": json.dumps(sending.variables),
        "caller": f"{sending.caller.token!r} in channel {sending.caller.channel_code}",
        "oracle": _cut(expected),
        "gateway": _cut(actual),
        "oracle, around the difference": expected[max(0, at - 150) : at + 150],
        "gateway, around the difference": actual[max(0, at - 150) : at + 150],
    }
    return "\n".join(f"── {name}\n{text}" for name, text in parts.items())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ... {len(text)} characters"
