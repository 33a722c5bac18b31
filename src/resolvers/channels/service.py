"""The home of what is done to channels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from db import models
from db.ids import new_id
from resolvers.channels.rules import DEFAULTS, ChannelChanges, ChannelSettings, WrongSettingsError, checked
from resolvers.rules.rights import contained
from resolvers.rules.roles import BUILT_IN_ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Unpack

    from sqlmodel.ext.asyncio.session import AsyncSession


class UnknownChannelError(LookupError):
    """No channel has this code. Its text says which codes there are."""

    def __init__(self, code: str, codes: Sequence[str]) -> None:
        """Tell of *codes* instead."""
        super().__init__(f"There is no channel {code!r}. There are: {', '.join(codes) or 'none'}.")


async def create_channel(
    session: AsyncSession, *, now: datetime, code: str, name: str, **settings: Unpack[ChannelSettings]
) -> str:
    """Create a channel with the built-in roles; return its id. Raises `WrongSettingsError`."""
    columns = checked({"code": code, "name": name, **settings}, DEFAULTS)
    channel = models.Channel(id=new_id(models.Channel.letters, now), **columns)
    session.add(channel)
    try:
        await session.flush()
    except IntegrityError as error:
        # PostgreSQL names the constraint, SQLite its columns.
        if "code" in str(error.orig):
            raise WrongSettingsError({"code": "there is a channel with this code already"}) from None
        raise
    await _create_roles(session, channel.id, now)
    return channel.id


async def change_channel(session: AsyncSession, code: str, **changes: Unpack[ChannelChanges]) -> models.Channel:
    """Change the channel *code*, and nothing else of it. Raises `UnknownChannelError` or `WrongSettingsError`."""
    channel = await channel_of(session, code)
    # What is written depends on what was read: who changes the same channel waits here.
    await session.refresh(channel, with_for_update=True)
    standing = {name: getattr(channel, name) for name in ("locales", "default_locale", "landing_pages")}
    channel.sqlmodel_update(checked(changes, standing))
    await session.flush()
    return channel


async def channel_of(session: AsyncSession, code: str) -> models.Channel:
    """Return the channel *code*. Raises `UnknownChannelError`."""
    # A command line may hold what no code does, and what no driver can send.
    known = select(models.Channel).where(models.Channel.code == code)
    if code.isprintable() and (channel := (await session.exec(known)).first()):
        return channel
    raise UnknownChannelError(code, [channel.code for channel in await channels(session)])


async def channels(session: AsyncSession) -> Sequence[models.Channel]:
    """Return all channels, by their codes."""
    return (await session.exec(select(models.Channel).order_by(col(models.Channel.code)))).all()


async def _create_roles(session: AsyncSession, channel_id: str, now: datetime) -> None:
    roles = {
        built_in: models.Role(
            id=new_id(models.Role.letters, now), channel_id=channel_id, code=built_in.code, name=built_in.name
        )
        for built_in in BUILT_IN_ROLES
    }
    session.add_all(roles.values())
    await session.flush()
    session.add_all(
        models.RolePermission(role_id=role.id, permission=permission)
        for built_in, role in roles.items()
        # With all that they contain, so that no read has to know of that.
        for permission in contained(built_in.permissions)
    )
    await session.flush()
