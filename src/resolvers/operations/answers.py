"""The home of what an answer looks like: its JSON, its errors and their codes."""

from __future__ import annotations

import logging
import re
import secrets
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError

from db.errors import DatabaseUnavailableError
from resolvers.rules import card_numbers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from resolvers.planner.arguments import BadArgumentError

_log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 1

_ECHO = re.compile(
    r"(?<=cannot represent )(?P<what>[^:]*): .*|(?:, |; )found: .*|(?<=Value )'.*' (?=does not exist)"
    r"|(?<=unknown field) '(?![_A-Za-z][_0-9A-Za-z]*', found: ).*"
    r"|, but encountered error 'Exceeds the limit .*| Did you mean .*"
    r"|(?P<token>(?:Block)?String|Int|Float) '.*'",
    re.DOTALL,
)
"""Where graphql-core repeats the value that it refuses, and with it the whole input around a password; where it repeats
a key that is no name, and may be any text; where it quotes Python on numbers of 5,000 digits; and where it guesses."""

_LONGEST_MESSAGE = 1_000

_IN_OTHER_WORDS = {
    f"Unknown directive '@{name}'.": f"@{name} is not supported: an answer comes in one piece. Leave it out."
    for name in ("defer", "stream")
}
_LONGEST_NAME = 64
_MOST_NAMES = 5


class UnreadOutcomeError(Exception):
    """What a mutation has done is stored, but an outage hid it: to try again would do it again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The JSON of a response. *executed* is false where the request was refused as a whole: then it has no data."""

    body: bytes
    executed: bool
    errors: Sequence[dict[str, Any]] = ()
    """Those in the JSON, for the log."""
    retry_after_seconds: int | None = None
    """Set where the same request makes sense again later."""
    outage: DatabaseUnavailableError | None = None
    """What was behind one of them: also for the log, and for nobody else."""


def refused(errors: Iterable[dict[str, Any]]) -> Answer:
    """Answer a request that was not executed."""
    errors = list(errors)
    return Answer(orjson.dumps({"errors": errors}), executed=False, errors=errors)


def refused_each(count: int, message: str) -> Answer:
    """Answer *count* requests that came as one, none of which is executed: clients match answers by position."""
    one = refused([error(message, "BAD_USER_INPUT")])
    return Answer(b"[" + b",".join([one.body] * count) + b"]", executed=False, errors=one.errors)


def persisted_query_not_supported() -> Answer:
    """Answer a request with a key in place of a document: by this text and this code clients send the document."""
    return refused([error("PersistedQueryNotSupported", "PERSISTED_QUERY_NOT_SUPPORTED")])


def no_such_operation(name: str | None, names: Iterable[str | None]) -> dict[str, Any]:
    """Return the error where *name* picks none of the operations of a document, which have *names*."""
    known = ", ".join(known[:_LONGEST_NAME] for known in islice(filter(None, names), _MOST_NAMES))
    among = f"It has {known}." if known else "Its operation has no name."
    told = f"operationName names no operation of this document. {among}"
    return error(told if name else f"Name one operation of this document in operationName. {among}", "BAD_USER_INPUT")


def too_often(retry_after_seconds: int) -> Answer:
    """Answer a request that is not looked at: too many new documents came from there lately."""
    message = (
        "Too many documents that are new here came from your network or user lately. "
        "Send the same documents again and again, with variables for what differs."
    )
    errors = [error(message, "RATE_LIMITED", retryAfterSeconds=retry_after_seconds)]
    body = orjson.dumps({"errors": errors})
    return Answer(body, executed=False, errors=errors, retry_after_seconds=retry_after_seconds)


def executed(data: Any, found: Sequence[GraphQLError]) -> Answer:
    """Answer with *data*, and with the errors that were *found* if there are any."""
    errors = [of_execution(error) for error in found]
    response = {"errors": errors, "data": data} if errors else {"data": data}
    outages = [outage for error in found if (outage := outage_of(error.original_error)) is not None]
    return Answer(orjson.dumps(response), executed=True, errors=errors, outage=outages[0] if outages else None)


def outage_of(failure: BaseException | None) -> DatabaseUnavailableError | None:
    """Return the outage that *failure* is, or hides."""
    found = failure.__cause__ if isinstance(failure, UnreadOutcomeError) else failure
    return found if isinstance(found, DatabaseUnavailableError) else None


def spliced(texts: dict[str, str], errors: list[dict[str, Any]]) -> Answer:
    """Answer with an object of finished JSON *texts*."""
    members = ",".join(f"{_quoted(key)}:{text}" for key, text in texts.items())
    if not errors:
        return Answer(f'{{"data":{{{members}}}}}'.encode(), executed=True)
    listed = orjson.dumps(errors).decode()
    return Answer(f'{{"errors":{listed},"data":{{{members}}}}}'.encode(), executed=True, errors=errors)


def _quoted(key: str) -> str:
    # A response key is a GraphQL name: there is nothing to escape.
    return f'"{key}"'


def error(message: str, code: str, **more: Any) -> dict[str, Any]:
    """Return an error with a *code*; *more* are its path, its locations or further extensions.

    It may tell a name that a client has made up, and no card number in it.
    """
    places: dict[str, Any] = {name: more.pop(name) for name in ("locations", "path") if name in more}
    return {"message": card_numbers.blotted(message), **places, "extensions": {"code": code, **more}}


def of_argument(refusal: BadArgumentError) -> dict[str, Any]:
    """Return the error of an argument."""
    message = _worded(refusal.message)
    if refusal.coordinate and refusal.code == "BAD_USER_INPUT":
        message = f"{refusal.coordinate}: {message}"
    return error(message, refusal.code, path=list(refusal.path))


def of_document(found: GraphQLError, code: str) -> dict[str, Any]:
    """Return an error that was found before execution."""
    locations = [{"line": location.line, "column": location.column} for location in found.locations or ()]
    return error(_worded(found.message), code, **({"locations": locations} if locations else {}))


def _worded(message: str) -> str:
    """Return what clients read of a *message* of graphql-core: no value, and no word of Python."""
    # A client chooses names of 60,000 letters, in which to look for an echo takes a time that grows with their square.
    kept = _ECHO.sub(lambda echo: echo["what"] or echo["token"] or "", message[:_LONGEST_MESSAGE])
    return _IN_OTHER_WORDS.get(kept) or kept.replace("not to be None", "not to be null")


def of_execution(found: GraphQLError) -> dict[str, Any]:
    """Return an error that was raised by a resolver; what nobody expected is masked and logged."""
    path = list(found.path or ())
    cause = found.original_error
    if cause is not None and not isinstance(cause, GraphQLError):
        return of_failure(cause, path=path)
    if "code" in (found.extensions or {}):
        return {"message": found.message, "path": path, "extensions": found.extensions}
    return of_document(found, "BAD_USER_INPUT") | {"path": path}


def of_failure(failure: Exception, **more: Any) -> dict[str, Any]:
    """Return what a client may know of *failure*: an outage, or a bug that the log knows under the same id."""
    if isinstance(failure, DatabaseUnavailableError):
        message = "The service is not available at the moment. Try again in a moment."
        return error(message, "SERVICE_UNAVAILABLE", retryAfterSeconds=RETRY_AFTER_SECONDS, **more)
    error_id = secrets.token_hex(8)
    _log.error("error %s", error_id, exc_info=failure, extra={"error_id": error_id})
    what = "It was done, but the result can't be read" if isinstance(failure, UnreadOutcomeError) else "That went wrong"
    message = f"{what}. The fault is ours: tell the shop the number {error_id}."
    return error(message, "INTERNAL_SERVER_ERROR", errorId=error_id, **more)
