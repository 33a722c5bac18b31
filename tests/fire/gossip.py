"""The home of a shop whose surroundings tell what they know: a mail server that repeats, a hasher that fails."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx2
import orjson
from argon2.profiles import CHEAPEST
from pydantic import SecretStr
from sqlmodel import col, select

from db.enums import RegistrationPolicy
from db.models import Account, Mail
from gateway.adapters.hashing import Argon2Hasher
from gateway.app import create_app
from gateway.mail.sender import Sender
from gateway.mail.transport import sender_of
from gateway.operator.settings import Settings
from resolvers.channels.service import create_channel
from resolvers.mails import admin
from resolvers.ports import Verdict
from tests import pages
from tests.fire.anatomy import Opened
from tests.fire.canaries import DATABASE, Canaries, all_logged
from tests.fire.world import PAGE, MovedClock
from tests.gateway.asgi import over
from tests.gateway.canaries import stored
from tests.gateway.mail.servers import MailServer, running

if TYPE_CHECKING:
    from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

    from db.engine import Database

MANY = 10**6
LIMITS: dict[str, Any] = {
    "free_password_tries": MANY,
    "tries_per_network": MANY,
    "tries_per_account": MANY,
    "mails_per_address": MANY,
    "all_mails_per_address": MANY,
    "mails_per_network": MANY,
}


@dataclass
class Gossip(MailServer):
    """Refuses log-ins or messages while it shall, and repeats in its answer what it was told."""

    password: str = ""
    refuses: str | None = None
    refused: list[Envelope] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd calls it so
        if self.refuses is None:
            return await super().handle_DATA(server, session, envelope)
        self.refused.append(envelope)
        return f"{self.refuses} I don't like {Opened(envelope).links}"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        found = super().authenticate(server, session, envelope, mechanism, login)
        found.success = login.password.decode() == self.password and self.refuses != "535"
        found.message = None if found.success else f"535 5.7.8 {login.password.decode()} is wrong"
        return found


@dataclass
class MoodyHasher:
    """Argon2 until it breaks; then its texts hold the password."""

    argon2: Argon2Hasher
    is_broken: bool = False

    async def hash(self, password: str, beside: str | None = None) -> str:
        self._break_at(password)
        return await self.argon2.hash(password, beside)

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        self._break_at(password)
        return await self.argon2.verify(password_hash, password)

    def _break_at(self, password: str) -> None:
        if self.is_broken:
            msg = f"no memory to hash {password}"
            raise RuntimeError(msg) from ValueError(password)


@dataclass
class Shop:
    """The whole gateway in this process, and all that it lets anybody see."""

    url: str
    canaries: Canaries
    client: httpx2.AsyncClient
    database: Database
    sender: Sender
    clock: MovedClock
    server: Gossip
    hasher: MoodyHasher
    answers: int = 0

    async def send(self, document: str, variables: object, bearer: str | None = None, tells: str | None = None) -> Any:
        """Ask; the answer may hold the token that it *tells* of, which is known from then on."""
        headers = {"authorization": f"Bearer {bearer}"} if bearer else {}
        body = orjson.dumps({"query": document, "variables": variables})
        answer = await self.client.post(
            "/shop/graphql", content=body, headers=headers | {"content-type": "application/json"}
        )
        if tells:
            [outcome] = answer.json()["data"].values()
            self.canaries.learnt(tells, outcome["authentication"]["token"])
        self.keep(answer, tells)
        return answer.json()

    def keep(self, answer: httpx2.Response, tells: str | None = None) -> None:
        """Keep what somebody was answered."""
        self.answers += 1
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        self.canaries.seen("answers", f"{head}\n{answer.text}", tells)

    async def mailed(self, token: str | None = None) -> None:
        """Send what is due; one of the mails may hold the *token*, which is known from then on."""
        self.clock.move(timedelta(hours=2))  # also what was postponed
        before = len(self.server.taken)
        while await self.sender.send_due():
            pass
        for envelope in self.server.taken[before:]:
            opened = Opened(envelope)
            its = token if opened.links else None
            if its:
                self.learn(its, opened)
            self.canaries.seen("mails", opened.everything, its)

    def learn(self, token: str, opened: Opened) -> None:
        """Keep the token of the link of a mail."""
        self.canaries.learnt(token, opened.links[0].rpartition("token=")[2])

    async def look(self) -> None:
        """Keep all that the database holds, and what of it an operator is shown."""
        async with self.database.unit_of_work() as session:
            for found in await session.exec(select(Account.password_hash)):
                self.canaries.kept("password hash", str(found))
            for mail_id in (await session.exec(select(col(Mail.id)))).all():
                self.canaries.seen("the operator's list", str(await admin.all_of(session, mail_id)))
        self.canaries.seen(DATABASE, await asyncio.to_thread(stored, self.url))


@asynccontextmanager
async def a_shop(url: str, canaries: Canaries) -> AsyncIterator[Shop]:
    """Serve a shop from the database at *url*, with keys and passwords that are canaries."""
    server = Gossip(password=canaries.made("password of the mail server"))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(running(server, auth_require_tls=False))
        log = stack.enter_context(all_logged())
        settings = _settings(url, canaries, server)
        canaries.seen("the settings", repr(settings))
        hasher = MoodyHasher(Argon2Hasher(CHEAPEST))
        stack.callback(hasher.argon2.close)
        app = create_app(settings, log=lambda *line: print(*line, file=log), hasher=hasher)
        await stack.enter_async_context(app.router.lifespan_context(app))
        client = await stack.enter_async_context(over(app))
        database, clock = app.state.graphql.database, MovedClock(datetime.now(UTC))
        await _open(database)
        sender = sender_of(settings, database, clock)
        assert sender is not None
        yield Shop(url, canaries, client, database, sender, clock, server, hasher)
        canaries.seen("the log", log.getvalue())


def _settings(url: str, canaries: Canaries, server: Gossip) -> Settings:
    parts = urlsplit(url)
    if parts.scheme != "sqlite":
        user, _, password = parts.netloc.rpartition("@")[0].partition(":")
        # A server that asks for none takes any.
        password = (
            canaries.learnt("password of the database", password)
            if password
            else canaries.made("password of the database")
        )
        url = parts._replace(netloc=f"{user}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()
    smtp_url = f"smtp://post:{server.password}@127.0.0.1:{server.port}?starttls=never"
    return Settings(
        database_url=url,
        secret_key=(SecretStr(canaries.made("secret key")), SecretStr(canaries.made("former secret key"))),
        smtp_url=SecretStr(smtp_url),
        mail_from="post@gateway.example",
        **LIMITS,
    )


async def _open(database: Database) -> None:
    async with database.unit_of_work() as session:
        await create_channel(
            session,
            now=datetime.now(UTC),
            code="shop",
            name="Shop",
            registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS,
            landing_pages=pages.for_all(PAGE),
        )
