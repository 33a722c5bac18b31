"""The home of the URLs of PostgreSQL: as libpq reads them, and as hosters print them, to what asyncpg connects by.

asyncpg sends every parameter that it does not know to the server, as a setting. What libpq alone does with a connection
is left out here, translated, or refused by its name where leaving it out would be less safe than was asked for.
"""

from __future__ import annotations

import os
import re
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NoReturn
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMES: Final = ("postgresql://", "postgres://")
CONNECT_SECONDS: Final = 5
"""For each host, unless the URL says otherwise."""

_LEFT_OUT: Final = {
    # asyncpg has SCRAM without the binding to TLS; sslmode=verify-full proves the server by its certificate.
    "channel_binding",
    "client_encoding",
    "fallback_application_name",
    "gssdelegation",
    "gssencmode",
    "hostaddr",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "load_balance_hosts",
    "max_protocol_version",
    "min_protocol_version",
    "sslcertmode",
    "sslcompression",
    "sslsni",
    "tcp_user_timeout",
    "connect_timeout",
}
_REFUSED: Final = {"replication", "require_auth", "requirepeer", "requiressl", "service", "sslcrldir", "sslkeylogfile"}
_POOLER: Final = {"pgbouncer", "prepareThreshold", "prepared_statements", "statement_cache_size"}
"""That clients of other languages read: such a URL leads to a pooler."""

_FILES: Final = ("sslrootcert", "sslcert", "sslkey", "sslcrl")
_SESSIONS: Final = ("any", "primary", "standby", "read-write", "read-only", "prefer-standby")

_HOST = re.compile(
    r"(?:(?P<name>[\w.\-]*)|\[(?P<ipv6>[0-9a-fA-F:.]+(?:%\w+)?)\]|(?P<directory>(?:%2[fF]|/)[^:@?#]*))(?::(?P<port>\d*))?"
)


class BadUrlError(ValueError):
    """A URL that can't be used. The text says why, and never repeats what may be a password."""


@dataclass(frozen=True, slots=True)
class PostgresAddress:
    """Where a server is, as asyncpg takes it: the *dsn*, and for each host the arguments that it is tried by."""

    dsn: str = field(repr=False)
    hosts: tuple[Mapping[str, Any], ...]
    seconds: int
    application_name: str | None = None

    @classmethod
    def of(cls, url: str, environment: Mapping[str, str] = os.environ) -> PostgresAddress:
        """Read *url*; raise `BadUrlError`."""
        parts = _split(url)
        parameters = dict(_parameters(parts.query))
        _refuse(parameters)
        taken = {name: value for name, value in parameters.items() if name not in _LEFT_OUT}
        arguments: dict[str, Any] = {}
        if "hostaddr" in parameters and not (parts.netloc.rpartition("@")[2] or "host" in taken):
            taken["host"] = parameters["hostaddr"]
        if taken.get("sslrootcert", environment.get("PGSSLROOTCERT")) == "system":
            arguments["ssl"] = _verifying_by_system(taken)
        hosts = _hosts(parts.netloc.rpartition("@")[2], taken)
        # These are to try all hosts for one that is a standby, before any of the others is taken.
        apart = len(hosts) > 1 and taken.get("target_session_attrs") != "prefer-standby"
        given = parameters.get("connect_timeout") or environment.get("PGCONNECT_TIMEOUT")
        application_name = taken.pop("application_name", None) or environment.get("PGAPPNAME")
        return cls(
            dsn=parts._replace(scheme="postgresql", query=urlencode(taken)).geturl(),
            hosts=tuple(arguments | {"host": [host], "port": [port]} for host, port in hosts)
            if apart
            else (arguments,),
            seconds=_seconds(given),
            application_name=application_name,
        )


def _split(url: str) -> Any:  # noqa: ANN401 - the standard library's
    if not url.startswith(SCHEMES):
        _complain("it begins with postgresql://")
    try:
        parts = urlsplit(url)
    except ValueError:
        _complain_of_characters()
    # In an unescaped password each of them ends what comes before it.
    if parts.fragment or parts.netloc.count("@") > 1 or "@" in parts.path + (parts.query * ("@" not in parts.netloc)):
        _complain_of_characters()
    return parts


def _parameters(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, strict_parsing=True, errors="strict") if query else []
    except ValueError:
        _complain_of_characters()


def _refuse(parameters: Mapping[str, str]) -> None:
    for name in parameters:
        if name in _REFUSED:
            _complain(f"the gateway can't do what its parameter {name} asks for: leave it out")
        if name in _POOLER:
            _complain(f"its parameter {name} is for a pooler of transactions, which does not work: use another URL")
    if parameters.get("gssencmode") == "require":
        _complain("the gateway can't do what its parameter gssencmode=require asks for: use sslmode=verify-full")
    if parameters.get("target_session_attrs", "any") not in _SESSIONS:
        _complain(f"its parameter target_session_attrs is one of {', '.join(_SESSIONS)}")
    for name in _FILES:
        # Of a file that is not there asyncpg says as much as of a server that does not run.
        if (file := parameters.get(name, "system")) != "system" and not os.access(file, os.R_OK):
            _complain(f"its parameter {name} names a file that is not there, or can't be read")


def _hosts(netloc: str, parameters: Mapping[str, str]) -> list[tuple[str, int]]:
    """Return hosts and ports of the URL; none where the environment has them."""
    listed = netloc or parameters.get("host", "")
    ports = [_port(port) for port in parameters.get("port", "").split(",")]
    names = listed.split(",") if listed else []
    hosts = []
    for place, name in enumerate(names):
        found = _HOST.fullmatch(name)
        if found is None:
            _complain_of_characters()
        port = _port(found["port"] or "") or ports[place if place < len(ports) else 0] or 5432
        hosts.append((unquote(found["name"] or found["ipv6"] or found["directory"] or "localhost"), port))
    return hosts


def _port(text: str) -> int:
    if text and not (text.isascii() and text.isdigit() and 0 < int(text[:6]) <= 65535):  # noqa: PLR2004 - the highest
        _complain_of_characters()
    return int(text or 0)


def _seconds(given: str | None) -> int:
    if not given:
        return CONNECT_SECONDS
    try:
        seconds = int(given)
    except ValueError:
        _complain("its parameter connect_timeout is no number of seconds")
    # libpq waits for ever then; who asks waits no longer than a minute.
    return min(seconds, 60) if seconds > 0 else CONNECT_SECONDS


def _verifying_by_system(parameters: dict[str, str]) -> ssl.SSLContext:
    """Return what verifies by the certificates of the operating system, and like libpq always the host, too."""
    parameters.pop("sslrootcert", None)
    if parameters.pop("sslmode", "verify-full") != "verify-full":
        _complain("sslrootcert=system needs sslmode=verify-full")
    context = ssl.create_default_context()
    if certificate := parameters.pop("sslcert", None):
        context.load_cert_chain(certificate, parameters.pop("sslkey", None), parameters.pop("sslpassword", None))
    return context


def _complain_of_characters() -> NoReturn:
    _complain("inside a user or password write / ? # @ % as %2F %3F %23 %40 %25, and a port as a number")


def _complain(what: str) -> NoReturn:
    raise BadUrlError(what) from None
