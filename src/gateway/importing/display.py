"""The home of what an operator sees while a file is imported: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, Self

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from types import TracebackType

    from rich.console import Console

_LINE_EVERY_SECONDS: Final = 10.0


class Display:
    """Shows how far the work on *size* bytes has come."""

    def __init__(self, console: Console, size: int) -> None:
        """Show it on *console*."""
        self._console = console
        self._size = size
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TextColumn("{task.fields[told]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=size, told="")
        self._begun = self._printed = monotonic()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bar.stop()

    def show(self, step: str, offset: int, records: int = 0, refused: int = 0) -> None:
        """Tell that *step* has come to the byte *offset*, and how many records it has done since the start."""
        seconds = max(monotonic() - self._begun, 0.001)
        told = f"{records:,} records, {records / seconds:,.0f}/s, {refused:,} refused" if records else ""
        self._bar.update(self._task, description=step, completed=offset, told=told)
        if not self._console.is_terminal and monotonic() - self._printed >= _LINE_EVERY_SECONDS:
            self._printed = monotonic()
            self.tell(f"{step}: {offset / max(self._size, 1):.0%} {told}".rstrip())

    def tell(self, line: str) -> None:
        """Print *line* above the bar."""
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
