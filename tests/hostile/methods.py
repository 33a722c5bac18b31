"""The home of requests by another method than POST, each with the status that it deserves."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

MUTATION = 'mutation { authenticate(input: {username: "a@b.example", password: "x"}) { __typename } }'


class Method(NamedTuple):
    """A request without a body; *allow* is what the answer's Allow must name."""

    method: str
    status: int
    code: str | None
    query_string: str = ""
    allow: frozenset[str] = frozenset()
    accept: str = "application/json"


def get(status: int, code: str | None, allow: str = "", **fields: str) -> Method:
    """Return a GET of *fields*."""
    return Method("GET", status, code, urlencode(fields), frozenset(allow.split()))


_BOTH = frozenset({"GET", "POST"})
_POST = "POST"

# A method that HTTP does not know is refused by the parser of the server, as text.
METHODS = {
    "GET of a query": get(200, None, query="{ __typename }"),
    "GET of a query with a name and variables": get(
        200,
        None,
        query="query A($x: Boolean!) { __typename @skip(if: $x) }",
        operationName="A",
        variables='{"x":false}',
    ),
    "GET of the one query beside a mutation": get(
        200,
        None,
        query="query A { __typename } mutation B { signOut(input: {everywhere: false}) { __typename } }",
        operationName="A",
    ),
    "GET of the one query beside a mutation whose text has a secret": get(
        405,
        "METHOD_NOT_ALLOWED",
        _POST,
        query="query A { __typename } " + MUTATION.replace("mutation", "mutation B"),
        operationName="A",
    ),
    "GET of a mutation": get(405, "METHOD_NOT_ALLOWED", _POST, query=MUTATION),
    "GET of a mutation by name": get(
        405,
        "METHOD_NOT_ALLOWED",
        _POST,
        query="query A { __typename } " + MUTATION.replace("mutation", "mutation B"),
        operationName="B",
    ),
    "GET with a mailed token": get(
        405, "METHOD_NOT_ALLOWED", _POST, query='{ passwordResetToken(token: "x") { valid } }'
    ),
    "GET with a mailed token as a variable": get(
        405,
        "METHOD_NOT_ALLOWED",
        _POST,
        query="query($token: String!) { passwordResetToken(token: $token) { valid } }",
        variables='{"token":"x"}',
    ),
    "GET of nothing": get(400, "BAD_USER_INPUT"),
    "GET of an empty query": get(400, "BAD_USER_INPUT", query=""),
    "GET as a browser does": Method("GET", 400, "BAD_USER_INPUT", accept="text/html,application/xhtml+xml,*/*;q=0.8"),
    "GET of a wrong query": get(200, "GRAPHQL_VALIDATION_FAILED", query="{ nope }"),
    "GET of no document": get(200, "GRAPHQL_PARSE_FAILED", query="{"),
    "GET with variables that are no JSON": get(400, "BAD_USER_INPUT", query="{ __typename }", variables="{"),
    "GET with variables that are an array": get(400, "BAD_USER_INPUT", query="{ __typename }", variables="[1]"),
    "GET with NaN": get(400, "BAD_USER_INPUT", query="{ __typename }", variables='{"x":NaN}'),
    "GET with a bare surrogate": get(400, "BAD_USER_INPUT", query="{ __typename }", variables='{"x":"\\ud800"}'),
    "GET with extensions that are a string": get(400, "BAD_USER_INPUT", query="{ __typename }", extensions='"x"'),
    "GET with two queries": Method("GET", 400, "BAD_USER_INPUT", "query={__typename}&query={__typename}"),
    "GET with no UTF-8": Method("GET", 400, "BAD_USER_INPUT", "query=%FF"),
    "GET with a surrogate in UTF-8": Method("GET", 400, "BAD_USER_INPUT", "query=%ED%A0%80"),
    "GET with NUL": Method("GET", 200, "GRAPHQL_PARSE_FAILED", "query={__typename}%00"),
    "GET with 1,000 fields": Method("GET", 400, "BAD_USER_INPUT", "&".join(f"x{number}=1" for number in range(1_000))),
    "GET with plus signs": Method("GET", 200, None, "query=query+A+%7B+__typename+%7D"),
    "PUT": Method("PUT", 405, "METHOD_NOT_ALLOWED", allow=_BOTH),
    "DELETE": Method("DELETE", 405, "METHOD_NOT_ALLOWED", allow=_BOTH),
    "PATCH": Method("PATCH", 405, "METHOD_NOT_ALLOWED", allow=_BOTH),
    "OPTIONS": Method("OPTIONS", 405, "METHOD_NOT_ALLOWED", allow=_BOTH),
    "TRACE": Method("TRACE", 405, "METHOD_NOT_ALLOWED", allow=_BOTH),
    "PROPFIND": Method("PROPFIND", 405, "METHOD_NOT_ALLOWED", allow=_BOTH),
}
