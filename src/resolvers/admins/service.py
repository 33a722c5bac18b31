"""The home of what an operator does to admins and API keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from db.enums import AdminScope
from db.ids import new_id
from db.models import Admin, AdminChannel, ApiKey, ApiKeyChannel, Channel
from resolvers.admins.authentication import COUNTED_AS
from resolvers.channels.service import channel_of
from resolvers.rules import password_policy, tokens
from resolvers.rules.password_policy import PasswordPolicy
from resolvers.rules.violations import Violation
from resolvers.sessions.service import end_all
from resolvers.throttling import attempts

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.engine import Database
    from resolvers.rules.email_address import EmailAddress

POLICY: Final = PasswordPolicy(min_length=12)
"""Of admins, who see all customers of a shop."""


class RefusedError(ValueError):
    """An operator asks for something that can't be done. Its text says what can."""


@dataclass(frozen=True, slots=True)
class NewApiKey:
    """An API key that was made. Its text is shown this once."""

    id: str
    text: str = field(repr=False)


def require_good_password(password: str, address: EmailAddress) -> str:
    """Return the password of an admin as it is hashed. Raises `RefusedError`."""
    for code, limit in password_policy.violations(password, POLICY, [str(address)]).items():
        raise RefusedError(Violation((), code, limit).message)
    return password_policy.normalised(password) or ""


async def create_admin(  # noqa: PLR0913 - an admin is all of this
    session: AsyncSession,
    address: EmailAddress,
    password_hash: str,
    *,
    scopes: Sequence[AdminScope],
    channels: Sequence[str],
    now: datetime,
) -> str:
    """Create an admin of *channels*, by code; return the id. Raises `RefusedError` or `UnknownChannelError`."""
    admin = Admin(
        id=new_id(Admin.letters, now),
        username=str(address),
        canonical_username=address.canonical,
        scopes=_of_admin(scopes),
        password_hash=password_hash,
        created_at=now,
    )
    session.add(admin)
    try:
        await session.flush()
    except IntegrityError:
        msg = f"There is an admin {address} already."
        raise RefusedError(msg) from None
    session.add_all([AdminChannel(admin_id=admin.id, channel_id=id_) for id_ in await _ids_of(session, channels)])
    return admin.id


async def change_admin(
    session: AsyncSession, address: EmailAddress, *, scopes: Sequence[AdminScope], channels: Sequence[str]
) -> dict[str, object]:
    """Give an admin other *scopes*, and other *channels*, by code; those that are given take the place of all before.

    Sessions go on, and may what the admin may from now on. Return the admin as `all_admins` does.

    Raises `RefusedError` or `UnknownChannelError`.
    """
    admin = await _admin_of(session, address)
    if scopes:
        admin.scopes = _of_admin(scopes)
        session.add(admin)
    if channels:
        looked_after = await _ids_of(session, channels)
        await session.exec(sa.delete(AdminChannel).where(col(AdminChannel.admin_id) == admin.id))
        session.add_all([AdminChannel(admin_id=admin.id, channel_id=id_) for id_ in looked_after])
    await session.flush()
    return _described(admin, await _codes(session, AdminChannel, AdminChannel.admin_id))


async def set_enabled(session: AsyncSession, address: EmailAddress, now: datetime, *, enabled: bool) -> None:
    """Let an admin in or keep the admin out, whose sessions end then. Raises `RefusedError`."""
    admin = await _admin_of(session, address)
    admin.enabled = enabled
    session.add(admin)
    if not enabled:
        await end_all(session, admin.id, now)


async def set_password(session: AsyncSession, address: EmailAddress, password_hash: str, now: datetime) -> int:
    """Give an admin another password; all sessions end, return how many. Raises `RefusedError`."""
    admin = await _admin_of(session, address)
    admin.password_hash = password_hash
    session.add(admin)
    return await end_all(session, admin.id, now)


async def unlock_admin(database: Database, address: EmailAddress) -> int:
    """Forget the tries at an admin's password; return of how many counters. Raises `RefusedError`."""
    async with database.unit_of_work() as session:
        await _admin_of(session, address)
    return await attempts.unlock(database, COUNTED_AS, address.canonical)


async def all_admins(session: AsyncSession) -> list[dict[str, object]]:
    """Return what an operator wants to know of each admin, by address."""
    admins = (await session.exec(select(Admin).order_by(col(Admin.canonical_username)))).all()
    channels = await _codes(session, AdminChannel, AdminChannel.admin_id)
    return [_described(admin, channels) for admin in admins]


def _described(admin: Admin, channels: dict[str, list[str]]) -> dict[str, object]:
    return {
        "username": admin.username,
        "enabled": admin.enabled,
        "scopes": admin.scopes,
        "channels": channels.get(admin.id, []),
        "created_at": admin.created_at,
        "last_authenticated_at": admin.last_authenticated_at,
    }


async def create_api_key(
    session: AsyncSession, name: str, *, scopes: Sequence[AdminScope], channels: Sequence[str], now: datetime
) -> NewApiKey:
    """Create an API key for *channels*, by code. Raises `RefusedError` or `UnknownChannelError`.

    One that forwards does nothing else: it stands in a server that strangers talk to.
    """
    forwards = AdminScope.CLIENT_FORWARDING in scopes
    if forwards and set(scopes) != {AdminScope.CLIENT_FORWARDING}:
        msg = "CLIENT_FORWARDING stands alone: make another key for the other scopes."
        raise RefusedError(msg)
    text = tokens.new_token(tokens.OF_FORWARDING if forwards else tokens.OF_API_KEY)
    key = ApiKey(
        id=new_id(ApiKey.letters, now),
        name=name,
        scopes=_in_order(scopes),
        key_sha256=tokens.digest(text),
        created_at=now,
    )
    session.add(key)
    await session.flush()
    session.add_all([ApiKeyChannel(api_key_id=key.id, channel_id=id_) for id_ in await _ids_of(session, channels)])
    return NewApiKey(key.id, text)


async def revoke_api_key(session: AsyncSession, key_id: str, now: datetime) -> None:
    """Have an API key be worth nothing from now on. Raises `RefusedError`."""
    key = await session.get(ApiKey, key_id, with_for_update=True)
    if key is None:
        msg = f"There is no API key {key_id!r}. `gateway api-key list` shows their ids."
        raise RefusedError(msg)
    key.revoked_at = key.revoked_at or now
    session.add(key)


async def all_api_keys(session: AsyncSession) -> list[dict[str, object]]:
    """Return what an operator wants to know of each API key, oldest first; never its text."""
    channels = await _codes(session, ApiKeyChannel, ApiKeyChannel.api_key_id)
    return [
        {
            "id": key.id,
            "name": key.name,
            "scopes": key.scopes,
            "channels": channels.get(key.id, []),
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        for key in await session.exec(select(ApiKey).order_by(col(ApiKey.created_at), col(ApiKey.id)))
    ]


def _of_admin(scopes: Sequence[AdminScope]) -> list[str]:
    if AdminScope.CLIENT_FORWARDING in scopes:
        msg = "CLIENT_FORWARDING is a scope of API keys alone: it lets a shop's own server say for whom it calls."
        raise RefusedError(msg)
    return _in_order(scopes)


def _in_order(scopes: Sequence[AdminScope]) -> list[str]:
    if not scopes:
        msg = f"Name at least one scope: {', '.join(AdminScope)}."
        raise RefusedError(msg)
    return [scope.value for scope in AdminScope if scope in scopes]


async def _ids_of(session: AsyncSession, codes: Sequence[str]) -> list[str]:
    if not codes:
        msg = "Name at least one channel."
        raise RefusedError(msg)
    return [(await channel_of(session, code)).id for code in dict.fromkeys(codes)]


async def _codes(
    session: AsyncSession, table: type[AdminChannel | ApiKeyChannel], owner_id: str
) -> dict[str, list[str]]:
    """Return the codes of the channels of each owner."""
    found: dict[str, list[str]] = {}
    of_each = select(owner_id, Channel.code).join(Channel, col(Channel.id) == table.channel_id)
    for id_, code in await session.exec(of_each.order_by(col(Channel.code))):
        found.setdefault(id_, []).append(code)
    return found


async def _admin_of(session: AsyncSession, address: EmailAddress) -> Admin:
    its = select(Admin).where(Admin.canonical_username == address.canonical).with_for_update()
    admin = (await session.exec(its)).first()
    if admin is None:
        msg = f"There is no admin {address}. `gateway admin list` shows all."
        raise RefusedError(msg)
    return admin
