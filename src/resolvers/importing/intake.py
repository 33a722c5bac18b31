"""The home of taking in many records at once: what every kind of record does alike.

A kind looks up what its records refer to by a few statements, whatever their number; judges each of them; and writes
those that are good. The caller owns the unit of work.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import orjson
import sqlalchemy as sa
from sqlmodel import col, select

from db import models
from db.json_text import array_values
from db.postgres import take_turn
from resolvers.rules.errors import InvalidInput
from resolvers.rules.inspection import Inspection
from resolvers.rules.violations import ViolationCode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

NO_CUSTOMER: Final = "The shop has no customer of this number. Bring in the customer first."

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that at most so many records may have: a number, an address, a place in an address book."""

    field: tuple[str, ...]
    key: str
    most: int = 1
    taken: str | None = None
    """What to tell whom it is refused, unless that is told by its code."""


class Found(Protocol[R_contra]):
    """What was looked up for some records: that they refer to, and what is claimed already."""

    @property
    def held(self) -> Mapping[str, int]:
        """How many hold the keys of the claims, in the database."""
        ...

    @property
    def known(self) -> Collection[str]:
        """The digests of records that are in already."""
        ...

    def refer(self, record: R_contra, inspection: Inspection) -> Sequence[Claim]:
        """Return what *record* claims; note what it refers to and is not there."""
        ...

    async def write(self, session: AsyncSession, records: Sequence[R_contra]) -> None:
        """Insert *records*, which were all judged good, in their order."""
        ...


F_co = TypeVar("F_co", bound=Found[Any], covariant=True)


class Intake(Protocol[R, F_co]):
    """Takes records of one kind into one channel."""

    def checked(self, fields: Mapping[str, object], inspection: Inspection) -> R:
        """Return the record that *fields* tell; use it only if *inspection* found nothing."""
        ...

    async def look_up(self, session: AsyncSession, records: Sequence[R]) -> F_co:
        """Look up what *records* refer to, and keep others from changing it until the unit of work ends."""
        ...


class Claimed(Protocol):
    """How many claims the records so far have made."""

    def __getitem__(self, key: str, /) -> int:
        """Return how many hold *key*."""
        ...

    def update(self, keys: Iterable[str], /) -> None:
        """Count one more for each of *keys*."""
        ...


def judge(found: Found[R], records: Iterable[tuple[R, Inspection]], claimed: Claimed | None = None) -> list[R]:
    """Return the *records* whose inspections find nothing, given what was *found*; the others' tell why.

    *claimed* counts what records before these hold that the database does not know of.
    """
    tally: Claimed = Counter[str]() if claimed is None else claimed
    good = []
    for record, inspection in records:
        claims = found.refer(record, inspection)
        for claim in claims:
            if found.held.get(claim.key, 0) + tally[claim.key] >= claim.most:
                taken = claim.most == 1
                code = ViolationCode.TAKEN if taken else ViolationCode.TOO_MANY
                inspection.add(claim.field, code, None if taken else claim.most, claim.taken)
        if not inspection.violations:
            tally.update([claim.key for claim in claims])
            good.append(record)
    return good


async def take_all(
    session: AsyncSession, intake: Intake[R, F_co], fields: Iterable[Mapping[str, object]], within: tuple[str, ...] = ()
) -> tuple[F_co, list[R]]:
    """Take in the records that *fields* tell, all of them or none; return what was found, and the records.

    Raises `InvalidInput`, whose paths begin with the position of a record *within* the input.
    """
    inspected = []
    for each in fields:
        inspection = Inspection()
        inspected.append((intake.checked(each, inspection), inspection))
    _finish(inspected, within)
    found = await intake.look_up(session, [record for record, _ in inspected])
    good = judge(found, inspected)
    _finish(inspected, within)
    await found.write(session, good)
    return found, good


def _finish(inspected: Sequence[tuple[object, Inspection]], within: tuple[str, ...]) -> None:
    """Raise what any of the inspections found."""
    violations = [
        replace(violation, field=(*within, str(position), *violation.field))
        for position, (_, inspection) in enumerate(inspected)
        for violation in inspection.violations
    ]
    if violations:
        raise InvalidInput(violations)


def among(column: Any, values: Iterable[str]) -> sa.ColumnElement[bool]:  # noqa: ANN401 - a column, which its model types as its value
    """Tell whether *column* is one of *values*: one parameter, however many they are."""
    texts = orjson.dumps(list(dict.fromkeys(values))).decode()
    return col(column).in_(array_values(sa.literal(texts, sa.Text)))


async def customer_ids(session: AsyncSession, channel_id: str, numbers: Iterable[str]) -> dict[str, str]:
    """Return the ids of the channel's customers of these *numbers*, by number."""
    found = await session.exec(
        select(models.Customer.customer_number, models.Customer.id).where(
            models.Customer.channel_id == channel_id, among(models.Customer.customer_number, numbers)
        )
    )
    return dict(found.all())


async def take_intake_turn(session: AsyncSession, channel_id: str) -> None:
    """Have one intake at a time write to a channel: two that want the same would fail, or wait for each other."""
    await take_turn(session, sha256(f"intake {channel_id}".encode()).digest()[:7])
