"""The home of what the rules need from the world and the gateway supplies: the time, and slow hashes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Return the present moment, aware and in UTC."""
        ...


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right, and whether its hash was made with parameters that are not today's."""

    matches: bool
    needs_rehash: bool = False


class Hasher(Protocol):
    """Hashes passwords slowly, outside of every transaction. Raises `RateLimited` when there is too much to hash."""

    async def hash(self, password: str, beside: str | None = None) -> str:
        """Return the hash to store; with the salt of the hash *beside*, so that the two are equal if the passwords are.

        One look then tells whether a password is any of several.
        """
        ...

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        """Judge *password*; without a hash (nobody to sign in) do the same work and answer that it does not match."""
        ...
