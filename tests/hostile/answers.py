"""The home of what every answer to a hostile request must be: JSON with codes, and never a failure of ours."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import orjson

CODES = {
    "BAD_USER_INPUT",
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "METHOD_NOT_ALLOWED",
    "NOT_FOUND",
    "PERSISTED_QUERY_NOT_SUPPORTED",
    "QUERY_TOO_EXPENSIVE",
    "UNAUTHENTICATED",
}
"""What a client can be told to do better. INTERNAL_SERVER_ERROR is not among them."""

_TELLS_TOO_MUCH = re.compile(
    r"did you mean|traceback|codec|surrogate|recursion|sqlite|asyncpg|orjson|int_max_str|\.py\b|<class| object at 0x",
    re.IGNORECASE,
)
_WORD_OF_PYTHON = re.compile(r"\b(?:None|True|False|Undefined|NoneType)\b")
_COORDINATE = re.compile(r"[A-Z]\w*\.\w+(?:\(\w+:\))?(?:: | has )")


def assert_answered(status: int, body: bytes) -> list[dict[str, Any]]:
    """Return the errors of an answer, which has codes and says nothing about what the gateway is made of."""
    assert status < 500, body
    answer = orjson.loads(body)
    errors: list[dict[str, Any]] = answer.get("errors", [])
    assert set(answer) <= {"data", "errors"}, body
    assert "data" in answer or errors, body
    for error in errors:
        assert error["extensions"]["code"] in CODES, body
        assert error["message"], body
        assert not _TELLS_TOO_MUCH.search(error["message"]), body
        assert not _WORD_OF_PYTHON.search(error["message"]), body
        if error["extensions"]["code"] == "BAD_USER_INPUT" and "path" in error:
            assert _COORDINATE.match(error["message"]), body
    return errors


def codes(errors: Iterable[dict[str, Any]]) -> set[str]:
    """Return the codes of *errors*."""
    return {error["extensions"]["code"] for error in errors}
