"""What an operator sees: a bar on a terminal; elsewhere a line now and then, and each thing that is told."""

from __future__ import annotations

import io

from rich.console import Console

from gateway.importing.display import Display


def test_a_terminal_shows_how_far_it_is() -> None:
    console = Console(file=io.StringIO(), force_terminal=True, width=120)
    with Display(console, 1000) as display:
        display.show("Orders", 250, records=40, refused=3)
        display.tell("line 7: [bold]x[/bold]")
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is the one from above

    assert "Orders" in shown
    assert "25%" in shown
    assert "40 records" in shown
    assert "3 refused" in shown
    assert "line 7: [bold]x[/bold]" in shown


def test_a_file_gets_lines_without_colours() -> None:
    console = Console(file=io.StringIO(), width=40)
    with Display(console, 1000) as display:
        display.show("Orders", 250, records=40)
        display.tell("line 7: " + "x" * 100)
    shown = console.file.getvalue()  # type: ignore[attr-defined]  # it is the one from above

    assert shown == "line 7: " + "x" * 100 + "\n"
