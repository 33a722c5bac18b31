"""The home of the figure of secrets: passwords, tokens and keys are found in the one place that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import orjson
import sqlalchemy as sa

from tests.fire.anatomy import Opened
from tests.fire.canaries import Canaries
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure
from tests.fire.gossip import Shop, a_shop
from tests.fire.world import PAGE

SHORT_EACH = 19
"""Of the ways to give a secret to an operation, every so many-th is tried in a short run."""
HANS, MOVED, NOBODY = "hans@corp.com", "hans.muster@corp.com", "nobody@corp.com"
_ERROR = "... on UserError { message }"
_INVALID = "... on InvalidInputError { violations { field message } }"
_TOKEN = "authentication { token } user { username }"

OPERATIONS: dict[str, tuple[dict[str, Any], str]] = {
    # What they are given where nothing else is, and what is asked of their outcome.
    "authenticate": ({"username": NOBODY, "password": "x"}, f"{_ERROR} ... on AuthenticateSuccess {{ {_TOKEN} }}"),
    "registerCustomer": (
        {"emailAddress": NOBODY, "user": {"password": "x"}, "confirmationBaseUrl": PAGE, "locale": "de_CH"},
        f"{_ERROR} {_INVALID}",
    ),
    "confirmEmailAddress": ({"token": "x"}, f"{_ERROR} ... on ConfirmEmailAddressSuccess {{ emailAddress }}"),
    "resendConfirmation": (
        {"emailAddress": NOBODY, "confirmationBaseUrl": PAGE},
        f"{_ERROR} {_INVALID} ... on ResendConfirmationSuccess {{ emailAddress }}",
    ),
    "changeEmailAddress": (
        {"emailAddress": NOBODY, "currentPassword": "x", "confirmationBaseUrl": PAGE},
        f"{_ERROR} {_INVALID} ... on ChangeEmailAddressSuccess {{ emailAddress }}",
    ),
    "updatePassword": (
        {"currentPassword": "x", "newPassword": "x"},
        f"{_ERROR} {_INVALID} ... on UpdatePasswordSuccess {{ {_TOKEN} }}",
    ),
    "startPasswordReset": (
        {"emailAddress": NOBODY, "confirmationBaseUrl": PAGE},
        f"{_ERROR} {_INVALID} ... on StartPasswordResetSuccess {{ emailAddress }}",
    ),
    "finishPasswordReset": (
        {"token": "x", "password": "x"},
        f"{_ERROR} {_INVALID} ... on FinishPasswordResetSuccess {{ {_TOKEN} }}",
    ),
    "signOut": ({"everywhere": False}, "... on SignOutSuccess { revokedSessions }"),
    "revokeSession": ({"sessionId": "x"}, f"{_ERROR} ... on RevokeSessionSuccess {{ sessionId }}"),
}
VIEWER = "{ viewer { user { username } session { id userAgent } sessions { id } } }"
STATUS = "query($token: String!) { passwordResetToken(token: $token) { valid emailAddress } }"


@figure(19, "a secret is found nowhere but in the one answer or mail that it is for")
async def secrets(url: str, size: Size) -> Finding:
    """Send secrets through a life, to everything that is no place for them, through failures; then look for them."""
    canaries = Canaries()
    for name in ("old password", "new password", "reset password", "wrong password", "garbage token"):
        canaries.made(name)
    canaries.learnt("weak password", canaries.made("weak password")[:7])
    async with a_shop(url, canaries) as shop:
        await _begin(shop)
        await shop.look()
        await _reset(shop)
        await shop.look()
        await _move(shop)
        await _give_everywhere(shop, size)
        await shop.look()
        failures = await _fail(shop)
        await shop.look()
    hits, found = canaries.hits(), canaries.secrets
    told = (
        f"{len(found)} canaries ({', '.join(found)}) in {shop.answers} answers, {failures} of them failures, "
        f"to all {len(OPERATIONS) + 2} operations; looked for in {canaries.places()}: {hits.total()} hits"
    )
    return Finding(told, (*hits, *canaries.lost()))


async def _do(
    shop: Shop, name: str, expected: str, *, bearer: str = "", tells: str | None = None, **given: Any
) -> None:
    """Run a mutation with what is *given* and the secrets of these names, and expect an outcome."""
    secret = shop.canaries.secrets
    document = _document(name)
    answer = await shop.send(document, {"input": given}, secret.get(bearer), tells)
    data = (answer.get("data") or {}).get(name) or {"__typename": answer["errors"][0]["extensions"]["code"]}
    assert data["__typename"] == expected, (name, answer)


def _document(name: str) -> str:
    kind = name[0].upper() + name[1:]
    return f"mutation($input: {kind}Input!) {{ {name}(input: $input) {{ __typename {OPERATIONS[name][1]} }} }}"


async def _begin(shop: Shop) -> None:
    """Register, while the mail server is out of order; sign in and change the password."""
    secret = shop.canaries.secrets
    user = {"password": secret["old password"]}
    await _do(
        shop, "registerCustomer", "RegisterCustomerSuccess", emailAddress=HANS, user=user, confirmationBaseUrl=PAGE
    )
    for shop.server.refuses in ("535", "451"):
        await shop.mailed()
    shop.server.refuses = None
    await shop.mailed("confirmation token")
    right = {"username": HANS, "password": secret["old password"]}
    await _do(shop, "authenticate", "EmailAddressNotConfirmedError", **right)
    await _do(shop, "confirmEmailAddress", "TokenInvalidError", token=secret["garbage token"])
    for outcome in ("ConfirmEmailAddressSuccess", "TokenInvalidError"):
        await _do(shop, "confirmEmailAddress", outcome, token=secret["confirmation token"])
    await _do(shop, "authenticate", "BadCredentialsError", username=HANS, password=secret["wrong password"])
    await _do(shop, "authenticate", "AuthenticateSuccess", tells="session token", **right)
    for current, new, outcome, tells in (
        ("wrong password", "new password", "BadCredentialsError", None),
        ("old password", "weak password", "InvalidInputError", None),
        ("old password", "new password", "UpdatePasswordSuccess", "session token of a change"),
    ):
        passwords = {"currentPassword": secret[current], "newPassword": secret[new]}
        await _do(shop, "updatePassword", outcome, bearer="session token", tells=tells, **passwords)


async def _reset(shop: Shop) -> None:
    """Reset the password, once by a mail that is refused for good."""
    secret = shop.canaries.secrets
    asked = {"emailAddress": HANS, "confirmationBaseUrl": PAGE}
    await _do(shop, "startPasswordReset", "StartPasswordResetSuccess", **asked)
    shop.server.refuses = "550"
    await shop.mailed()
    shop.server.refuses = None
    shop.learn("reset token of a mail that was given up", Opened(shop.server.refused[-1]))
    await _do(shop, "startPasswordReset", "StartPasswordResetSuccess", **asked)
    await shop.mailed("reset token")
    for name in ("reset token", "garbage token"):
        await shop.send(STATUS, {"token": secret[name]})
    for token, password, outcome, tells in (
        ("garbage token", "reset password", "TokenInvalidError", None),
        ("reset token", "weak password", "InvalidInputError", None),
        ("reset token", "reset password", "FinishPasswordResetSuccess", "session token of a reset"),
        ("reset token", "new password", "TokenInvalidError", None),
    ):
        given = {"token": secret[token], "password": secret[password]}
        await _do(shop, "finishPasswordReset", outcome, tells=tells, **given)
    await shop.mailed()


async def _move(shop: Shop) -> None:
    """Move to another address, and sign in there."""
    secret = shop.canaries.secrets
    asked = {"emailAddress": MOVED, "confirmationBaseUrl": PAGE}
    for password, outcome in (
        ("wrong password", "BadCredentialsError"),
        ("reset password", "ChangeEmailAddressSuccess"),
    ):
        given = asked | {"currentPassword": secret[password]}
        await _do(shop, "changeEmailAddress", outcome, bearer="session token of a reset", **given)
    await shop.mailed("token of a new address")
    for outcome in ("ConfirmEmailAddressSuccess", "TokenInvalidError"):
        await _do(shop, "confirmEmailAddress", outcome, token=secret["token of a new address"])
    await _do(shop, "resendConfirmation", "ResendConfirmationSuccess", emailAddress=MOVED, confirmationBaseUrl=PAGE)
    await shop.mailed()
    right = {"username": MOVED, "password": secret["reset password"]}
    for tells in ("another session token", "last session token"):
        await _do(shop, "authenticate", "AuthenticateSuccess", tells=tells, **right)
    await _do(shop, "signOut", "SignOutSuccess", bearer="another session token", everywhere=False)


async def _give_everywhere(shop: Shop, size: Size) -> None:
    """Give every secret to every field, in every shape, and in bodies and URLs that are none."""
    secret = dict(shop.canaries.secrets)
    bearers = ("", secret["last session token"], secret["garbage token"])
    ways = [(name, given, value) for value in secret.values() for name, given in _inputs(value)]
    for number, (name, given, _value) in enumerate(ways[:: size.of(1, SHORT_EACH)]):
        await shop.send(_document(name), {"input": given}, bearers[number % len(bearers)])
    for number, value in enumerate(secret.values()):
        await shop.send(STATUS, {"token": value}, value)
        await shop.send(VIEWER, value, value)
        await _malformed(shop, value, orjson.dumps({"query": STATUS, "variables": {"token": [value]}}))
        if size.whole or number % 3 == 0:
            for document in _documents(value):
                await shop.send(document, {})
    await shop.mailed()


def _inputs(value: str) -> Iterator[tuple[str, object]]:
    """Yield every operation with *value* in a field of its input, or in place of it."""
    for name, (usual, _) in OPERATIONS.items():
        for field in usual:
            for shape in (value, [value], {"password": value}):
                yield name, usual | {field: shape}
        yield name, value
        yield name, [value]


async def _malformed(shop: Shop, value: str, body: bytes) -> None:
    """Send bodies and URLs that are refused before anybody looks at their operation."""
    json = {"content-type": "application/json"}
    for content, headers in (
        (body[:-3], json),
        (orjson.dumps(value), json),
        (body, {"content-type": f"text/plain; {value}"}),
        (f'{{"query": "{value}", "variables": "{value}"}}'.encode(), json),
    ):
        shop.keep(await shop.client.post("/shop/graphql", content=content, headers=headers))
    variables = quote(f'{{"token": "{value}"}}')
    shop.keep(await shop.client.get(f"/shop/graphql?query={quote(STATUS)}&variables={variables}"))
    shop.keep(await shop.client.get(f"/shop/graphql?query={quote(_documents(value)[0])}"))
    shop.keep(await shop.client.get(f"/shop/mailbox?token={value}"))


def _documents(value: str) -> list[str]:
    """Return documents that hold *value*, most of them where it is wrong."""
    finish = "mutation {{ finishPasswordReset(input: {{ token: {0}, password: {0} }}) {{ __typename }} }}"
    return [
        finish.format(f'"{value}"'),
        finish.format(f'"{value}'),
        finish.format(f'["{value}"]'),
        finish.format(f'{{of: "{value}"}}'),
        finish.format(f'"{value}", more: "{value}"'),
        finish.format(f'"""{value}""" }} "{value}"'),
        f'{{ passwordResetToken(token: "{value}") {{ valid @include(if: "{value}") }} }}',
        f'query($token: String! = ["{value}"]) {{ passwordResetToken(token: $token) {{ valid }} }}',
        f'{{ node(id: "{value}") {{ id }} }}',
    ]


async def _fail(shop: Shop) -> int:
    """Have the hasher fail, then the database, with all that is right; return how often that was answered."""
    secret, failed = shop.canaries.secrets, "INTERNAL_SERVER_ERROR"
    await _do(shop, "startPasswordReset", "StartPasswordResetSuccess", emailAddress=MOVED, confirmationBaseUrl=PAGE)
    await shop.mailed("last reset token")
    password, user = secret["reset password"], {"password": secret["new password"]}
    fails: dict[str, dict[str, Any]] = {
        "authenticate": {"username": MOVED, "password": password},
        "finishPasswordReset": {"token": secret["last reset token"], "password": secret["new password"]},
        "updatePassword": {"currentPassword": password, "newPassword": secret["new password"]},
        "changeEmailAddress": {"emailAddress": HANS, "currentPassword": password, "confirmationBaseUrl": PAGE},
        "registerCustomer": {"emailAddress": NOBODY, "user": user, "confirmationBaseUrl": PAGE},
    }
    shop.hasher.is_broken = True
    for name, given in fails.items():
        await _do(shop, name, failed, bearer="last session token", **given)
    shop.hasher.is_broken = False
    async with shop.database.unit_of_work() as session:
        await (await session.connection()).execute(sa.text("ALTER TABLE sessions RENAME TO gone"))
    for name in ("authenticate", "finishPasswordReset"):
        await _do(shop, name, failed, **fails[name])
    return len(fails) + 2


CONTROLS = (
    Control(
        19,
        "a letter keeps its link",
        "        link = links.with_token(mail.confirmation_base_url, text)\n",
        "        link = links.with_token(mail.confirmation_base_url, text)\n"
        '        mail.letter = {**mail.letter, "link": link}\n'
        "        session.add(mail)\n",
        "reset token in the database",
    ),
    Control(
        19,
        "the log tells what an exception says",
        '        "frames": frames[-_MOST_FRAMES:],\n',
        '        "frames": frames[-_MOST_FRAMES:],\n        "text": str(failure),\n',
        "new password in the log",
    ),
    Control(
        19,
        "what a mail server answers is a problem's text",
        'return f"{type(error).__name__} {error.code}" + (f" {enhanced[0]}" if enhanced else "")',
        'return f"{type(error).__name__} {error.code} {error.message}" + ("" if enhanced else "")',
        "password of the mail server in the database",
    ),
)
