"""The home of the proof: sends every operation to both sides and keeps what differs."""

from __future__ import annotations

import asyncio
import json
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.differential import gateway
from tests.differential.compare import essence, told
from tests.differential.data import generate, write
from tests.differential.features import EXPECTED, of_answer
from tests.differential.sending import Sending, sendings
from tests.oracle.execution import Oracle
from tests.oracle.rows import load

if TYPE_CHECKING:
    from db.engine import Database

SDL = Path(__file__).parents[2] / "schema.graphql"
AT_ONCE = 16

Answer = Callable[..., Awaitable[bytes]]


@dataclass
class Proof:
    """What came of a run."""

    seed: int
    operations: int = 0
    differences: dict[str, str] = field(default_factory=dict)
    """By document, as they are printed."""
    features: Counter[str] = field(default_factory=Counter)

    def add(self, other: Proof) -> None:
        """Count in what came of *other*."""
        self.operations += other.operations
        self.differences |= other.differences
        self.features += other.features

    @property
    def missing(self) -> list[str]:
        """The features that never occurred."""
        return [feature for feature in EXPECTED if not self.features[feature]]

    def table(self) -> str:
        """Return how often each feature occurred."""
        names = [*EXPECTED, *sorted(set(self.features) - set(EXPECTED))]
        return "\n".join(f"{self.features[name]:>8}  {name}" for name in names)


async def prepare(database: Database, seed: int) -> tuple[Oracle, list[tuple[str, str]]]:
    """Write the data of *seed* into an empty database; return an oracle over it, and the bearer tokens."""
    data = generate(seed)
    await write(database, data)
    return Oracle(SDL.read_text(), await load(database)), data.tokens


async def prove(
    database: Database, seed: int, count: int, most_differences: int = 5, answer: Answer = gateway.answer
) -> Proof:
    """Compare both sides on *count* operations over a database that is still empty; stop after some differences."""
    oracle, tokens = await prepare(database, seed)
    proof = Proof(seed)
    batch: list[Sending] = []
    for sending in sendings(oracle, tokens, seed, count):
        batch.append(sending)
        if len(batch) == AT_ONCE:
            await _compare(proof, oracle, database, batch, answer)
            batch = []
        if len(proof.differences) >= most_differences:
            return proof
    await _compare(proof, oracle, database, batch, answer)
    return proof


async def _compare(proof: Proof, oracle: Oracle, database: Database, batch: list[Sending], answer: Answer) -> None:
    asked = [asyncio.create_task(ask(database, sending, answer)) for sending in batch]
    await asyncio.sleep(0)  # the database works while the oracle thinks
    for sending, task in zip(batch, asked, strict=True):
        expected = oracle.execute(sending.document, sending.variables, sending.operation_name, sending.caller)
        proof.operations += 1
        proof.features.update(sending.features | of_answer(expected))
        actual = await task
        if actual != (wanted := essence(expected)):
            # one sending tells enough of a document
            proof.differences.setdefault(sending.document, told(sending, proof.seed, wanted, actual))


async def ask(database: Database, sending: Sending, answer: Answer) -> str:
    """Return the essence of the gateway's response, or what it died of."""
    caller = sending.caller
    try:
        body = await answer(
            database,
            caller.channel_code,
            caller.token,
            caller.now,
            sending.document,
            sending.variables,
            sending.operation_name,
        )
        response: dict[str, Any] = json.loads(body)
    except Exception as error:  # noqa: BLE001 - whatever it is, it differs from the oracle's answer
        return f"{type(error).__name__}: {error}\n{''.join(traceback.format_tb(error.__traceback__)[-4:])}"
    return essence(response)
