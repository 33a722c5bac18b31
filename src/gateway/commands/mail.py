"""The home of `gateway mail`: sending alone, and what an operator sees of the outbox and does about it."""

# ruff: noqa: PLC0415 - `gateway --help` shall not wait for a database

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from db.enums import MailState
from gateway.commands.explaining import explained

if TYPE_CHECKING:
    from sqlmodel.ext.asyncio.session import AsyncSession

app = typer.Typer(help="Send mails, see them, and try those again that were given up.", no_args_is_help=True)

ChannelCode = Annotated[str | None, typer.Option("--channel", help="Only of the shop with this code.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def run() -> None:
    """Send mails until stopped, beside `gateway serve`, which sends them as well."""
    with explained():
        import asyncio

        from gateway.mail.running import send_until_stopped
        from gateway.settings import Settings, load

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
        from gateway.commands.printing import print_json, print_many
        from gateway.commands.working import done
        from resolvers.mails.administration import newest

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
        from gateway.commands.printing import print_json, print_one
        from gateway.commands.working import done
        from gateway.settings import OperatorError
        from resolvers.mails.administration import all_of

        # What is no id may be what no driver can send.
        found = done(lambda session: all_of(session, mail_id)) if is_well_formed(mail_id) else None
        if found is None:
            msg = f"There is no mail {mail_id!r}."
            raise OperatorError(msg)
        (print_json if as_json else print_one)(found)


@app.command()
def retry(
    mail_ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="As `list` prints them.")] = None,
    *,
    given_up: Annotated[bool, typer.Option("--given-up", help="All that were given up.")] = False,
    channel: ChannelCode = None,
) -> None:
    """Queue mails again that were given up; they are due at once.

    Exits with 1 if one of the IDs was not given up; all others are queued.
    """
    if bool(mail_ids) == given_up or (channel is not None and not given_up):
        msg = "name mails by ID, or all by --given-up, which may have a --channel"
        raise typer.BadParameter(msg)
    with explained():
        if mail_ids:
            _retry_named(mail_ids)
        else:
            _retry_given_up(channel)


def _retry_named(mail_ids: list[str]) -> None:
    from db.ids import is_well_formed
    from gateway.clock import SystemClock
    from gateway.commands.working import done
    from resolvers.mails.administration import retry as retried

    known = [mail_id for mail_id in mail_ids if is_well_formed(mail_id)]
    queued = done(lambda session: retried(session, known, SystemClock().now()))
    typer.echo(f"Queued {len(queued)} mail(s).")
    for mail_id in dict.fromkeys(mail_ids):
        if mail_id not in queued:
            typer.secho(f"{mail_id!r} is no mail that was given up.", err=True, fg=typer.colors.RED)
    if queued != set(mail_ids):
        raise typer.Exit(1)


def _retry_given_up(channel: str | None) -> None:
    from gateway.clock import SystemClock
    from gateway.commands.working import done
    from resolvers.mails.administration import retry_given_up

    async def work(session: AsyncSession) -> int:
        return await retry_given_up(session, await _id_of(session, channel), SystemClock().now())

    typer.echo(f"Queued {done(work)} mail(s).")


async def _id_of(session: AsyncSession, channel: str | None) -> str | None:
    from resolvers.channels.service import channel_of

    return None if channel is None else (await channel_of(session, channel)).id
