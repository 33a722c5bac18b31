"""The home of `gateway users`: what an operator does for somebody who signs in."""

# ruff: noqa: PLC0415 - `gateway --help` shall not wait for a database

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.commands.failures import explained

if TYPE_CHECKING:
    from db.engine import Database

app = typer.Typer(help="Help people who sign in.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `unlock` a command of its own: Typer would make it the group's only action."""


@app.command()
def unlock(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The e-mail address that is signed in with.")],
    *,
    channel: Annotated[str, typer.Option(help="The code of the shop.")],
) -> None:
    """Let an address try again at once that has tried wrong passwords too often, or asked for too many mails."""
    with explained():
        from gateway.commands.database import done_in
        from gateway.operator.settings import OperatorError
        from resolvers.channels.service import channel_of
        from resolvers.rules.email_address import EmailAddress
        from resolvers.throttling.attempts import unlock as unlocked

        try:
            parsed = EmailAddress.parse(address)
        except ValueError as error:
            msg = f"ADDRESS: {error}."
            raise OperatorError(msg) from None

        async def work(database: Database) -> int:
            async with database.unit_of_work() as session:
                channel_id = (await channel_of(session, channel)).id
            return await unlocked(database, channel_id, parsed.canonical)

        typer.echo(f"{parsed} may try again at once in {channel}: {done_in(work)} counter(s) of tries forgotten.")
