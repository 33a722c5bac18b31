"""The home of what is allowed and looks wrong: told at the start, and once more when it bites."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlmodel import col

from db.models import Channel
from db.row_query import RowQuery
from gateway.operator.config import unknown
from gateway.operator.secret_key import is_guessable
from gateway.operator.settings import PREFIX
from resolvers.rules.links import whole_origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from db.engine import Database
    from gateway.operator.settings import Settings


_CHANNELS = RowQuery(
    sa.select(
        sa.select(sa.func.count()).select_from(Channel).scalar_subquery(),
        sa.select(sa.func.count()).where(col(Channel.code) == sa.bindparam("code", type_=sa.Text)).scalar_subquery(),
    )
)


def of_environment(kind: type[Settings]) -> Iterator[str]:
    """Yield what is the matter with variables that look like settings of *kind*."""
    names = [field.upper() for field in kind.model_fields]
    for name in unknown(kind):
        near = get_close_matches(name.removeprefix(PREFIX), names, 1)
        yield f"{name} is no setting.{f' Did you mean {PREFIX}{near[0]}?' if near else ''}"


def of_settings(settings: Settings) -> Iterator[str]:
    """Yield what looks wrong in *settings*."""
    yield from of_environment(type(settings))
    if any(is_guessable(key.get_secret_value()) for key in settings.secret_key):
        yield (
            "GATEWAY_SECRET_KEY has few different characters, or repeats itself: who guesses it makes links that reset "
            "passwords. Make one by: openssl rand -base64 32"
        )
    if settings.mailbox:
        yield "GATEWAY_MAILBOX is true: mails are sent to nobody and shown to everybody. It is for development."
    if settings.playground:
        yield "GATEWAY_PLAYGROUND is true: browsers that open an endpoint get GraphiQL."
    if settings.smtp_url is None and not settings.mailbox:
        yield "GATEWAY_SMTP_URL is not set: this process sends no mails. They wait for one that does: gateway mail run"


async def of_channels(database: Database, default_channel: str | None) -> list[str]:
    """Return what is the matter with the channels that there are; raise `DatabaseUnavailableError`."""
    channels, has_default = await _CHANNELS.read(database, code=default_channel or "")
    if not channels:
        return [
            "There is no channel, so that all of /{channel}/graphql is 404. Make one: gateway channel create --help"
        ]
    return [] if default_channel is None or has_default else [absent(default_channel)]


def absent(default_channel: str) -> str:
    """Return what is to be told where the default channel is none."""
    return f"GATEWAY_DEFAULT_CHANNEL is {default_channel!r}, and there is no such channel: /graphql is 404."


def of_landing_pages(found: Iterable[Channel]) -> Iterator[str]:
    """Yield a sentence for each whole origin that one of the channels *found* still lists."""
    for channel in found:
        purposes: dict[str, list[str]] = {}
        for purpose, pages in channel.landing_pages.items():
            for origin in whole_origins(pages):
                purposes.setdefault(origin, []).append(purpose)
        for origin, its in purposes.items():
            yield (
                f"Links in mails of channel {channel.code} may lead to every page below {origin}, and whoever asks for "
                f"a mail picks one ({', '.join(its)}). List the pages that take the token: "
                f"gateway channel set {channel.code} --landing-page {its[0]}={origin}..."
            )
