"""The home of which pages' scripts may call: those of listed origins, in the demo also those of this machine.

Without credentials: who calls is told by a header that scripts set, never by cookies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.middleware.cors import CORSMiddleware

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import Headers
    from starlette.responses import Response
    from starlette.types import ASGIApp

_METHODS: Final = ("GET", "POST")
_EXPOSED: Final = ("X-Request-Id", "Retry-After")
_PREFLIGHT_SECONDS: Final = 7200
"""As long as browsers keep an answer to a preflight."""
_THIS_MACHINE: Final = r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?"
"""A development server takes whatever port is free."""


class Cors(CORSMiddleware):
    """Lets scripts of *origins* call, and those of any port of this machine where *local*.

    They may send any header: tools that trace requests add some to each, and where one is not allowed, the page is not
    told why its calls fail. None of them has a meaning here that a listed origin must not use.
    """

    def __init__(self, app: ASGIApp, origins: Sequence[str], *, local: bool = False) -> None:
        """Stand before *app*."""
        super().__init__(
            app,
            allow_origins=origins,
            allow_origin_regex=_THIS_MACHINE if local else None,
            allow_methods=_METHODS,
            allow_headers=("*",),  # those that are asked for
            expose_headers=_EXPOSED,
            max_age=_PREFLIGHT_SECONDS,
        )

    def preflight_response(self, request_headers: Headers) -> Response:
        """Answer what a browser asks before a script may call; to other origins nothing is said of headers."""
        response = super().preflight_response(request_headers)
        if not self.is_allowed_origin(request_headers["origin"]):
            del response.headers["access-control-allow-headers"]
        return response
