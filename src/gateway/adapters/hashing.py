"""The home of Argon2: how passwords are hashed, how many at a time, and how long a caller waits for a turn."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from base64 import b64decode
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from argon2 import Parameters, PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from resolvers.ports import Verdict
from resolvers.rules.errors import Limit, RateLimited

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# 19 MiB and two passes: OWASP and ASVS 5 accept it, and two cores do 80 a second.
PRODUCTION: Final = Parameters(
    type=Type.ID, version=19, salt_len=16, hash_len=32, time_cost=2, memory_cost=19 * 1024, parallelism=1
)
_LONGEST_WAIT_SECONDS = 2.0
_LONGEST_QUEUE = 32
_LEAST_MEMORY = 8  # KiB; Argon2's own minimum for one lane


def permits(workers: int = 1) -> int:
    """Return how many hashes each of *workers* processes makes at a time; more would only wait and hold memory."""
    return max(1, (os.cpu_count() or 1) // workers)


class Argon2Hasher:
    """Hashes in threads of its own, *at_once* at a time.

    A thread is the permit: a caller who gives up can't leak it, and leaves the queue if its turn has not come.
    """

    def __init__(
        self,
        parameters: Parameters = PRODUCTION,
        *,
        at_once: int | None = None,
        longest_wait: float = _LONGEST_WAIT_SECONDS,
        longest_queue: int = _LONGEST_QUEUE,
    ) -> None:
        """Make the hash that unknown users are judged by, with the same *parameters* as everybody's."""
        self._at_once, self._longest_queue = at_once or permits(), longest_queue
        self._parameters = parameters
        self._argon2 = PasswordHasher.from_parameters(parameters)
        self._dummy = self._argon2.hash(secrets.token_bytes(16))
        self._longest_wait = longest_wait
        self._places = threading.BoundedSemaphore(self.places)
        self._threads = ThreadPoolExecutor(self._at_once, thread_name_prefix="argon2")

    @property
    def places(self) -> int:
        """How many are hashed or wait at a time."""
        return self._at_once + self._longest_queue

    async def hash(self, password: str, beside: str | None = None) -> str:
        """Return the hash to store, by a salt of its own unless there is one *beside* it."""
        salt = _salt_of(beside) if beside else None
        return await self._in_turn(lambda: self._argon2.hash(password, salt=salt))

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        """Judge *password*; a missing, damaged or cheaper hash costs the same work as a good one."""
        return await self._in_turn(lambda: self._judge(password_hash, password))

    def close(self) -> None:
        """Let running hashes end, drop waiting ones."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise RateLimited(1, Limit.HASHER)
        turn = self._threads.submit(work)
        turn.add_done_callback(lambda _: self._places.release())
        answer = asyncio.wrap_future(turn)
        try:
            await asyncio.wait({answer}, timeout=self._longest_wait)
            # cancel() succeeds only if no thread has begun: work that runs is waited for.
            if turn.cancel():
                raise RateLimited(1, Limit.HASHER)
            return await answer
        finally:
            turn.cancel()

    def _judge(self, password_hash: str | None, password: str) -> Verdict:
        try:
            secret = password.encode()
        except UnicodeEncodeError:
            # A lone surrogate is nobody's password, and must take as long as any wrong one.
            password_hash, secret = None, b""
        if password_hash is None:
            return self._refuse(secret)
        try:
            self._argon2.verify(password_hash, secret)
        except VerifyMismatchError:
            self._pad(extract_parameters(password_hash))
            return Verdict(matches=False)
        except (VerificationError, InvalidHashError):
            # A damaged hash: the second is a ValueError, not a VerificationError.
            return self._refuse(secret)
        return Verdict(matches=True, needs_rehash=self._argon2.check_needs_rehash(password_hash))

    def _refuse(self, secret: bytes) -> Verdict:
        with suppress(VerifyMismatchError):
            self._argon2.verify(self._dummy, secret)
        return Verdict(matches=False)

    def _pad(self, spent: Parameters) -> None:
        """Do the work that an older, cheaper hash saved: else its speed would tell that the user exists."""
        passes = self._parameters.time_cost
        missing = (_work(self._parameters) - _work(spent)) // passes
        if missing >= _LEAST_MEMORY:
            PasswordHasher(time_cost=passes, memory_cost=missing, parallelism=1).hash(b"")


def _salt_of(password_hash: str) -> bytes | None:
    """Return the salt of a hash in the text form of the reference implementation; None if it has none."""
    *_, text, _digest = ("", "", *password_hash.split("$"))
    try:
        return b64decode(text + "=" * (-len(text) % 4), validate=True) or None
    except ValueError:
        return None


def _work(parameters: Parameters) -> int:
    return parameters.memory_cost * parameters.time_cost
