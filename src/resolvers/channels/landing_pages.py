"""The home of the check that mails of the channel may lead to a page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson
import sqlalchemy as sa
from sqlmodel import col

from db.models import Channel
from db.row_query import RowQuery
from resolvers.rules import links
from resolvers.rules.errors import ConfirmationBaseUrlNotAllowed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from db.enums import MailKind
    from resolvers.context import Context

_LANDING_PAGES = RowQuery(
    sa.select(col(Channel.landing_pages)).where(col(Channel.id) == sa.bindparam("channel_id", type_=sa.Text))
)


async def require_page(context: Context, kind: MailKind, confirmation_base_url: str) -> None:
    """Raise `ConfirmationBaseUrlNotAllowed` unless mails of *kind* may lead there in the channel."""
    [landing_pages] = await _LANDING_PAGES.read(context.database, channel_id=context.channel_id)
    require_listed(orjson.loads(landing_pages), kind, confirmation_base_url)


def require_listed(landing_pages: Mapping[str, Sequence[str]], kind: MailKind, confirmation_base_url: str) -> None:
    """Raise `ConfirmationBaseUrlNotAllowed` unless it is one of *landing_pages* for the purpose of mails of *kind*."""
    if matter := links.matter(confirmation_base_url, landing_pages.get(links.PURPOSES[kind], ())):
        raise ConfirmationBaseUrlNotAllowed(matter)
