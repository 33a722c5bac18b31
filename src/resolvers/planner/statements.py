"""The home of statements: SQL text, compiled once, and how its parameters are fetched at each execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resolvers.planner.arguments import composed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sqlalchemy.engine import Dialect

    from resolvers.planner.arguments import Fetch, Inputs, Path


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a statement: fetched from the inputs, then turned into what the driver takes."""

    fetch: Fetch
    path: Path
    convert: Callable[[Any], Any] | None = None


Sql = list[str | Parameter]
"""SQL in pieces, between which its parameters stand."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled select of exactly one row."""

    sql: str
    parameters: tuple[Parameter, ...]
    fetches: tuple[Fetch, ...]
    """What fetches and converts each of the parameters in one step."""

    def bound(self, inputs: Inputs) -> list[Any]:
        """Return the parameters for *inputs*, in order, as the driver takes them; may raise `BadArgumentError`."""
        return [fetch(inputs) for fetch in self.fetches]

    @classmethod
    def written(cls, sql: Sql, dialect: Dialect) -> Statement:
        """Return the statement of *sql*, with the parameters as *dialect* writes them."""
        numbers: dict[Parameter, int] = {}
        text, parameters = [], []
        numbered = dialect.name == "postgresql"
        for piece in sql:
            if isinstance(piece, str):
                text.append(piece)
                continue
            if not numbered or piece not in numbers:
                parameters.append(piece)
                numbers[piece] = len(parameters)
            text.append(f"${numbers[piece]}" if numbered else "?")
        return cls("".join(text), tuple(parameters), tuple(_fetches(parameters)))


def _fetches(parameters: Iterable[Parameter]) -> Iterable[Fetch]:
    """Return what fetches and converts in one step."""
    for parameter in parameters:
        convert = parameter.convert
        yield parameter.fetch if convert is None else composed(convert, parameter.fetch)
