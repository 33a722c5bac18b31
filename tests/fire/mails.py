"""The home of the figure of mails: whatever people and shops are called, a mail is its template, and its link works."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col, select

from db.enums import MailKind
from db.ids import new_id
from db.models import Account, Channel, Mail, Registration, User
from resolvers.customers.creation import create_customer
from resolvers.mails import outbox
from resolvers.mails.letter import Theme
from resolvers.rules.email_address import EmailAddress
from tests.fire.anatomy import Anatomy, Opened
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.hostile import NAMES
from tests.fire.post import Post, a_post
from tests.fire.world import PAGE, PASSWORD, World, a_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlmodel.ext.asyncio.session import AsyncSession

LOCALES = ("de_CH", "en_GB", "fr_CH", "it_CH")
SECOND = timedelta(seconds=1)
SHORT = (0, 17, 36, 68)
"""Of the guises, these are tried in a short run."""
LINKED = (
    (MailKind.REGISTRATION, "new."),
    (MailKind.REGISTRATION, ""),
    (MailKind.CONFIRMATION, "unproved."),
    (MailKind.PASSWORD_RESET, "old."),
    (MailKind.EMAIL_ADDRESS_CHANGE, "other."),
)
"""With what the address of the receiver begins."""
OUTCOMES = {"RegisterCustomerSuccess", "InvalidInputError"}


class Guise(NamedTuple):
    """Who gets the mails, and which shop they come from."""

    locale: str
    first_name: str = "Eva"
    last_name: str = "Keller"
    shop: str | None = None


@dataclass
class Tally:
    """What has arrived."""

    mails: int = 0
    links: int = 0
    wrong: list[str] = field(default_factory=list)


@figure(
    22, "whatever people and shops are called, mails have the headers, receivers, elements and links of the template"
)
async def mails(url: str, size: Size) -> Finding:
    """Have every mail sent to everybody, take it apart, and follow its link twice."""
    tried = [guise for at, guise in enumerate(guises()) if size.whole or at in SHORT]
    tally, innocent = Tally(), dict[tuple[str, Theme], Anatomy]()
    async with a_world(url, replicas=1) as world, a_post(world) as post:
        refused = await _refused(world, tally)
        for guise in tried:
            if guise.locale not in {locale for locale, _ in innocent}:
                found = await _mailed(world, post, Guise(guise.locale), tally)
                innocent |= {(guise.locale, theme): opened.anatomy for theme, opened in found.items()}
            for theme, opened in (await _mailed(world, post, guise, tally)).items():
                faults = opened.faults(innocent[guise.locale, theme], PAGE)
                tally.wrong += [f"{theme} for {guise} has {fault}" for fault in faults]
    told = (
        f"{len(NAMES)} names as first and last name, sender and shop, {refused} of them refused by the API; "
        f"{tally.mails} mails of {len(Theme)} kinds in {len({locale for locale, _ in innocent})} locales: "
        f"{len(tally.wrong)} differ from those for Eva Keller; {tally.links} links, each good once"
    )
    return Finding(told, tuple(dict.fromkeys(tally.wrong)))


def guises() -> Iterator[Guise]:
    """Yield all names in all roles and locales, but those that no database takes."""
    names = [name for name in NAMES if "\0" not in name and "\ud800" not in name]
    for at, name in enumerate(names):
        shop = names[at - 5][:90]  # in the other two locales
        first, last = LOCALES[at % 2 :: 2]
        yield Guise(first, first_name=name[:30], shop=shop)
        yield Guise(last, last_name=name[:30], shop=shop)


async def _refused(world: World, tally: Tally) -> int:
    """Register under each name; return how many the API refuses, all the same way."""
    outcomes = []
    for number, name in enumerate(NAMES):
        given: dict[str, Any] = {"firstName": name, "lastName": name, "user": {"password": PASSWORD}}
        outcome = await world.gateway.do("registerCustomer", emailAddress=f"name{number}@corp.com", **given)
        outcomes.append(outcome["__typename"])
    tally.wrong += unless(set(outcomes) <= OUTCOMES, f"names are answered by {set(outcomes)}")
    return outcomes.count("InvalidInputError")


async def _mailed(world: World, post: Post, guise: Guise, tally: Tally) -> dict[Theme, Opened]:
    """Have every mail sent to *guise*, follow the links, and return the mails."""
    world.clock.move(SECOND)
    user = f"eva{tally.mails}@corp.com"
    await _write(world, guise, user)
    asked = await _themed(world, [Opened(envelope) for envelope in await post.sent()])
    for theme, opened in asked.items():
        await _follow(world, theme, opened, tally)
    # Those have caused more mails.
    found = asked | await _themed(world, [Opened(envelope) for envelope in await post.sent()])
    tally.mails += len(found)
    tally.wrong += unless(set(found) == set(Theme), f"{set(Theme) - set(found)} never came for {guise}")
    return found


async def _write(world: World, guise: Guise, address: str) -> None:
    """Write rows and mails as the operations do, under any name."""
    now, channel_id = world.clock.now(), world.gateway.context.channel_id
    async with world.gateway.database.unit_of_work() as session:
        channel = await session.get_one(Channel, channel_id)
        channel.name = "Paloma" if guise.shop is None else f"Paloma {guise.shop}"
        channel.sender_name = guise.shop
        session.add_all([channel, _registration(world, guise, f"new.{address}")])
        await session.flush()
        user_id = await _user(session, world, guise, address)
        await _user(session, world, guise, f"old.{address}")
        await _user(session, world, guise, f"unproved.{address}", proved=False)
        put = partial(outbox.put, session, channel_id=channel_id, now=now, user_id=user_id)
        for kind, receiver in LINKED:
            put(kind, EmailAddress.parse(f"{receiver}{address}"), confirmation_base_url=PAGE)
        put(MailKind.EMAIL_ADDRESS_CHANGING, EmailAddress.parse(address), other_address=f"other.{address}")


async def _user(session: AsyncSession, world: World, guise: Guise, address: str, *, proved: bool = True) -> str:
    """Make a user who wants to move to another address."""
    now, registration = world.clock.now(), _registration(world, guise, address)
    created = await create_customer(session, registration, now=now, confirmed_at=now if proved else None)
    user = await session.get_one(User, created.user_id)
    account = await session.get_one(Account, user.account_id)
    account.pending_email_address = f"other.{address}"
    session.add(account)
    return user.id


def _registration(world: World, guise: Guise, address: str) -> Registration:
    return Registration(
        id=new_id(Registration.letters, world.clock.now()),
        channel_id=world.gateway.context.channel_id,
        email_address=address,
        canonical_email_address=address,
        first_name=guise.first_name,
        last_name=guise.last_name,
        locale=guise.locale,
        password_hash="",
        created_at=world.clock.now(),
    )


async def _themed(world: World, arrived: list[Opened]) -> dict[Theme, Opened]:
    by_id = {opened.id: opened for opened in arrived}
    async with world.gateway.database.unit_of_work() as session:
        sent = await session.exec(select(Mail.id, Mail.letter).where(col(Mail.id).in_(by_id)))
        return {Theme(letter["theme"]): by_id[mail_id] for mail_id, letter in sent}


async def _follow(world: World, theme: Theme, opened: Opened, tally: Tally) -> None:
    """Follow the link of a mail twice; it is good once."""
    for link in dict.fromkeys(opened.links):
        tally.links += 1
        token = link.rpartition("token=")[2]
        name = "finishPasswordReset" if theme is Theme.RESET_PASSWORD else "confirmEmailAddress"
        more = {"password": PASSWORD} if theme is Theme.RESET_PASSWORD else {}
        outcomes = [(await world.gateway.do(name, token=token, **more))["__typename"] for _ in range(2)]
        expected = [f"{name[0].upper()}{name[1:]}Success", "TokenInvalidError"]
        tally.wrong += unless(outcomes == expected, f"the link of {theme} answers {outcomes}")


CONTROLS = (
    Control(
        22,
        "HTML is not escaped",
        "Environment(autoescape=True, undefined",
        "Environment(autoescape=False, undefined",
        "has other elements than for anybody",
    ),
    Control(
        22,
        "names are made of anything",
        'return all(part and all(unicodedata.category(letter)[0] in "LM" for letter in part) for part in parts)',
        "return all(parts)",
        "has a greeting that mail programs make a link of",
    ),
    Control(
        22,
        "what turns the direction of writing is shown",
        '" " if unicodedata.category(each)[0] in "CZ" else each for each in text',
        "each for each in text",
        "has a subject or sender of several lines",
    ),
)
