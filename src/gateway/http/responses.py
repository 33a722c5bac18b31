"""The home of what every response looks like: JSON, kept by no cache, in the media type that the client takes."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NoReturn

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response

from db.errors import DatabaseUnavailableError
from resolvers.operations import answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.types import Scope

    from resolvers.operations.answers import Answer

LEGACY: Final = "application/json"
MODERN: Final = "application/graphql-response+json"
"""The media type of the GraphQL over HTTP specification, with which a status says whether anything was executed."""

_LONGEST_KNOWN: Final = 256
"""Characters of Accept: longer ones would fill the memory."""

ALWAYS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_HEADERS: Final = {
    media_type: [
        (name.encode(), value.encode())
        for name, value in {**ALWAYS, "content-type": f"{media_type}; charset=utf-8"}.items()
    ]
    for media_type in (LEGACY, MODERN)
}


class GraphQLResponse(Response):
    """A response that knows which errors its body lists, and which outage is behind them, for the log.

    Starlette would take the headers apart and together again, at the price of all the rest of an answer.
    """

    def __init__(self, answer: Answer, media_type: str, status: int, headers: Mapping[str, str] | None = None) -> None:
        """Answer *status*, with *headers* beside those that every response has."""
        self.errors: Sequence[dict[str, Any]] = answer.errors
        self.outage = answer.outage
        self.status_code = status
        self.body = answer.body
        self.background = None
        self.raw_headers = [
            *_HEADERS[media_type],
            *((name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in (headers or {}).items()),
            (b"content-length", b"%d" % len(answer.body)),
        ]


class Refusal(HTTPException):
    """A request that is refused before its document is looked at."""

    def __init__(self, status_code: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Answer *status_code* with one error of *code*."""
        super().__init__(status_code, message, headers)
        self.code = code


def refuse(message: str) -> NoReturn:
    """Raise the refusal of a request that has a wrong shape."""
    raise Refusal(400, "BAD_USER_INPUT", message) from None


def media_type_of(scope: Scope) -> str:
    """Return the media type that is answered to the request of *scope*."""
    return negotiated(Headers(scope=scope).getlist("accept"))


def negotiated(accepted: Sequence[str]) -> str:
    """Return the modern media type where the values of Accept name it and prefer nothing else to it."""
    if not accepted:
        return LEGACY
    together = ",".join(accepted)
    return (_known if len(together) <= _LONGEST_KNOWN else _negotiated)(together)


def _negotiated(accepted: str) -> str:
    found = qualities([accepted], (MODERN, LEGACY))
    return MODERN if found[MODERN] and found[MODERN] >= found[LEGACY] else LEGACY


_known = lru_cache(256)(_negotiated)
"""A front-end sends the same with each request."""


def qualities(accepted: Iterable[str], names: Iterable[str]) -> dict[str, float]:
    """Return how much the values of an Accept header like each of *names*, from 0 to 1; wildcards name nothing."""
    found = dict.fromkeys(names, 0.0)
    for entry in ",".join(accepted).lower().split(","):
        name, *parameters = (part.strip() for part in entry.split(";"))
        if name in found:
            found[name] = _quality(parameters)
    return found


def _quality(parameters: Iterable[str]) -> float:
    weights = [parameter[2:] for parameter in parameters if parameter.startswith("q=")]
    try:
        return float(weights[0]) if weights else 1.0
    except ValueError:
        return 0.0


def of_answer(answer: Answer, media_type: str) -> GraphQLResponse:
    """Return the response to an operation; what is not executed is 400, except where old clients expect 200."""
    if answer.retry_after_seconds is not None:
        return GraphQLResponse(answer, media_type, 429, {"retry-after": str(answer.retry_after_seconds)})
    return GraphQLResponse(answer, media_type, 200 if answer.executed or media_type == LEGACY else 400)


def of_refusal(refusal: Refusal, media_type: str) -> GraphQLResponse:
    """Return the response to a request that is refused."""
    found = answers.error(refusal.detail, refusal.code)
    return GraphQLResponse(answers.refused([found]), media_type, refusal.status_code, refusal.headers)


def of_failure(failure: Exception, media_type: str) -> GraphQLResponse:
    """Return the response where the gateway failed: an outage, or a bug whose text stays with us."""
    status, headers = 500, {}
    if isinstance(failure, DatabaseUnavailableError):
        status, headers = 503, {"retry-after": str(answers.RETRY_AFTER_SECONDS)}
    answer = replace(answers.refused([answers.of_failure(failure)]), outage=answers.outage_of(failure))
    return GraphQLResponse(answer, media_type, status, headers)
