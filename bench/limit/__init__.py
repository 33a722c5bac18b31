"""The home of the limit: what nothing on this server, driver and database can be much faster than.

A bare ASGI application on the same uvicorn, with the gateway's own connections. It knows two documents by heart; for
each it has one statement, written by hand for the data at hand, that finds session, user and permissions and returns
the same bytes. It has no limits, no log, no errors, and two digits for each amount.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import sqlalchemy as sa
from sqlmodel import col

from bench.questions import OVERVIEW, TINY
from bench.shop import CHANNEL
from db.columns import UtcDateTime
from db.engine import open_database
from db.models import Channel
from db.row_query import RowQuery

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.types import Receive, Scope, Send

    from db.engine import Database

_CHANNEL_ID = RowQuery(sa.select(col(Channel.id)).where(col(Channel.code) == sa.bindparam("code", type_=sa.Text)))
_HEADERS = [(b"content-type", b"application/json; charset=utf-8"), (b"cache-control", b"no-store")]


class Limit:
    """Answers the two documents from *database*."""

    def __init__(self, database: Database, channel_id: str) -> None:
        """Learn the statements."""
        self._database = database
        self._channel_id = channel_id
        self._time: Any = UtcDateTime().bind_processor(database.dialect) or (lambda now: now)
        self._date: Any = (lambda now: now.date().isoformat()) if database.dialect.name == "sqlite" else datetime.date
        self._statements = {OVERVIEW: self._statement("overview"), TINY: self._statement("tiny")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        asked = orjson.loads(await _body(receive))
        token = dict(scope["headers"])[b"authorization"].removeprefix(b"Bearer ")
        now = datetime.now(UTC)
        parameters = [sha256(token).digest(), self._channel_id, self._time(now)]
        if asked["query"] == OVERVIEW:
            parameters += [asked["variables"]["orders"], self._date(now)]
        (text,) = await self._database.read(self._statements[asked["query"]], parameters)
        body = str(text).encode()
        headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def _statement(self, name: str) -> str:
        return Path(__file__).with_name(f"{name}.{self._database.dialect.name}.sql").read_text("utf-8")


async def _body(receive: Receive) -> bytes:
    body: bytes = b""
    while True:
        message: Any = await receive()
        body += message["body"]
        if not message.get("more_body"):
            return body


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Limit]:
    """Open the limit on the database at *url*."""
    database = await open_database(url)
    try:
        (channel_id,) = await _CHANNEL_ID.read(database, code=CHANNEL)
        yield Limit(database, str(channel_id))
    finally:
        await database.close()
