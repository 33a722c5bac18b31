"""The home of the shop whose statements are counted: one signed-in user, and as many orders as a test wants."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import orjson

from db import models
from db.enums import AdminScope, Permission, TokenPurpose
from resolvers.context import Context
from resolvers.operations.reading import RefusedError
from resolvers.schema import operations_on
from tests import pages
from tests.api.services import PASSWORD, CountingHasher, StandingClock
from tests.db.rows import NOW, account, address, channel, customer, fresh_id, order, user

if TYPE_CHECKING:
    from db.engine import Database
    from resolvers.planner.arguments import Audience
    from tests.conftest import Statements

TOKEN = "a token"
ADMIN_TOKEN = "ads_a token"
MAILED_TOKENS = {purpose: f"a mailed token for {purpose}" for purpose in TokenPurpose}
PAGE = "https://shop.example/page"
EMAIL_ADDRESS = "hans.muster@example.com"


@dataclass
class Shop:
    """An open database with one customer, and what is sent to it."""

    database: Database
    statements: Statements
    ids: dict[str, str]

    def __post_init__(self) -> None:
        self.operations = operations_on(self.database)

    async def sent(
        self,
        document: str,
        variables: dict[str, Any] | None = None,
        name: str | None = None,
        token: str | None = TOKEN,
        *,
        is_known: bool = True,
    ) -> tuple[list[str], dict[str, Any]]:
        """Return what was sent to the database for an operation, and the answer.

        Unless it *is_known*, nobody has sent it before.
        """
        context = Context(
            database=self.database,
            clock=StandingClock(NOW),
            hasher=CountingHasher(),
            channel_id=self.ids["Channel"],
            token=token,
        )
        caller = context.caller()
        if is_known:
            self._prepare(document, variables or {}, name, caller.audience)
        await self.statements.taken()
        answer = await self.operations.answer(document, variables or {}, name, caller=caller, context=lambda: context)
        return await self.statements.taken(), orjson.loads(answer.body)

    def _prepare(self, document: str, variables: dict[str, Any], name: str | None, audience: Audience) -> None:
        documents = self.operations._documents[audience]  # noqa: SLF001 - without asking
        with suppress(RefusedError):
            documents.prepared(document, name, variables, lambda _document: None)


async def a_shop(database: Database, statements: Statements, orders: int = 1) -> Shop:
    """Return a shop whose only customer has *orders*."""
    shop = channel(landing_pages=pages.for_all(pages.SHOP))
    buyer = customer(shop)
    its = account(
        shop, email_address=EMAIL_ADDRESS, canonical_email_address=EMAIL_ADDRESS, password_hash=f"1:{PASSWORD}"
    )
    who = user(buyer, its)
    role = models.Role(id=fresh_id(models.Role), channel_id=shop.id, code="customer-admin", name="Customer admin")
    digest = hashlib.sha256(TOKEN.encode()).digest()
    session = models.Session(
        id=fresh_id(models.Session), channel_id=shop.id, account_id=its.id, user_id=who.id, token_sha256=digest,
        created_at=NOW, last_used_at=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    mailed = [
        models.MailedToken(
            id=fresh_id(models.MailedToken), channel_id=shop.id, purpose=purpose, subject_id=its.id,
            email_address=EMAIL_ADDRESS, salt=bytes(32), token_sha256=hashlib.sha256(token.encode()).digest(),
            created_at=NOW, expires_at=NOW + timedelta(hours=1),
        )
        for purpose, token in MAILED_TOKENS.items()
    ]  # fmt: skip
    card = models.PaymentInstrument(id=fresh_id(models.PaymentInstrument), customer_id=buyer.id, type="VISA")
    home = address(buyer, is_default=True)
    bought = [order(buyer, user_id=who.id, order_number=f"N{number}") for number in range(orders)]
    lines = [_line(one, position) for one in bought for position in range(3)]
    admin = models.Admin(
        id=fresh_id(models.Admin), username=EMAIL_ADDRESS, canonical_username=EMAIL_ADDRESS,
        scopes=[scope.value for scope in AdminScope],
        password_hash=f"1:{PASSWORD}", created_at=NOW,
    )  # fmt: skip
    looked_after = models.AdminChannel(admin_id=admin.id, channel_id=shop.id)
    admin_session = models.AdminSession(
        id=fresh_id(models.AdminSession), admin_id=admin.id, token_sha256=hashlib.sha256(ADMIN_TOKEN.encode()).digest(),
        created_at=NOW, last_used_at=NOW, expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    granted = [models.RolePermission(role_id=role.id, permission=permission) for permission in Permission]
    async with database.unit_of_work() as writing:
        for rows in (
            [shop, admin],
            [buyer, its, role, looked_after, admin_session],
            [who, *granted],
            [session, *mailed, card, home, *bought],
            lines,
        ):
            writing.add_all(rows)
            await writing.flush()
        writing.add(models.UserRole(user_id=who.id, role_id=role.id))
    named = [shop, role, buyer, who, session, home, card, *bought[:1], admin, admin_session]
    return Shop(database, statements, {type(row).__name__: row.id for row in named})


def _line(one: models.Order, position: int) -> models.OrderItem:
    return models.OrderItem(
        order_id=one.id, position=position, sku=f"S{position}", name=f"Article {position}", quantity=Decimal(1),
        unit_price=Decimal(1), line_price=Decimal(1), currency="GBP",
    )  # fmt: skip
