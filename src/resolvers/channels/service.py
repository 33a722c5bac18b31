"""The home of what operations on channels do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db import models
from db.enums import ChannelKind, RegistrationPolicy
from db.ids import new_id
from resolvers import locales as locale_rules
from resolvers.roles import BUILT_IN_ROLES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession


async def create_channel(  # noqa: PLR0913 - a channel is its settings
    session: AsyncSession,
    *,
    now: datetime,
    code: str,
    name: str,
    kind: ChannelKind = ChannelKind.B2C,
    locales: Sequence[str] = ("en_US",),
    default_locale: str | None = None,
    registration: RegistrationPolicy = RegistrationPolicy.OPEN,
    password_min_length: int = 8,
    password_strength_checked: bool = True,
) -> str:
    """Create a channel with the built-in roles; return its id.

    The first of *locales* is the default one unless *default_locale* says otherwise. Raises `ValueError` for a locale
    that does not exist.
    """
    normalised = list(
        dict.fromkeys(map(locale_rules.normalised, (*locales, *([default_locale] if default_locale else ()))))
    )
    channel = models.Channel(
        id=new_id(models.Channel.letters, now),
        code=code,
        name=name,
        kind=kind,
        locales=normalised,
        default_locale=locale_rules.normalised(default_locale) if default_locale else normalised[0],
        registration=registration,
        password_min_length=password_min_length,
        password_strength_checked=password_strength_checked,
    )
    session.add(channel)
    await session.flush()
    await _create_roles(session, channel.id, now)
    return channel.id


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
        for permission in built_in.permissions
    )
    await session.flush()
