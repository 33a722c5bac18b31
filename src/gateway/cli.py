"""The home of the command line. Each command imports what it needs: `gateway --help` shall not wait for a database."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands import admin, api_key, channel, mail, users
from gateway.commands.failures import explained
from gateway.importing.job import SUFFIXES, Format, Job, Kind
from gateway.serving import collector

if TYPE_CHECKING:
    from gateway.operator.config import Setting

app = typer.Typer(
    help="A GraphQL gateway for the customers of shops.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # it would print the values of local variables
)
app.add_typer(channel.app, name="channel")
app.add_typer(users.app, name="users")
app.add_typer(admin.app, name="admin")
app.add_typer(api_key.app, name="api-key")
app.add_typer(mail.app, name="mail")

Host = Annotated[str | None, typer.Option(help="Address to listen at [GATEWAY_HOST; 127.0.0.1].", show_default=False)]
Port = Annotated[
    int | None, typer.Option(min=0, max=65535, help="Port to listen at [GATEWAY_PORT; 8000].", show_default=False)
]
Workers = Annotated[
    int | None, typer.Option(min=1, max=256, help="Number of processes [GATEWAY_WORKERS; 1].", show_default=False)
]


@app.command()
def serve(host: Host = None, port: Port = None, workers: Workers = None) -> None:
    """Serve the database of GATEWAY_DATABASE_URL."""
    collector.pause()
    with explained():
        from gateway.operator.settings import Settings, load  # noqa: PLC0415
        from gateway.playground import playground_of  # noqa: PLC0415 - see the docstring of the module
        from gateway.serve import require_address  # noqa: PLC0415
        from gateway.serve import serve as serve_until_stopped  # noqa: PLC0415
        from gateway.serving.checks import doubts_of  # noqa: PLC0415

        settings = load(Settings, host=host, port=port, workers=workers)
        # Here and not in the application: of that uvicorn would print a traceback, and start worker after worker.
        playground_of(settings)
        doubts = asyncio.run(doubts_of(settings))
        require_address(settings)
        serve_until_stopped(settings, doubts)


@app.command()
def demo(host: Host = None, port: Port = None) -> None:
    """Serve two shops with customers and orders, from a file in ./demo unless GATEWAY_DATABASE_URL names a database."""
    with explained():
        from rich.console import Console  # noqa: PLC0415

        from gateway.demo.trial import announcement, prepare  # noqa: PLC0415
        from gateway.operator.settings import DemoSettings, load  # noqa: PLC0415
        from gateway.playground import playground_of  # noqa: PLC0415
        from gateway.serve import require_address, serve_demo  # noqa: PLC0415

        settings = load(DemoSettings, host=host, port=port, workers=1)
        playground_of(settings)  # before the work of loading
        require_address(settings)
        console = Console(stderr=True)
        with console.status("Starting") as status:

            def tell(step: str) -> None:
                console.print(f"{step} ...", style="dim")
                status.update(step)

            own = "database_url" not in settings.model_fields_set
            asyncio.run(prepare(settings.database_url, tell, own=own))

        def announce(url: str) -> None:
            words = announcement(url, settings)
            # By a thread: whoever reads a pipe may have stopped, and the loop shall not wait for it.
            Thread(target=typer.echo, args=(words,), daemon=True).start()

        serve_demo(settings, announce)


@app.command()
def migrate() -> None:
    """Bring the database of GATEWAY_DATABASE_URL to the tables of this version."""
    with explained():
        from gateway.operator.database import migrate as migrated  # noqa: PLC0415
        from gateway.operator.settings import DatabaseSettings, load  # noqa: PLC0415

        done = asyncio.run(migrated(load(DatabaseSettings).database_url))
        typer.echo(f"Migrated: {', '.join(done)}." if done else "There is nothing to migrate.")


@app.command(name="import")
def import_(  # noqa: PLR0913 - a parameter each, as Typer wants them
    kind: Annotated[Kind, typer.Argument(help="What is in the file.", show_default=False)],
    file: Annotated[Path, typer.Argument(help="A file as docs/import.md tells.", dir_okay=False, show_default=False)],
    *,
    channel: Annotated[str, typer.Option(help="The code of the shop that it goes into.", show_default=False)],
    written: Annotated[Format | None, typer.Option("--format", help="Told by the suffix otherwise.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell what would be refused, and write nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on where the import of this file stopped.")] = False,
    ignored: Annotated[
        list[str] | None,
        typer.Option(
            "--ignore-column", help="A column of a CSV file to leave out; may be repeated.", show_default=False
        ),
    ] = None,
    refused: Annotated[
        Path | None,
        typer.Option(help="Write refused records into this file, with the reasons, as JSON Lines.", dir_okay=False),
    ] = None,
) -> None:
    """Import customers, users, addresses or orders from a file, line by line.

    Exits with 0 if all came in, with 1 if lines were refused, with 2 if it could not begin or had to stop.
    """
    form = written or SUFFIXES.get(file.suffix.lower())
    if form is None:
        msg = "the suffix tells no format: give --format"
        raise typer.BadParameter(msg)
    if dry_run and resume:
        msg = "--dry-run begins at the beginning: leave --resume out"
        raise typer.BadParameter(msg)
    job = Job(
        kind=kind,
        file=file,
        format=form,
        channel=channel,
        dry_run=dry_run,
        resume=resume,
        report=refused,
        ignored=tuple(ignored or ()),
    )
    collector.pause()
    with explained(exit_code=2):
        from gateway.importing.command import import_file, summary  # noqa: PLC0415
        from gateway.operator.settings import DatabaseSettings, load  # noqa: PLC0415

        collector.resume()
        progress = import_file(load(DatabaseSettings).database_url, job)
        typer.echo(summary(job, progress))
        raise typer.Exit(1 if progress.refused else 0)


@app.command()
def config(
    host: Host = None,
    port: Port = None,
    workers: Workers = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print the settings that `gateway serve` would have, and where each comes from; never a secret."""
    from gateway.operator.config import effective  # noqa: PLC0415
    from gateway.operator.doubtful import of_environment, of_settings  # noqa: PLC0415
    from gateway.operator.settings import Settings, load  # noqa: PLC0415

    settings = effective(Settings, host=host, port=port, workers=workers)
    _print_settings(settings, as_json=as_json)
    complaints = [setting.complaint for setting in settings if setting.complaint]
    given = {"host": host, "port": port, "workers": workers}
    for doubt in of_environment(Settings) if complaints else of_settings(load(Settings, **given)):
        typer.secho(doubt, err=True, fg=typer.colors.YELLOW)
    for complaint in complaints:
        typer.secho(complaint, err=True, fg=typer.colors.RED)
    if complaints:
        raise typer.Exit(1)


def _print_settings(settings: list[Setting], *, as_json: bool) -> None:
    if as_json:
        import orjson  # noqa: PLC0415

        found = {
            setting.name: {"value": setting.value, "source": setting.source}
            | ({"complaint": setting.complaint} if setting.complaint else {})
            for setting in settings
        }
        typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())
    elif sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415

        table = Table("setting", "value", "from")
        for setting in settings:
            value = Text("wrong", "red") if setting.complaint else Text(setting.value)
            table.add_row(setting.name, value, setting.source)
        Console().print(table)
    else:
        for setting in settings:
            typer.echo(f"{setting.name}={setting.value}")


@app.command()
def schema(
    file: Annotated[Path, typer.Argument(help="What --check compares with.")] = Path("schema.graphql"),
    *,
    check: Annotated[bool, typer.Option("--check", help="Compare instead; fail if it differs.")] = False,
) -> None:
    """Print the schema in GraphQL's schema definition language."""
    from resolvers.schema import schema as made  # noqa: PLC0415

    sdl = f"{made.as_str().rstrip()}\n"
    if not check:
        typer.echo(sdl, nl=False)
    elif difference := _difference(file, sdl):
        typer.echo(difference, nl=False)
        raise typer.Exit(1)


def _difference(file: Path, sdl: str) -> str:
    from difflib import unified_diff  # noqa: PLC0415

    written = file.read_text("utf-8") if file.exists() else ""
    lines = unified_diff(
        written.splitlines(keepends=True), sdl.splitlines(keepends=True), str(file), "the schema of this version"
    )
    return "".join(lines)


if __name__ == "__main__":
    app()
