"""The home of GraphQL requests over HTTP: from body or query string to document, variables and operation name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect

from gateway.http.responses import Refusal, refuse
from resolvers.operations import answers
from resolvers.rules.literals import parse_json

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.datastructures import Headers
    from starlette.types import Receive

    from resolvers.operations.answers import Answer

MAX_BODY = 64 * 1024
MAX_BODY_OF_WRITERS = 1024 * 1024
"""Of API keys that write much at once."""
_MOST_DISCARDED = 16 * 1024 * 1024
"""Of a body that is too long: who is cut off while sending loses the answer that says why."""
_MAX_URL_FIELDS = 16
_MAX_BATCH = 50
"""Requests of an array that are refused one by one; clients send 10 at a time unless told otherwise."""
_NOTHING: tuple[object, ...] = (None, "", [])
"""What clients write where a member has no value; PHP writes an empty object so."""
_PERSISTED = ("documentId", "id", "doc_id", "queryId")
"""What clients call the key that they send in place of a document."""
_CONTENT_TYPE = re.compile(r'application/json[ \t]*(;[ \t]*charset=("utf-8"|utf-8)[ \t]*)?', re.IGNORECASE)


class GraphQLRequest(NamedTuple):
    """What a client asks for."""

    document: str
    variables: dict[str, Any]
    operation_name: str | None


async def posted(
    headers: Headers, receive: Receive, may_send_much: Callable[[], Awaitable[bool]] | None = None
) -> GraphQLRequest | Answer:
    """Return what the body asks for, or the answer where it asks in a way that we don't know.

    *may_send_much* is asked of who sends more than others may.

    Raises `Refusal`, or `ClientDisconnect` where it does not come.
    """
    # The whole value is compared: browsers send what only contains it, such as "text/plain;application/json", to any
    # site without asking it first.
    content_types = headers.getlist("content-type")
    if len(content_types) != 1 or not _CONTENT_TYPE.fullmatch(content_types[0].strip()):
        refuse("Send a body of the content type application/json.")
    try:
        members = parse_json(await _body(receive, may_send_much))
    except ValueError:
        refuse("The body is not JSON in UTF-8.")
    if isinstance(members, list) and 1 <= len(members) <= _MAX_BATCH:
        return answers.refused_each(len(members), "Batches are not supported. Send each request on its own.")
    if not isinstance(members, dict):
        refuse("The body is no JSON object with a query.")
    return _checked(members)


async def _body(receive: Receive, may_send_much: Callable[[], Awaitable[bool]] | None) -> bytearray:
    # To add each piece to bytes would copy all before it: a body may come byte by byte.
    body, length, more, most = bytearray(), 0, True, MAX_BODY
    while more and length <= _MOST_DISCARDED:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        length += len(chunk)
        if length > MAX_BODY and may_send_much is not None:
            most = MAX_BODY_OF_WRITERS if await may_send_much() else MAX_BODY
            may_send_much = None
        if length <= most:
            body += chunk
        more = message.get("more_body", False)
    if length > most:
        # Who sends on would be read to the end: hang up instead.
        too_long = f"The body has more than {most} bytes."
        raise Refusal(413, "BAD_USER_INPUT", too_long, {"connection": "close"})
    return body


def in_url(query_string: bytes) -> GraphQLRequest | Answer:
    """Return what the query string asks for, as `posted` does; raise `Refusal`."""
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_URL_FIELDS
        )
    except ValueError:
        refuse("The query string is no form in UTF-8.")
    members: dict[str, Any] = dict(pairs)
    if len(members) != len(pairs):
        refuse("The query string has a field twice.")
    for name in ("variables", "extensions"):
        if name in members:
            members[name] = _json(name, members[name])
    return _checked(members)


def _json(name: str, text: str) -> object:
    try:
        return parse_json(text) if text else None
    except ValueError:
        refuse(f'"{name}" is not JSON.')


def _checked(members: dict[str, Any]) -> GraphQLRequest | Answer:
    document = members.get("query")
    operation_name, variables, extensions = (_given(members, *kind) for kind in _MEMBERS)
    if document in _NOTHING and _names_document(members, extensions or {}):
        return answers.persisted_query_not_supported()
    if not isinstance(document, str) or not document:
        refuse('"query" must be the text of a GraphQL document.')
    return GraphQLRequest(document, variables or {}, operation_name)


_MEMBERS: tuple[tuple[str, type, str], ...] = (
    ("operationName", str, "a text"),
    ("variables", dict, "an object"),
    ("extensions", dict, "an object"),
)


def _given(members: dict[str, Any], name: str, kind: type, called: str) -> Any:  # noqa: ANN401 - of *kind*
    member = members.get(name)
    if member in _NOTHING:
        return None
    return member if isinstance(member, kind) else refuse(f'"{name}" must be {called} or null.')


def _names_document(members: dict[str, Any], extensions: dict[str, Any]) -> bool:
    keys = [extensions.get("persistedQuery"), *(members.get(name) for name in _PERSISTED)]
    return any(key not in _NOTHING for key in keys)
