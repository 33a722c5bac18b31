"""The home of `gateway api-key`: what a shop's own systems call with is made, revoked and listed."""

# ruff: noqa: PLC0415 - `gateway --help` shall not wait for a database

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from db.enums import AdminScope
from db.lengths import CHANNEL_NAME
from gateway.commands.admin import CHANNEL, refused_in_words
from gateway.commands.failures import explained

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.admins.service import NewApiKey

app = typer.Typer(help="Make, revoke and list API keys, which a shop's own systems call with.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", help="What people call it, such as the system that has it.")]
Scopes = Annotated[
    list[AdminScope],
    typer.Option("--scope", metavar="SCOPE", help=f"What it may do there; repeatable: {', '.join(AdminScope)}."),
]


@app.command()
def create(name: Name, *, channel: Annotated[list[str], CHANNEL], scope: Scopes) -> None:
    """Make an API key, and print it: it is shown this once."""
    if not 0 < len(name.strip()) <= CHANNEL_NAME or not name.isprintable():
        msg = f"write a name in one line, of at most {CHANNEL_NAME} characters"
        raise typer.BadParameter(msg)
    with refused_in_words():
        from gateway.adapters.clock import SystemClock
        from gateway.commands.database import done
        from resolvers.admins.service import create_api_key

        async def work(session: AsyncSession) -> NewApiKey:
            return await create_api_key(session, name, scopes=scope, channels=channel, now=SystemClock().now())

        made = done(work)
        typer.echo(made.text)
        hint = (
            f"It is {made.id}. Keep the line above secret: it goes into the header X-Api-Key, and is shown this once."
        )
        typer.echo(hint, err=True)


@app.command(name="list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List all API keys, without their texts."""
    with explained():
        from gateway.commands.database import done
        from gateway.commands.printing import print_json, print_many
        from resolvers.admins.service import all_api_keys

        found = done(all_api_keys)
        print_json(found) if as_json else print_many(found)


@app.command()
def revoke(key_id: Annotated[str, typer.Argument(metavar="ID", help="As `gateway api-key list` tells it.")]) -> None:
    """Have an API key be worth nothing from now on."""
    with refused_in_words():
        from gateway.adapters.clock import SystemClock
        from gateway.commands.database import done
        from resolvers.admins.service import revoke_api_key

        async def work(session: AsyncSession) -> None:
            await revoke_api_key(session, key_id, SystemClock().now())

        done(work)
        typer.echo(f"{key_id} is worth nothing from now on.")
