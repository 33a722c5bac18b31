"""The home of admins as the API shows them."""

from __future__ import annotations

from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from resolvers.channels.types import Channel
from resolvers.node import Node
from resolvers.planner import many, planned
from resolvers.sdl.descriptions import described_enum

AdminScope = described_enum(enums.AdminScope)


@planned(models.Admin)
class Admin(Node):
    """Staff of the shop operator."""

    username: str
    """What the admin signs in with: an e-mail address."""
    scopes: list[enums.AdminScope]
    """What the admin may do, as it was granted, in the order of the enum; some scopes contain others."""

    @many(Channel)
    def channels(row: type[models.Admin]) -> SelectOfScalar[models.Channel]:
        """The channels that the admin looks after, by code."""
        own = select(models.AdminChannel.channel_id).where(models.AdminChannel.admin_id == row.id)
        return select(models.Channel).where(col(models.Channel.id).in_(own)).order_by(col(models.Channel.code))
