"""The home of commands that a test runs in its own process, on a database of its own."""

from __future__ import annotations

import os

from typer.testing import CliRunner, Result

from gateway.cli import app


def run(url: str, *arguments: str) -> Result:
    """Run `gateway` with the database at *url* and no other setting."""
    others = dict.fromkeys(name for name in os.environ if name.startswith("GATEWAY_"))
    return CliRunner().invoke(app, arguments, env={**others, "GATEWAY_DATABASE_URL": url, "COLUMNS": "200"})


def printed(result: Result) -> dict[str, str]:
    """Return what a command printed line by line of one thing."""
    assert result.exit_code == 0, result.output
    return dict(line.split("=", 1) for line in result.stdout.splitlines())


def complaints(result: Result) -> list[str]:
    """Return the lines of a command that refused to do anything."""
    assert (result.exit_code, result.stdout) == (1, ""), result.output
    return result.stderr.splitlines()
