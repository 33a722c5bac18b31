"""The home of `gateway admin`: staff of the shop operator are made, changed and listed."""

# ruff: noqa: PLC0415 - `gateway --help` shall not wait for a database

from __future__ import annotations

import asyncio
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from db.enums import AdminScope
from gateway.commands.failures import explained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.rules.email_address import EmailAddress

app = typer.Typer(help="Make, change and list admins, who are staff of the shop operator.", no_args_is_help=True)

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The e-mail address that the admin signs in with.")]
CHANNEL = typer.Option("--channel", metavar="CODE", help="A shop that it is about; repeatable.")
_OF_ADMINS = [scope for scope in AdminScope if scope is not AdminScope.CLIENT_FORWARDING]
_SCOPE = typer.Option("--scope", metavar="SCOPE", help=f"What may be done there; repeatable: {', '.join(_OF_ADMINS)}.")


@app.command()
def create(
    address: Address, *, channel: Annotated[list[str], CHANNEL], scope: Annotated[list[AdminScope], _SCOPE]
) -> None:
    """Make an admin, whose password is asked for, or read from standard input."""
    with refused_in_words():
        from gateway.adapters.clock import SystemClock
        from gateway.commands.database import done
        from resolvers.admins.service import create_admin

        parsed = _parsed(address)
        password_hash = _asked_hash(parsed)

        async def work(session: AsyncSession) -> str:
            return await create_admin(
                session, parsed, password_hash, scopes=scope, channels=channel, now=SystemClock().now()
            )

        done(work)
        typer.echo(f"{parsed} may sign in by authenticateAdmin, in {', '.join(channel)}.")


@app.command(name="set")
def set_(
    address: Address,
    *,
    channel: Annotated[list[str] | None, CHANNEL] = None,
    scope: Annotated[list[AdminScope] | None, _SCOPE] = None,
) -> None:
    """Give an admin other shops or scopes, in place of all before, and print all; sessions go on."""
    if not channel and not scope:
        msg = "give --channel or --scope: what is given takes the place of what is there"
        raise typer.BadParameter(msg)
    with refused_in_words():
        from gateway.commands.database import done
        from gateway.commands.printing import print_one
        from resolvers.admins.service import change_admin

        parsed = _parsed(address)

        async def work(session: AsyncSession) -> dict[str, object]:
            return await change_admin(session, parsed, scopes=scope or (), channels=channel or ())

        print_one(done(work))


@app.command(name="list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List all admins."""
    with explained():
        from gateway.commands.database import done
        from gateway.commands.printing import print_json, print_many
        from resolvers.admins.service import all_admins

        found = done(all_admins)
        print_json(found) if as_json else print_many(found)


@app.command()
def disable(address: Address) -> None:
    """Keep an admin out from now on; all sessions end."""
    _enable(address, enabled=False)
    typer.echo(f"{address} is signed out and can't sign in.")


@app.command()
def enable(address: Address) -> None:
    """Let an admin in again who was disabled."""
    _enable(address, enabled=True)
    typer.echo(f"{address} may sign in.")


@app.command()
def password(address: Address) -> None:
    """Set another password, which is asked for, or read from standard input; all sessions end."""
    with refused_in_words():
        from gateway.adapters.clock import SystemClock
        from gateway.commands.database import done
        from resolvers.admins.service import set_password

        parsed = _parsed(address)
        password_hash = _asked_hash(parsed)

        async def work(session: AsyncSession) -> int:
            return await set_password(session, parsed, password_hash, SystemClock().now())

        typer.echo(f"{parsed} has another password; {done(work)} session(s) ended.")


@app.command()
def unlock(address: Address) -> None:
    """Let an admin try again at once who has tried wrong passwords too often."""
    with refused_in_words():
        from gateway.commands.database import done_in
        from resolvers.admins.service import unlock_admin

        parsed = _parsed(address)
        forgotten = done_in(lambda database: unlock_admin(database, parsed))
        typer.echo(f"{parsed} may try again at once: {forgotten} counter(s) of tries forgotten.")


@contextmanager
def refused_in_words() -> Iterator[None]:
    """Tell an operator why something can't be done."""
    with explained():
        from gateway.operator.settings import OperatorError
        from resolvers.admins.service import RefusedError

        try:
            yield
        except RefusedError as error:
            raise OperatorError(str(error)) from None


def _enable(address: str, *, enabled: bool) -> None:
    with refused_in_words():
        from gateway.adapters.clock import SystemClock
        from gateway.commands.database import done
        from resolvers.admins.service import set_enabled

        parsed = _parsed(address)

        async def work(session: AsyncSession) -> None:
            await set_enabled(session, parsed, SystemClock().now(), enabled=enabled)

        done(work)


def _asked_hash(address: EmailAddress) -> str:
    """Return the hash of a good password, which is asked for."""
    from gateway.adapters.hashing import Argon2Hasher
    from resolvers.admins.service import require_good_password

    # Never an option: the list of processes and the shell's history show these.
    if sys.stdin.isatty():
        asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        asked = sys.stdin.readline().rstrip("\r\n")
    hasher = Argon2Hasher()
    try:
        return asyncio.run(hasher.hash(require_good_password(asked, address)))
    finally:
        hasher.close()


def _parsed(address: str) -> EmailAddress:
    from gateway.operator.settings import OperatorError
    from resolvers.rules.email_address import EmailAddress

    try:
        return EmailAddress.parse(address)
    except ValueError as error:
        msg = f"ADDRESS: {error}."
        raise OperatorError(msg) from None
