"""The home of asking an application without a server, and of what every refusal looks like."""

from __future__ import annotations

import httpx2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route

from gateway.http.boundary import Boundary, refuse
from gateway.http.request_log import RequestLog
from gateway.http.responses import LEGACY, MODERN

DOCUMENT = "{ channel { code } }"


def over(app: Starlette) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=app, client=("192.0.2.7", 1234))
    return httpx2.AsyncClient(transport=transport, base_url="http://shop.example")


def bounded(*routes: Route) -> Starlette:
    """Return an application of *routes* behind the boundary of the gateway's own."""
    return Starlette(
        routes=routes,
        middleware=[Middleware(RequestLog, None), Middleware(Boundary)],
        exception_handlers={HTTPException: refuse},
    )


def assert_refused(response: httpx2.Response, status: int, code: str) -> None:
    assert response.status_code == status, response.text
    assert set(response.json()) == {"errors"}
    [error] = response.json()["errors"]
    assert error["extensions"]["code"] == code
    assert error["message"]
    assert_never_kept(response)


def assert_never_kept(response: httpx2.Response) -> None:
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] in {f"{media_type}; charset=utf-8" for media_type in (LEGACY, MODERN)}
