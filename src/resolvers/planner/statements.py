"""The home of statements: SQL text, compiled once, and how its parameters are fetched at each execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from resolvers.planner.arguments import Argument, BadArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable

    import sqlalchemy as sa
    from sqlalchemy.engine import Dialect

    from resolvers.planner.arguments import Fetch, Inputs, Path


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a statement: fetched from the inputs, then turned into what the driver takes."""

    fetch: Fetch
    convert: Callable[[Any], Any] | None
    path: Path

    def value(self, inputs: Inputs) -> Any:
        """Return the value for *inputs*; raise `BadArgumentError` with the path of the field."""
        try:
            fetched = self.fetch(inputs)
        except BadArgumentError as error:
            error.path = self.path
            raise
        return fetched if self.convert is None else self.convert(fetched)


@dataclass(frozen=True, slots=True)
class Statement:
    """A compiled select of exactly one row."""

    sql: str
    parameters: tuple[Parameter, ...]

    def bound(self, inputs: Inputs) -> list[Any]:
        """Return the parameters for *inputs*, in order, as the driver takes them."""
        return [parameter.value(inputs) for parameter in self.parameters]

    @classmethod
    def compiled(cls, select: sa.Select[*tuple[Any, ...]], dialect: Dialect) -> Statement:
        """Compile *select* for *dialect*."""
        compiled: Any = select.compile(dialect=dialect, compile_kwargs={"render_postcompile": True})
        binds = [compiled.binds[name] for name in compiled.positiontup or ()]
        return cls(str(compiled), tuple(_parameter(bind, dialect) for bind in binds))


def _parameter(bind: sa.BindParameter[Any], dialect: Dialect) -> Parameter:
    convert = bind.type.dialect_impl(dialect).bind_processor(dialect)
    if isinstance(bind, Argument):
        return Parameter(bind.fetch, convert, bind.path)
    value = bind.effective_value
    return Parameter(lambda _inputs: value, convert, ())
