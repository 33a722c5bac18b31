"""The home of what tests of staff share: admins and API keys of a shop."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlmodel import select

from db import models
from db.enums import AdminScope
from resolvers.admins import service
from resolvers.rules.email_address import EmailAddress
from tests.api.services import PASSWORD

if TYPE_CHECKING:
    from resolvers.context import Context
    from tests.api.signing_in import Shop

BOSS = "boss@paloma.example"
EVERYTHING = tuple(scope for scope in AdminScope if scope is not AdminScope.CLIENT_FORWARDING)


async def an_admin(context: Context, username: str = BOSS, *scopes: AdminScope) -> str:
    """Make an admin of the shop with `PASSWORD`, of all scopes unless some are named; return the id."""
    address = EmailAddress.parse(username)
    async with context.database.unit_of_work() as session:
        return await service.create_admin(
            session,
            address,
            await context.hasher.hash(PASSWORD),
            scopes=scopes or EVERYTHING,
            channels=[await _code(context)],
            now=context.clock.now(),
        )


async def an_api_key(context: Context, *scopes: AdminScope) -> str:
    """Make an API key of the shop, of all scopes unless some are named; return its text."""
    async with context.database.unit_of_work() as session:
        key = await service.create_api_key(
            session, "ERP", scopes=scopes or EVERYTHING, channels=[await _code(context)], now=context.clock.now()
        )
    return key.text


async def as_admin(shop: Shop, username: str = BOSS, *scopes: AdminScope) -> Shop:
    """Return the shop for the requests of a new admin who signed in."""
    await an_admin(shop.context, username, *scopes)
    return await signed_in(shop, username)


async def signed_in(shop: Shop, username: str = BOSS) -> Shop:
    """Return the shop for the requests of an admin who signs in."""
    found = await shop.do("authenticateAdmin", username=username, password=PASSWORD)
    return shop.by(token=found["authentication"]["token"])


async def as_back_end(shop: Shop, *scopes: AdminScope) -> Shop:
    """Return the shop for the requests of a system with a new API key."""
    return shop.by(token=None, api_key=await an_api_key(shop.context, *scopes))


async def _code(context: Context) -> str:
    async with context.database.unit_of_work() as session:
        its = select(models.Channel.code).where(models.Channel.id == context.channel_id)
        return (await session.exec(its)).one()
