"""The home of what is sent: documents with variables and a caller, repeatable from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Any

from tests.differential.callers import Callers, Focus
from tests.differential.kinds import Run
from tests.differential.operations import Writer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.oracle.access import Caller
    from tests.oracle.execution import Oracle

SENDINGS_OF_A_DOCUMENT = 6
"""A document is sent several times, with other variables and by others: that is what cached plans are for."""


@dataclass(frozen=True)
class Sending:
    """One operation, as a client sends it."""

    name: str
    document: str
    variables: dict[str, Any]
    operation_name: str | None
    caller: Caller
    features: frozenset[str]


def sendings(oracle: Oracle, tokens: list[tuple[str, str]], seed: int, count: int) -> Iterator[Sending]:
    """Return the *count* operations of *seed*."""
    callers = Callers(oracle.stored, tokens, Random(f"callers {seed}"))  # noqa: S311 - must be repeatable
    for number in range(-(-count // SENDINGS_OF_A_DOCUMENT)):
        random = Random(f"{seed} {number}")  # noqa: S311 - must be repeatable
        focus, kind = callers.anyone()
        document = Writer(oracle.schema, focus, random).document()
        assert oracle.check(document.text)[0], f"the generator wrote an invalid document:\n{document.text}"
        for turn in range(min(SENDINGS_OF_A_DOCUMENT, count - number * SENDINGS_OF_A_DOCUMENT)):
            run = Run(random, focus)
            document.send(run)
            features = frozenset({*run.features, kind})
            yield Sending(
                f"{number}.{turn}", document.text, run.variables, document.operation_name, focus.caller, features
            )
            focus, kind = _next(callers, focus, kind, random)


def _next(callers: Callers, focus: Focus, kind: str, random: Random) -> tuple[Focus, str]:
    return (focus, kind) if random.random() < 0.5 else callers.anyone()
