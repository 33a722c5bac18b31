"""The home of how a command fails: it tells an operator what is wrong and what mends it, in place of a traceback."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def explained(exit_code: int = 1) -> Iterator[None]:
    """Print the text of an `OperatorError`, and end with *exit_code*."""
    from gateway.operator.settings import OperatorError  # noqa: PLC0415 - imports the database

    try:
        yield
    except OperatorError as error:
        typer.secho(str(error), err=True, fg=typer.colors.RED)
        raise typer.Exit(exit_code) from None
