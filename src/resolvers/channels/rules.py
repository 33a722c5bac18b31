"""The home of the check that mails of the channel may link to a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa
from sqlmodel import col

from db.models import Channel
from db.row_query import RowQuery
from resolvers import links
from resolvers.errors import ConfirmationBaseUrlNotAllowed

if TYPE_CHECKING:
    from resolvers.context import Context

_LINK_ORIGINS = RowQuery(
    sa.select(col(Channel.link_origins)).where(col(Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def require_link(context: Context, confirmation_base_url: str) -> None:
    """Raise `ConfirmationBaseUrlNotAllowed` unless mails of the channel may link there."""
    [origins] = await _LINK_ORIGINS.read(context.database, channel_id=context.channel_id)
    if not links.is_allowed(confirmation_base_url, orjson.loads(origins)):
        raise ConfirmationBaseUrlNotAllowed
