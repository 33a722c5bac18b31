"""The home of `gateway mail`: sending alone, and what an operator sees of the outbox and does about it."""

# ruff: noqa: PLC0415 - `gateway --help` shall not wait for a database

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from db.enums import MailState
from gateway.commands.failures import explained

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from datetime import datetime

    from sqlmodel.ext.asyncio.session import AsyncSession

    Named = Callable[[AsyncSession, list[str], datetime], Awaitable[set[str]]]
    All = Callable[[AsyncSession, MailState, str | None, datetime], Awaitable[int]]

app = typer.Typer(help="Send mails, see them, and try those again that were not sent.", no_args_is_help=True)

ChannelCode = Annotated[str | None, typer.Option("--channel", help="Only of the shop with this code.")]
MailIds = Annotated[list[str] | None, typer.Argument(metavar="ID...", help="As `list` prints them.")]
GivenUp = Annotated[bool, typer.Option("--given-up", help="All that were given up.")]
Unknown = Annotated[bool, typer.Option("--unknown", help="All that may have arrived or not.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def run() -> None:
    """Send mails until stopped, beside `gateway serve`, which sends them as well."""
    with explained():
        import asyncio

        from gateway.mail.process import send_until_stopped
        from gateway.operator.settings import Settings, load

        asyncio.run(send_until_stopped(load(Settings)))


@app.command(name="list")
def list_(
    *,
    channel: ChannelCode = None,
    state: Annotated[MailState | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="So many at most.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Print the newest mails, the newest first."""
    with explained():
        from gateway.commands.database import done
        from gateway.commands.printing import print_json, print_many
        from resolvers.mails.admin import newest

        async def work(session: AsyncSession) -> list[dict[str, object]]:
            return await newest(session, channel_id=await _id_of(session, channel), state=state, limit=limit)

        (print_json if as_json else print_many)(done(work))


@app.command()
def show(
    mail_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` prints it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Print all about a mail, but nothing that would let the reader do what its receiver can."""
    with explained():
        from db.ids import is_well_formed
        from gateway.commands.database import done
        from gateway.commands.printing import print_json, print_one
        from gateway.operator.settings import OperatorError
        from resolvers.mails.admin import all_of

        # What is no id may be what no driver can send.
        found = done(lambda session: all_of(session, mail_id)) if is_well_formed(mail_id) else None
        if found is None:
            msg = f"There is no mail {mail_id!r}."
            raise OperatorError(msg)
        (print_json if as_json else print_one)(found)


@app.command()
def retry(
    mail_ids: MailIds = None, *, given_up: GivenUp = False, unknown: Unknown = False, channel: ChannelCode = None
) -> None:
    """Queue mails again that were given up, or of which nobody knows whether they arrived; they are due at once.

    Of the latter some may arrive twice. Exits with 1 if one of the IDs is none of these; all others are queued.
    """
    state = _state_of_all(mail_ids, given_up=given_up, unknown=unknown, channel=channel)
    with explained():
        from resolvers.mails import admin

        if state is None:
            refusal = "is no mail that was given up or is unknown"
            _do_named("Queued", admin.retry, mail_ids or [], refusal)
        else:
            _do_all("Queued", admin.retry_all, state, channel)


@app.command()
def drop(
    mail_ids: MailIds = None, *, given_up: GivenUp = False, unknown: Unknown = False, channel: ChannelCode = None
) -> None:
    """Have mails not sent any more: those that wait, were given up, or of which nobody knows whether they arrived.

    Exits with 1 if one of the IDs is none of these; all others are dropped.
    """
    state = _state_of_all(mail_ids, given_up=given_up, unknown=unknown, channel=channel)
    with explained():
        from resolvers.mails import admin

        if state is None:
            _do_named("Dropped", admin.drop, mail_ids or [], "is no mail that waits, was given up or is unknown")
        else:
            _do_all("Dropped", admin.drop_all, state, channel)


def _state_of_all(
    mail_ids: list[str] | None, *, given_up: bool, unknown: bool, channel: str | None
) -> MailState | None:
    """Return the state of all mails that are meant; None if they are named."""
    if [bool(mail_ids), given_up, unknown].count(True) != 1 or (channel is not None and mail_ids):
        msg = "name mails by ID, or all by --given-up or --unknown, which may have a --channel"
        raise typer.BadParameter(msg)
    if mail_ids:
        return None
    return MailState.GIVEN_UP if given_up else MailState.UNKNOWN


def _do_named(done_: str, do: Named, mail_ids: list[str], refusal: str) -> None:
    from db.ids import is_well_formed
    from gateway.adapters.clock import SystemClock
    from gateway.commands.database import done

    known = [mail_id for mail_id in mail_ids if is_well_formed(mail_id)]
    changed = done(lambda session: do(session, known, SystemClock().now()))
    typer.echo(f"{done_} {len(changed)} mail(s).")
    for mail_id in dict.fromkeys(mail_ids):
        if mail_id not in changed:
            typer.secho(f"{mail_id!r} {refusal}.", err=True, fg=typer.colors.RED)
    if changed != set(mail_ids):
        raise typer.Exit(1)


def _do_all(done_: str, do: All, state: MailState, channel: str | None) -> None:
    from gateway.adapters.clock import SystemClock
    from gateway.commands.database import done

    async def work(session: AsyncSession) -> int:
        return await do(session, state, await _id_of(session, channel), SystemClock().now())

    typer.echo(f"{done_} {done(work)} mail(s).")


async def _id_of(session: AsyncSession, channel: str | None) -> str | None:
    from resolvers.channels.service import channel_of

    return None if channel is None else (await channel_of(session, channel)).id
