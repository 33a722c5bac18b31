"""The home of registrations that wait for their link: so many of an address stand side by side, each for itself.

A link proves the address, not who filled the form. So nothing that a form does takes anything from another form.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlmodel import col, select

from db.enums import TokenPurpose
from db.models import Registration
from db.upsert import Upsert
from resolvers.mails.mailed_tokens import void

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

PLACES = (1, 2, 3)
"""Of an address. Who comes when all are taken is refused, and not told: to make room would take a place from somebody,
who may be the owner."""

_TABLE: Any = sa.inspect(Registration).local_table


def _given(name: str) -> sa.BindParameter[Any]:
    # Not by the name of the column: that is SQLAlchemy's own in an INSERT.
    return sa.bindparam(f"given_{name}", type_=_TABLE.c[name].type)


def _of(row: Any, channel_id: Any, canonical: Any) -> sa.ColumnElement[bool]:  # noqa: ANN401 - columns or parameters
    return sa.and_(row.channel_id == channel_id, row.canonical_email_address == canonical)


def hash_at(place: int, channel_id: Any, canonical: Any) -> sa.ScalarSelect[str]:  # noqa: ANN401 - columns or parameters
    """Return the hash of the password of the registration at a *place* of an address; NULL if there is none."""
    row = _TABLE.alias()
    its = sa.select(row.c.password_hash).where(_of(row.c, channel_id, canonical), row.c.place == place)
    return its.scalar_subquery()


def any_hash(channel_id: Any, canonical: Any) -> sa.ColumnElement[str]:  # noqa: ANN401 - columns or parameters
    """Return the first of these hashes, with whose salt the next is made."""
    return sa.func.coalesce(*(hash_at(place, channel_id, canonical) for place in PLACES))


_NAMES = [name for name in _TABLE.c.keys() if name != "place"]  # noqa: SIM118 - of columns, which compare as SQL
_PLACES = sa.union_all(*(sa.select(sa.literal_column(str(place)).label("place")) for place in PLACES)).subquery()
_IS_TAKEN = sa.exists().where(
    _of(_TABLE.c, _given("channel_id"), _given("canonical_email_address")), _TABLE.c.place == _PLACES.c.place
)
_FREE = sa.select(*map(_given, _NAMES), _PLACES.c.place).where(~_IS_TAKEN).order_by(_PLACES.c.place).limit(1)
_KEPT = Upsert(
    Registration,
    # Who is overtaken on the way to the last place is refused as well.
    lambda insert: insert.from_select([*_NAMES, "place"], _FREE).on_conflict_do_nothing(
        index_elements=["channel_id", "canonical_email_address", "place"]
    ),
)


async def keep(session: AsyncSession, registration: Registration) -> None:
    """Keep a registration until its address is proved, if there is a place left: one statement, whatever there is."""
    await _KEPT.execute(session, **{f"given_{name}": getattr(registration, name) for name in _NAMES})


async def lock(session: AsyncSession, channel_id: str, canonical: str) -> None:
    """Have whoever else follows a link of the address wait; before its tokens, as all do who change both."""
    row = Registration
    its = select(row.id).where(_of(row, channel_id, canonical))
    await session.exec(its.order_by(col(row.id)).with_for_update())


async def admit(
    session: AsyncSession, registration_id: str, channel_id: str, canonical: str, now: datetime
) -> Registration | None:
    """Remove all registrations of an address, and return the one whose link was followed; None if it is not there."""
    removal = sa.delete(Registration).where(_of(Registration, channel_id, canonical)).returning(Registration)
    removed = {found.id: found for found in (await session.exec(removal)).scalars()}
    for found in removed:
        # Mails that are tried again bring no link that is dead.
        await void(session, found, TokenPurpose.EMAIL_CONFIRMATION, now)
    return removed.get(registration_id)
