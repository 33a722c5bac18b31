"""The home of what an operator is told about shops that let whoever asks for a mail choose among all of their pages."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from db.errors import DatabaseUnavailableError
from resolvers.channels.service import channels
from resolvers.rules.links import whole_origins

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from db.engine import Database
    from db.models import Channel

_log = logging.getLogger(__name__)


def warnings(found: Iterable[Channel]) -> Iterator[str]:
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


async def warn(database: Database) -> None:
    """Log them for all channels of *database*, unless it does not answer."""
    try:
        async with database.unit_of_work() as session:
            found = [*warnings(await channels(session))]
    except DatabaseUnavailableError:
        return
    for warning in found:
        _log.warning(warning)
