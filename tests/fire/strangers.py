"""The home of the figures of strangers: what they ask for neither voids nor uses up what the owner has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count

import sqlalchemy as sa
from sqlmodel import col

from db.enums import RegistrationPolicy
from db.models import Account, Mail
from resolvers.throttling.counters import TryLimits
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.world import PAGE, PASSWORD, Replica, World, a_world, token_in

ASKS = 20
HOME = "192.0.2.1"
OTHER_PASSWORD = "seven purple elephants dance"
MAILBOX = "hans@corp.com"
MOST_BY_STRANGERS = 6
_TOKEN = "... on AuthenticateSuccess { authentication { token } }"

Asked = Callable[[Replica, str, str], Awaitable[None]]
"""What somebody asks of a gateway for an address, with a password of the own."""


async def _register(gateway: Replica, address: str, password: str) -> None:
    await gateway.do("registerCustomer", emailAddress=address, user={"password": password}, confirmationBaseUrl=PAGE)


async def _resend(gateway: Replica, address: str, _password: str) -> None:
    await gateway.do("resendConfirmation", emailAddress=address, confirmationBaseUrl=PAGE)


async def _reset(gateway: Replica, address: str, _password: str) -> None:
    await gateway.do("startPasswordReset", emailAddress=address, confirmationBaseUrl=PAGE)


async def _move(gateway: Replica, address: str, _password: str) -> None:
    """Ask to move there, whoever the network belongs to."""
    username = "mover@corp.com" if gateway.context.ip_address == HOME else "eve@evil.com"
    signed_in = await gateway.do("authenticate", more=_TOKEN, username=username, password=PASSWORD)
    given = {"emailAddress": address, "currentPassword": PASSWORD, "confirmationBaseUrl": PAGE}
    await gateway.do("changeEmailAddress", bearer=signed_in["authentication"]["token"], **given)


PURPOSES: dict[str, tuple[Asked, tuple[Asked, ...]]] = {
    # What the owner asks for, and what strangers do.
    "reset": (_reset, (_reset, _resend, _register)),
    "registration": (_register, (_register, _resend, _reset)),
    "confirmation": (_resend, (_register, _resend, _reset)),
    "change of address": (_move, (_move, _register, _resend, _reset)),
}


@figure(30, "links of an owner that strangers void by asking for others, and mails that never come: none")
async def voided(url: str, size: Size) -> Finding:
    """Have strangers ask while a link of the owner's waits in the outbox, and while it lies in the inbox."""
    wrong: list[str] = []
    links, asks = 0, 0
    policy = RegistrationPolicy.CONFIRM_EMAIL_ADDRESS
    async with a_world(url, replicas=1, registration=policy) as world:
        await _populate(world, ("mover@corp.com", "eve@evil.com"))
        for number in range(size.of(10, 1)):
            for purpose, (ask, strangers) in PURPOSES.items():
                for lies in (True, False):
                    address = f"{purpose.replace(' ', '.')}{number}{lies}@corp.com"
                    outcome = await _asked_beside_strangers(world, address, ask, strangers, lies=lies)
                    asks += ASKS * len(strangers)
                    links += 1
                    where = "lies in the inbox" if lies else "waits in the outbox"
                    wrong += unless(outcome is None, f"the link of a {purpose} that {where}: {outcome}")
    told = (
        f"{links} links of {len(PURPOSES)} purposes, that lie in the inbox or wait, {asks} mails asked for by strangers"
    )
    return Finding(f"{told}: {len(wrong)} of the owner's are no good", tuple(wrong))


async def _asked_beside_strangers(
    world: World, address: str, ask: Asked, strangers: tuple[Asked, ...], *, lies: bool
) -> str | None:
    """Return what is wrong with the link that an owner has asked for."""
    at_home = _at(world, HOME)
    if ask is _reset:
        await _populate(world, (address,))
    if ask is _resend:
        await _register(at_home, address, PASSWORD)
        await world.letters()
    await ask(at_home, address, PASSWORD)
    [mine] = [mail.id for mail in await _waiting(world) if mail.confirmation_base_url]
    letters = {letter.mail_id: letter for letter in await world.letters()} if lies else {}
    for number in range(ASKS):
        for stranger in strangers:
            await stranger(_at(world, f"198.51.100.{number}"), address, OTHER_PASSWORD)
    letters |= {letter.mail_id: letter for letter in await world.letters()}
    if mine not in letters:
        return "it never came"
    return await _followed(at_home, address, token_in(letters[mine]), ask)


async def _followed(gateway: Replica, address: str, token: str, ask: Asked) -> str | None:
    """Follow a link; return what is wrong with it."""
    name, more = ("finishPasswordReset", {"password": PASSWORD}) if ask is _reset else ("confirmEmailAddress", {})
    outcome: str = (await gateway.do(name, token=token, **more))["__typename"]
    if not outcome.endswith("Success"):
        return f"void, {outcome}"
    if ask is _move:  # back, for the next
        async with gateway.database.unit_of_work() as session:
            back = {"email_address": "mover@corp.com", "canonical_email_address": "mover@corp.com"}
            await session.exec(sa.update(Account).where(col(Account.email_address) == address).values(**back))
        return None
    signed_in = await gateway.do("authenticate", username=address, password=PASSWORD)
    return None if signed_in["__typename"] == "AuthenticateSuccess" else "it makes another password the account's"


@figure(
    31, "mails that strangers cause to one mailbox in an hour, whatever they ask for: 6; and the owner gets the own"
)
async def bombed(url: str, size: Size) -> Finding:
    """Ask for every kind of mail to a mailbox and its tags, from many networks; some are accounts of one's own."""
    tagged = [f"hans+{number}@corp.com" for number in range(size.of(20, 5))]
    networks = (f"198.51.{number // 256}.{number % 256}" for number in count())
    many = 10**6
    limits = TryLimits(free_tries=many, tries_per_network=many, tries_per_account=many, mails_per_network=many)
    asks: Counter[str] = Counter()
    async with a_world(url, replicas=1, limits=limits) as world:
        await _populate(world, (MAILBOX, "eve@evil.com"))
        await _at(world, HOME).do("authenticate", username=MAILBOX, password=PASSWORD)
        of_evil = _at(world, next(networks))
        for address in tagged:  # where people sign in at once, anybody has an account of any address
            await of_evil.do("registerCustomer", emailAddress=address, user={"password": PASSWORD})
            await of_evil.do("authenticate", username=address, password=PASSWORD)
        for address in (MAILBOX, *tagged, *(address.replace("+", "+new") for address in tagged)):
            for ask in (_reset, _resend, _move, _register):
                for gateway in (of_evil, _at(world, next(networks))):
                    await ask(gateway, address, OTHER_PASSWORD)
                    asks[ask.__name__] += 1
        caused = sum(_mailbox(letter.receiver) == MAILBOX for letter in await world.letters())
        await _reset(_at(world, HOME), MAILBOX, PASSWORD)
        own = sum(letter.receiver == MAILBOX for letter in await world.letters())
    told = f"{asks.total()} mails of {len(asks)} kinds asked for to a mailbox and {len(tagged) * 2} tags: {caused} sent"
    return Finding(
        f"{told}; of the owner's own: {own} of 1",
        unless(caused <= MOST_BY_STRANGERS, f"{caused} mails in an hour")
        + unless(caused > 0, "none was sent, and nothing is shown")
        + unless(own == 1, "strangers have used up the owner's mails"),
    )


def _mailbox(address: str) -> str:
    local, _, domain = address.lower().partition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _at(world: World, ip_address: str) -> Replica:
    return replace(world.gateway, context=replace(world.gateway.context, ip_address=ip_address))


async def _waiting(world: World) -> list[Mail]:
    return [mail for mail in await world.rows(Mail) if mail.ended_at is None]


async def _populate(world: World, addresses: tuple[str, ...]) -> None:
    """Make accounts with `PASSWORD` whose addresses are proved."""
    for address in addresses:
        await _register(world.gateway, address, PASSWORD)
        for letter in [letter for letter in await world.letters() if letter.receiver == address and letter.link]:
            await world.gateway.do("confirmEmailAddress", token=token_in(letter))


CONTROLS = (
    Control(
        30,
        "a newer link voids the older ones",
        "    # Older ones stay good until one of them is used: else whoever asks for a link would void the owner's.\n",
        "    from resolvers.mails.mailed_tokens import void\n"
        "    await void(session, addressee.subject_id, purpose, now, addressee.email_address)\n",
        "void",
    ),
    Control(
        30,
        "a link confirms the newest form",
        "    return removed.get(registration_id)\n",
        "    return max(removed.values(), key=lambda each: each.place, default=None)\n",
        "another password",
    ),
    Control(
        31,
        "a tag is another mailbox",
        "    return f\"{local.partition('+')[0] or local}@{domain}\"\n",
        "    return canonical\n",
        "mails in an hour",
    ),
    Control(
        31,
        "whoever signs in to an account owns its address",
        "col(row.key) == _own(context, canonical), col(row.proved), ",
        "col(row.key) == _own(context, canonical), ",
        "mails in an hour",
    ),
    Control(
        31,
        "owners are counted with strangers",
        "    elif await _is_owners(session, context, canonical):\n",
        "    elif not kind:\n",
        "used up the owner's mails",
    ),
)
