"""The home of the figure of time: whatever ends does so to the second, whatever the clock does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from db.enums import RegistrationPolicy
from db.models import Session
from resolvers.sessions.service import mark_use
from resolvers.sweeping import sweep
from tests.fire.figures import Finding, Size, figure
from tests.fire.world import PAGE, PASSWORD, World, a_world, token_in

SECOND = timedelta(seconds=1)
HANS = "hans.muster@corp.com"
SIGNED_IN = "... on AuthenticateSuccess { authentication { token } }"
Lives = Callable[[], Awaitable[bool]]


@figure(17, "what has an end lives a second before it and not a second after; no jump of the clock revives it")
async def ends(url: str, size: Size) -> Finding:
    """Look at everything that ends a second before and after, over a leap day, with the clock moved far and back."""
    del size
    found: dict[str, tuple[bool, bool, bool]] = {}
    async with a_world(url, registration=RegistrationPolicy.CONFIRM_EMAIL_ADDRESS) as world:
        await _a_user(world)
        for name, (begin, span) in ENDS.items():
            lives = await begin(world)
            world.clock.move(span - SECOND)
            before = await lives()
            world.clock.move(2 * SECOND)
            after = await lives()
            world.clock.move(timedelta(days=40))
            revived = await lives()
            found[name] = before, after, revived
            world.clock.move(-timedelta(days=1))
    wrong = tuple(
        f"{name}: alive {before}, then {after}, 40 days later {revived}"
        for name, (before, after, revived) in found.items()
        if (before, after, revived) != (True, False, False)
    )
    return Finding(f"{len(found)} ends to the second: {', '.join(found)}", wrong)


async def _a_user(world: World) -> None:
    await world.gateway.do("registerCustomer", emailAddress=HANS, user={"password": PASSWORD}, confirmationBaseUrl=PAGE)
    [letter] = await world.letters()
    await world.gateway.do("confirmEmailAddress", token=token_in(letter))


async def _reset_token(world: World) -> Lives:
    await world.gateway.do("startPasswordReset", emailAddress=HANS, confirmationBaseUrl=PAGE)
    token = token_in([letter for letter in await world.letters() if letter.link][-1])

    async def lives() -> bool:
        answer = await world.gateway.ask(
            "query($token: String!) { passwordResetToken(token: $token) { valid } }", token=token
        )
        valid: bool = answer["data"]["passwordResetToken"]["valid"]
        if not valid:
            outcome = await world.gateway.do("finishPasswordReset", token=token, password=PASSWORD)
            return bool(outcome["__typename"] == "FinishPasswordResetSuccess")
        return valid

    return lives


async def _confirmation_token(world: World) -> Lives:
    """A token can be used once: so one of two is tried before the end, the other after it."""
    addresses = [f"confirmed{number}@corp.com" for number in range(2)]
    for address in addresses:
        await world.gateway.do(
            "registerCustomer", emailAddress=address, user={"password": PASSWORD}, confirmationBaseUrl=PAGE
        )
    letters = {letter.receiver: letter for letter in await world.letters()}
    tokens = [token_in(letters[address]) for address in addresses]

    async def lives() -> bool:
        token = tokens.pop(0) if len(tokens) > 1 else tokens[0]
        outcome = await world.gateway.do("confirmEmailAddress", token=token)
        return bool(outcome["__typename"] == "ConfirmEmailAddressSuccess")

    return lives


async def _session(world: World) -> Lives:
    outcome = await world.gateway.do("authenticate", more=SIGNED_IN, username=HANS, password=PASSWORD)
    assert outcome["__typename"] == "AuthenticateSuccess", outcome
    bearer = outcome["authentication"]["token"]

    async def lives() -> bool:
        answer = await world.gateway.ask("{ viewer { user { id } } }", bearer=bearer)
        return answer["data"]["viewer"] is not None

    return lives


async def _session_in_use(world: World) -> Lives:
    """One that is used every day ends after 90 days all the same."""
    lives = await _session(world)
    began = world.clock.time
    [session_id] = [row.id for row in await world.rows(Session) if row.created_at == began]
    for day in range(1, 90):
        world.clock.time = began + timedelta(days=day)
        await mark_use(world.gateway.database, session_id, world.clock.now())
    world.clock.time = began
    return lives


async def _registration(world: World) -> Lives:
    address = f"kept{world.clock.time:%j%H%M}@corp.com"
    await world.gateway.do(
        "registerCustomer", emailAddress=address, user={"password": PASSWORD}, confirmationBaseUrl=PAGE
    )

    async def lives() -> bool:
        await sweep(world.gateway.database, world.clock.now())
        outcome = await world.gateway.do("authenticate", username=address, password=PASSWORD)
        return bool(outcome["__typename"] == "EmailAddressNotConfirmedError")

    return lives


ENDS: dict[str, tuple[Callable[[World], Awaitable[Lives]], timedelta]] = {
    "reset token": (_reset_token, timedelta(minutes=60)),
    "confirmation token": (_confirmation_token, timedelta(hours=24)),
    "session": (_session, timedelta(days=14)),
    "session in use": (_session_in_use, timedelta(days=90)),
    "registration": (_registration, timedelta(days=7)),
}
