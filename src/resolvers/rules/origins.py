"""The home of origins: scheme, host and port of a page, as browsers write them. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_HOST = r"(?:[a-z0-9_-]+\.)*[a-z0-9_-]+|\[[0-9a-f:.]+\]"
_ORIGIN = re.compile(
    rf"(?P<scheme>https?)://(?P<host>{_HOST})(?::(?P<port>[1-9][0-9]{{0,4}}))?", re.ASCII | re.IGNORECASE
)
_OWN_PORT = {"http": "80", "https": "443"}
_HIGHEST_PORT = 65535


@dataclass(frozen=True, slots=True)
class Origin:
    """An origin, in lower case; *port* is None where it is the one that the scheme has anyway."""

    scheme: str
    host: str
    port: str | None

    @classmethod
    def of(cls, text: str) -> Origin:
        """Return the origin that *text* is; raise `ValueError` for anything else, such as `null` of sandboxed pages."""
        origin, rest = cls.begin(text)
        if rest:
            raise _none()
        return origin

    @classmethod
    def begin(cls, url: str) -> tuple[Origin, str]:
        """Return the origin that *url* begins with, and the rest of it; raise `ValueError` where there is none."""
        found = _ORIGIN.match(url)
        if not found or int(found["port"] or 0) > _HIGHEST_PORT:
            raise _none()
        scheme, port = found["scheme"].lower(), found["port"]
        origin = cls(scheme, found["host"].lower(), None if port == _OWN_PORT[scheme] else port)
        return origin, url[found.end() :]

    def __str__(self) -> str:
        """Return it as browsers write it."""
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")


def _none() -> ValueError:
    return ValueError("an origin is a scheme and a host, such as https://shop.example")
