"""What is no request of GraphQL over HTTP is refused with a code, and the connection lives on, in a real process."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import orjson
import pytest

from tests.gateway.processes import Process
from tests.hostile.answers import assert_answered, codes
from tests.hostile.bodies import EXECUTED, NOT_EXECUTED, REFUSED, TOO_LONG
from tests.hostile.content_types import ACCEPTED
from tests.hostile.content_types import REFUSED as REFUSED_TYPES
from tests.hostile.heads import HEADS
from tests.hostile.methods import METHODS

pytestmark = pytest.mark.either_database

PATH = "/paloma/graphql"
GOOD = b'{"query":"{ __typename }"}'
ANSWER = b'{"data":{"__typename":"Query"}}'
JSON = {"content-type": "application/json"}


class KeptConnection:
    """One connection, which is never opened again."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.connect()
        self._connection.auto_open = 0

    def send(
        self, method: str, headers: dict[str, str], body: bytes | None = None, path: str = PATH
    ) -> tuple[HTTPResponse, bytes]:
        self._connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        if body is not None:
            self._connection.putheader("content-length", str(len(body)))
        self._connection.endheaders(body)
        response = self._connection.getresponse()
        return response, response.read()

    def assert_open(self) -> None:
        """Ask something, which is answered only if the connection was kept and nothing of the last body is left."""
        response, body = self.send("POST", JSON, GOOD)
        assert (response.status, body) == (200, ANSWER)

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def connection(process: Process) -> Iterator[KeptConnection]:
    connection = KeptConnection(int(process.url().rpartition(":")[2]))
    yield connection
    connection.close()


def assert_headers(response: HTTPResponse) -> None:
    assert (response.headers["content-type"] or "").partition(";")[0] in {
        "application/json",
        "application/graphql-response+json",
    }
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_of_another_shape_is_refused_and_the_connection_lives_on(connection: KeptConnection, name: str) -> None:
    response, body = connection.send("POST", JSON, REFUSED[name])

    assert (response.status, codes(assert_answered(response.status, body))) == (400, {"BAD_USER_INPUT"})
    assert_headers(response)
    connection.assert_open()


@pytest.mark.parametrize("name", NOT_EXECUTED)
def test_a_request_that_names_no_operation_is_refused(connection: KeptConnection, name: str) -> None:
    sent, code = NOT_EXECUTED[name]
    for accept, status in (("application/json", 200), ("application/graphql-response+json", 400)):
        response, body = connection.send("POST", JSON | {"accept": accept}, sent)

        assert (response.status, codes(assert_answered(response.status, body))) == (status, {code})
        assert_headers(response)
    connection.assert_open()


@pytest.mark.parametrize("name", EXECUTED)
def test_an_odd_body_is_answered(connection: KeptConnection, name: str) -> None:
    response, body = connection.send("POST", JSON, EXECUTED[name])

    assert (response.status, body) == (200, ANSWER)
    connection.assert_open()


@pytest.mark.parametrize("name", TOO_LONG)
def test_a_body_that_is_too_long_ends_the_connection(connection: KeptConnection, name: str) -> None:
    response, body = connection.send("POST", JSON, TOO_LONG[name])

    assert (response.status, codes(assert_answered(response.status, body))) == (413, {"BAD_USER_INPUT"})
    assert_headers(response)
    assert response.headers["connection"] == "close"


def test_who_sends_without_end_is_hung_up_on(connection: KeptConnection) -> None:
    with pytest.raises(ConnectionError):
        connection.send("POST", JSON, b" " * 100_000_000)


@pytest.mark.parametrize("content_type", REFUSED_TYPES)
def test_a_body_that_is_not_said_to_be_json_is_refused(connection: KeptConnection, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}
    response, body = connection.send("POST", headers, GOOD)

    assert (response.status, codes(assert_answered(response.status, body))) == (400, {"BAD_USER_INPUT"})
    assert_headers(response)
    connection.assert_open()


@pytest.mark.parametrize("content_type", ACCEPTED)
def test_json_is_taken(connection: KeptConnection, content_type: str) -> None:
    response, body = connection.send("POST", {"content-type": content_type}, GOOD)

    assert (response.status, body) == (200, ANSWER)


@pytest.mark.parametrize("name", METHODS)
def test_a_request_by_another_method_is_answered_as_it_deserves(connection: KeptConnection, name: str) -> None:
    case = METHODS[name]
    response, body = connection.send(case.method, {"accept": case.accept}, path=f"{PATH}?{case.query_string}")

    errors = assert_answered(response.status, body)
    assert (response.status, codes(errors)) == (case.status, {case.code} if case.code else set())
    assert case.allow <= allowed(response)
    assert bool(case.allow) is (response.status == 405)
    assert_headers(response)
    connection.assert_open()


def test_head_is_get_without_a_body(connection: KeptConnection) -> None:
    response, body = connection.send("HEAD", {}, path=f"{PATH}?query=%7B__typename%7D")

    assert (response.status, body) == (200, b"")
    assert_headers(response)
    connection.assert_open()


@pytest.mark.parametrize("name", HEADS)
def test_a_head_means_one_thing_or_is_refused(process: Process, name: str) -> None:
    sent, status = HEADS[name]
    with socket.create_connection(("127.0.0.1", int(process.url().rpartition(":")[2])), timeout=120) as raw:
        raw.sendall(sent)
        response = HTTPResponse(raw)
        response.begin()
        body = response.read()

    assert response.status == status
    if status == 505:
        assert codes(orjson.loads(body)["errors"]) == {"BAD_USER_INPUT"}
    else:
        assert bool(assert_answered(response.status, body)) is (status != 200)
    assert_headers(response)


def allowed(response: HTTPResponse) -> set[str]:
    return {method.strip() for method in (response.headers["allow"] or "").split(",")}


def test_there_are_at_least_70_requests() -> None:
    cases: list[Any] = [*REFUSED, *NOT_EXECUTED, *EXECUTED, *TOO_LONG, *REFUSED_TYPES, *ACCEPTED, *METHODS]
    assert len(cases) >= 70
