"""The home of `gateway channel`: the shops are made, changed and listed."""

# ruff: noqa: PLC0415 - `gateway --help` shall not wait for a database

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from db.enums import AddressCheck, ChannelKind, LinkPurpose, RegistrationPolicy
from gateway.commands.failures import explained

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from db.models import Channel

app = typer.Typer(help="Make, change and list channels, which are the shops.", no_args_is_help=True)


class Clearable(StrEnum):
    """The options that a channel can be without."""

    LANDING_PAGE = "landing-page"
    SENDER_NAME = "sender-name"
    SENDER_ADDRESS = "sender-address"


_CLEARED: dict[Clearable, tuple[str, Any]] = {
    Clearable.LANDING_PAGE: ("landing_pages", dict.fromkeys(LinkPurpose, ())),
    Clearable.SENDER_NAME: ("sender_name", None),
    Clearable.SENDER_ADDRESS: ("sender_email_address", None),
}
_OPTIONS = {
    "code": "CODE",
    "locales": "--locale",
    "landing_pages": "--landing-page",
    "sender_email_address": "--sender-address",
}
"""Of settings that are not called as their options are."""


def _replaced(given: list[str] | None) -> None:
    """Tell what has taken the place of an option that scripts may still have."""
    if given:
        msg = (
            "name the pages that take the token, each by what it does, such as --landing-page "
            f"RESET={given[0].rstrip('/')}/reset. Of origins that were listed, every page still is."
        )
        raise typer.BadParameter(msg)


_NAME = typer.Option("--name", metavar="NAME", help="What the shop calls itself.")

Code = Annotated[str, typer.Argument(metavar="CODE", help="The name in the address of the endpoint, /CODE/graphql.")]
Kind = Annotated[ChannelKind | None, typer.Option(help="Whom the shop sells to; B2C at first.")]
Locales = Annotated[
    list[str] | None,
    typer.Option("--locale", metavar="LOCALE", help="A locale of the shop, such as de_CH; repeatable; en_US at first."),
]
DefaultLocale = Annotated[
    str | None,
    typer.Option(metavar="LOCALE", help="The locale of those who did not choose one; the first one at first."),
]
Registration = Annotated[
    RegistrationPolicy | None,
    typer.Option(
        metavar="POLICY", help="OPEN, CONFIRM_EMAIL_ADDRESS or CLOSED: how people register on their own; OPEN at first."
    ),
]
PasswordMinLength = Annotated[
    int | None,
    typer.Option(
        metavar="N", help="How many characters a password must have, 6 to 64: under 8 is not safe; 8 at first."
    ),
]
PasswordStrengthChecked = Annotated[
    bool | None, typer.Option(help="Whether passwords are refused that are easy to guess; they are at first.")
]
AddressCheckOption = Annotated[
    AddressCheck | None,
    typer.Option(
        "--address-check",
        metavar="CHECK",
        help="REFUSE or OFF: what becomes of addresses without a post code of their country; REFUSE at first.",
    ),
]
LandingPages = Annotated[
    list[str] | None,
    typer.Option(
        "--landing-page",
        metavar="PURPOSE=PAGE",
        help="A page that mailed links may lead to, as RESET=https://shop.example/reset, or all below it, as "
        f"https://shop.example/account/; repeatable; none at first. PURPOSE: {', '.join(LinkPurpose)}.",
    ),
]
LinkOrigins = Annotated[list[str] | None, typer.Option("--link-origin", hidden=True, callback=_replaced)]
SenderName = Annotated[
    str | None, typer.Option(metavar="NAME", help="Who writes the mails; the shop, by its name, at first.")
]
SenderAddress = Annotated[
    str | None, typer.Option(metavar="ADDRESS", help="The address that mails are from; the gateway's own at first.")
]
Cleared = Annotated[
    list[Clearable] | None,
    typer.Option(
        "--clear",
        metavar="OPTION",
        help="landing-page, sender-name or sender-address: back to what it is at first; repeatable.",
    ),
]


@app.command()
def create(  # noqa: PLR0913 - a channel is its settings
    code: Code,
    *,
    name: Annotated[str, _NAME],
    kind: Kind = None,
    locale: Locales = None,
    default_locale: DefaultLocale = None,
    registration: Registration = None,
    password_min_length: PasswordMinLength = None,
    password_strength_checked: PasswordStrengthChecked = None,
    address_check: AddressCheckOption = None,
    landing_page: LandingPages = None,
    link_origin: LinkOrigins = None,  # noqa: ARG001 - refused before
    sender_name: SenderName = None,
    sender_address: SenderAddress = None,
) -> None:
    """Make a channel: a shop with an endpoint of its own."""
    settings = _given(
        kind=kind,
        locales=locale,
        default_locale=default_locale,
        registration=registration,
        password_min_length=password_min_length,
        password_strength_checked=password_strength_checked,
        address_check=address_check,
        landing_pages=_by_purpose(landing_page),
        sender_name=sender_name,
        sender_email_address=sender_address,
    )

    async def created(session: AsyncSession) -> Channel:
        from gateway.adapters.clock import SystemClock
        from resolvers.channels.service import channel_of, create_channel

        await create_channel(session, now=SystemClock().now(), code=code, name=name, **settings)
        return await channel_of(session, code)

    _print_result(created)


@app.command(name="set")
def set_(  # noqa: PLR0913 - a channel is its settings
    code: Code,
    *,
    name: Annotated[str | None, _NAME] = None,
    kind: Kind = None,
    locale: Locales = None,
    default_locale: DefaultLocale = None,
    registration: Registration = None,
    password_min_length: PasswordMinLength = None,
    password_strength_checked: PasswordStrengthChecked = None,
    address_check: AddressCheckOption = None,
    landing_page: LandingPages = None,
    link_origin: LinkOrigins = None,  # noqa: ARG001 - refused before
    sender_name: SenderName = None,
    sender_address: SenderAddress = None,
    clear: Cleared = None,
) -> None:
    """Change what is given of a channel, and print all of it. Repeatable options replace what was there."""
    changes = _given(
        name=name,
        kind=kind,
        locales=locale,
        default_locale=default_locale,
        registration=registration,
        password_min_length=password_min_length,
        password_strength_checked=password_strength_checked,
        address_check=address_check,
        landing_pages=_by_purpose(landing_page),
        sender_name=sender_name,
        sender_email_address=sender_address,
    )
    cleared = dict(_CLEARED[each] for each in clear or ())
    if both := [_option(setting) for setting in cleared if setting in changes]:
        msg = f"--clear takes away what {', '.join(both)} sets: leave one of them out"
        raise typer.BadParameter(msg)

    async def changed(session: AsyncSession) -> Channel:
        from resolvers.channels.service import change_channel

        return await change_channel(session, code, **changes, **cleared)

    _print_result(changed)


@app.command(name="list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Print all channels with their settings."""
    with explained():
        from gateway.commands.database import done
        from gateway.commands.printing import print_json, print_none, print_one
        from resolvers.channels.service import channels

        stored = done(channels)
        found = [_shown(channel) for channel in stored]
        if as_json:
            print_json(found)
        elif not found:
            print_none()
        else:
            for number, channel in enumerate(found):
                if number:
                    typer.echo()
                print_one(channel)
        _warn(stored)


def _print_result(work: Callable[[AsyncSession], Awaitable[Channel]]) -> None:
    """Do *work*, and print the channel that it returns; tell everything that is wrong with the options."""
    with explained():
        from gateway.commands.database import done
        from gateway.commands.printing import print_one
        from gateway.operator.settings import OperatorError
        from resolvers.channels.rules import WrongSettingsError

        try:
            channel = done(work)
        except WrongSettingsError as error:
            wrong = [f"{_option(setting)}: {complaint}." for setting, complaint in error.complaints.items()]
            raise OperatorError("\n".join(wrong)) from None
        print_one(_shown(channel))
        _warn([channel])


def _warn(found: Sequence[Channel]) -> None:
    from gateway.operator.doubtful import of_landing_pages

    for warning in of_landing_pages(found):
        typer.secho(warning, err=True, fg=typer.colors.YELLOW)


def _given(**options: object) -> dict[str, Any]:
    return {setting: value for setting, value in options.items() if value is not None}


def _by_purpose(landing_pages: list[str] | None) -> dict[str, list[str]] | None:
    """Return the pages of each purpose that is named; with nothing behind its name it has none any more."""
    if landing_pages is None:
        return None
    found = dict[str, list[str]]()
    for text in landing_pages:
        purpose, equals, page = text.partition("=")
        if not equals:
            msg = f"write PURPOSE=PAGE; {purpose}= alone takes the pages of a purpose away"
            raise typer.BadParameter(msg, param_hint="--landing-page")
        found.setdefault(purpose, []).extend([page] if page else [])
    return found


def _option(setting: str) -> str:
    return _OPTIONS.get(setting) or f"--{setting.replace('_', '-')}"


def _shown(channel: Channel) -> dict[str, object]:
    from resolvers.channels.rules import ChannelSettings

    return {setting: getattr(channel, setting) for setting in ("code", "name", *ChannelSettings.__annotations__)}
