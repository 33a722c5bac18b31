"""The home of canaries: secrets that nobody else has, sent everywhere, and looked for where they must not be."""

from __future__ import annotations

import asyncio
import re
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx2
from graphql import OperationDefinitionNode, parse, print_ast

from tests.gateway.processes import ROOT, operation

CARD = "4242424242424242"
_FILES = sorted(file.stem for file in (ROOT / "tests" / "operations").glob("*.graphql"))
OPERATIONS = [
    print_ast(definition)
    for name in _FILES
    for definition in parse(operation(name)).definitions
    if isinstance(definition, OperationDefinitionNode)
]
"""Each a document of its own."""
PAGE = "https://mywebshop.com/security/password-reset"
HANS = "hans.muster@astina.io"


def _made(kind: str) -> str:
    return f"{kind}-{secrets.token_hex(12)}"


_LONGEST_WAIT = 300.0
_START = "mutation($input: StartPasswordResetInput!) { startPasswordReset(input: $input) { __typename } }"
_STATUS = "query($token: String!) { passwordResetToken(token: $token) { valid expiresAt emailAddress } }"
_CONFIRM = "mutation($input: ConfirmEmailAddressInput!) { confirmEmailAddress(input: $input) { __typename } }"
_MORE = "__typename ... on InvalidInputError { violations { field code message limit } } ... on UserError { message }"
_FINISH = f"mutation($input: FinishPasswordResetInput!) {{ finishPasswordReset(input: $input) {{ {_MORE} }} }}"
_UPDATE = f"mutation($input: UpdatePasswordInput!) {{ updatePassword(input: $input) {{ {_MORE} }} }}"
_CHANGE = f"mutation($input: ChangeEmailAddressInput!) {{ changeEmailAddress(input: $input) {{ {_MORE} }} }}"


@dataclass(slots=True)
class Canaries:
    """The secrets of one run, by what they are."""

    password: str = field(default_factory=lambda: _made("right"))
    wrong_password: str = field(default_factory=lambda: _made("wrong"))
    # Too short, of characters that stand together nowhere else.
    weak_password: str = field(default_factory=lambda: f"~{secrets.token_hex(1)}^")
    new_password: str = field(default_factory=lambda: _made("new"))
    token: str = ""
    mailed_token: str = ""
    garbage_token: str = field(default_factory=lambda: _made("garbage"))
    secret_key: str = field(default_factory=lambda: _made("key") + secrets.token_hex(8))
    database_password: str = field(default_factory=lambda: _made("database"))
    card: str = CARD
    email: str = field(default_factory=lambda: f"{_made('somebody')}@example.org")
    literal: str = field(default_factory=lambda: _made("literal"))
    in_url: str = field(default_factory=lambda: _made("url"))
    request_id: str = field(default_factory=lambda: _made("id"))
    user_agent: str = field(default_factory=lambda: _made("agent"))
    channel: str = field(default_factory=lambda: _made("channel"))

    def values(self) -> dict[str, str]:
        """Return the secrets that there are, by name."""
        found = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in found.items() if value}

    def found_in(self, where: str, content: bytes, allowed: frozenset[str] = frozenset()) -> list[str]:
        """Return which secrets *content* holds but is not *allowed* to."""
        return [
            f"{name} in {where}"
            for name, value in self.values().items()
            if name not in allowed and value.encode() in content
        ]


class Sender:
    """Sends canaries to the shop *paloma* at *url*, and keeps the answers."""

    def __init__(self, url: str, canaries: Canaries) -> None:
        self.answers: list[httpx2.Response] = []
        self._url = f"{url}/paloma/graphql"
        self._canaries = canaries
        headers = {"user-agent": canaries.user_agent, "x-request-id": f"{canaries.request_id} {canaries.request_id}"}
        self._client = httpx2.Client(headers=headers, timeout=30)

    def close(self) -> None:
        self._client.close()

    def post(self, document: str, variables: dict[str, Any], token: str | None = None, url: str | None = None) -> Any:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        body = {"query": document, "variables": variables}
        return self._kept(self._client.post(url or self._url, json=body, headers=headers))

    def get(self, **parameters: str) -> Any:
        return self._kept(self._client.get(self._url, params=parameters))

    def _kept(self, answer: httpx2.Response) -> Any:
        self.answers.append(answer)
        return answer.json()

    def register(self, password: str, **more: object) -> Any:
        given = {"emailAddress": f"{secrets.token_hex(8)}@example.org", "user": {"password": password}, **more}
        return self.post(operation("Register"), {"input": given})

    def sign_in(self, password: str, username: str = HANS) -> Any:
        return self.post(operation("Authenticate"), {"input": {"username": username, "password": password}})

    def sign_in_rightly(self) -> None:
        """Register with the right password, sign in, and keep the token; its answer alone may hold it."""
        username = f"{secrets.token_hex(8)}@example.org"
        self.register(self._canaries.password, emailAddress=username)
        answer = self.sign_in(self._canaries.password, username)
        self._canaries.token = answer["data"]["authenticate"]["authentication"]["token"]
        self.answers.pop()

    def use_mailed_token(self) -> None:
        """Have a token mailed, keep it, and set a password by it; the mailbox alone may show it."""
        canaries, username = self._canaries, f"{secrets.token_hex(8)}@example.org"
        self.register(canaries.password, emailAddress=username)
        for _ in range(2):
            self.post(_START, {"input": {"emailAddress": username, "confirmationBaseUrl": PAGE}})
        canaries.mailed_token = self._token_mailed_to(username)
        for sent in ({"token": canaries.garbage_token, "password": canaries.new_password},
                     {"token": canaries.mailed_token, "password": canaries.weak_password},
                     {"token": canaries.mailed_token, "password": canaries.new_password},
                     {"token": canaries.mailed_token, "password": canaries.new_password}):  # fmt: skip
            self.post(_STATUS, {"token": sent["token"]})
            self.post(_FINISH, {"input": sent})
            self.post(_CONFIRM, {"input": {"token": sent["token"]}})

    def _token_mailed_to(self, username: str) -> str:
        base, until = self._url.removesuffix("/graphql"), time.monotonic() + _LONGEST_WAIT
        while True:
            page = self._client.get(f"{base}/mailbox").text
            for mail_id in re.findall(r"mailbox/(mai_[0-9A-Z]+)", page):
                mail = self._client.get(f"{base}/mailbox/{mail_id}").text
                if username in mail and (found := re.search(r"[?]token=([\w-]{43})", mail)):
                    return found[1]
            assert time.monotonic() < until, page
            time.sleep(0.2)

    def change_password(self) -> None:
        """Change the password of who signed in, wrongly and rightly, and the address; the token is worthless then."""
        canaries, token = self._canaries, self._canaries.token
        for current, new in (
            (canaries.wrong_password, canaries.new_password),
            (canaries.password, canaries.weak_password),
            (canaries.password, canaries.new_password),
        ):
            address = {"emailAddress": "x@example.org", "currentPassword": current, "confirmationBaseUrl": PAGE}
            self.post(_CHANGE, {"input": address}, token)
            self.post(_UPDATE, {"input": {"currentPassword": current, "newPassword": new}}, token)

    def send_everywhere(self) -> None:
        """Send every secret through every operation, and on every way to an error."""
        canaries = self._canaries
        self.sign_in(canaries.wrong_password)
        self.register(canaries.weak_password)
        for value in canaries.values().values():
            self._through_operations(value)
            self._through_text(value)
        for token in (canaries.token, canaries.garbage_token):
            for document in OPERATIONS:
                self.post(document, {}, token)
                self.post(document, {"orders": 1, "page": 0, "size": 1, "orderNumber": "1", "first": 1}, token)
        # A secret is no name: GraphQL's own errors tell names, and a path holds a channel that is not there.
        base = self._url.removesuffix("/paloma/graphql")
        self.post("{ channel { code } }", {}, url=f"{base}/{canaries.channel}/graphql")
        self.post("{ channel { code } }", {}, url=f"{base}/paloma/graphql/{canaries.channel}")
        self._client.put(f"{base}/{canaries.channel}/graphql")
        self._client.post(self._url, content=f'{{"query": "{canaries.literal}')
        self._client.post(self._url, content=canaries.literal, headers={"content-type": canaries.literal})

    def _through_operations(self, value: str) -> None:
        for document in OPERATIONS:
            names = _variables(document)
            for wrong in (value, [value], {"password": value, "user": {"password": [value]}, value[:0] or "x": value}):
                self.post(document, dict.fromkeys(names, wrong))
            self.get(query=document, variables=f'{{"{names[0] if names else "x"}": "{value}"}}')

    def _through_text(self, value: str) -> None:
        sign_in = 'mutation {{ authenticate(input: {{username: "a@b.example", password: {0}}}) {{ __typename }} }}'
        for document in (
            sign_in.format(f'"{value}'),
            sign_in.format(f'"{value}" "{value}"'),
            sign_in.format(f'"""{value}""" }} "{value}"'),
            sign_in.format(f'["{value}"]'),
            sign_in.format(f'{{of: "{value}"}}'),
            sign_in.format(f'"{value}", more: "{value}"'),
            f'{{ channel(password: "{value}") {{ code }} }}',
            f'{{ passwordResetToken(token: "{value}") {{ valid expiresAt emailAddress }} }}',
            f'mutation {{ confirmEmailAddress(input: {{token: "{value}", more: "{value}"}}) {{ __typename }} }}',
            f'mutation {{ revokeSession(input: {{sessionId: "{value}"}}) {{ __typename }} }}',
            f'{{ channel {{ code @include(if: "{value}") }} }}',
            f'query($a: Int = "{value}") {{ channel {{ code }} }}',
            f'{{ customer(id: "{value}") {{ id }} node(id: "{value}") {{ id }} }}',
        ):
            self.post(document, {})
        self.post(f"{{ channel {CARD} }}", {})
        self.get(query=sign_in.format(f'"{self._canaries.in_url}"'))
        self.get(query=sign_in.format(f'"{value}"'), operationName="", variables=f'"{value}"', extensions=f'"{value}"')


def _variables(document: str) -> list[str]:
    [definition] = [found for found in parse(document).definitions if isinstance(found, OperationDefinitionNode)]
    return [found.variable.name.value for found in definition.variable_definitions or ()]


def stored(url: str) -> bytes:
    """Return all that the database at *url* keeps: the bytes of the files, or the rows of PostgreSQL as text."""
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///"))
        return b"".join(each.read_bytes() for each in sorted(file.parent.glob(f"{file.name}*")))
    return asyncio.run(_rows(url))


async def _rows(url: str) -> bytes:
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        rows = [await connection.fetch(f'SELECT t::text FROM "{table[0]}" t') for table in tables]
        return "\n".join(row[0] for found in rows for row in found).encode()
    finally:
        await connection.close()


_OF_SESSIONS = frozenset({"user_agent"})
"""A session keeps the browser, which its user is shown."""


def leaks(canaries: Canaries, sender: Sender, log: str, url: str | None) -> set[str]:
    """Return which secrets stand where they must not: in the log, in answers, in the database at *url*."""
    found = canaries.found_in("the log", log.encode())
    for answer in sender.answers:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        shown = _OF_SESSIONS if '"userAgent":' in answer.text else frozenset[str]()
        found += canaries.found_in("an answer", f"{head}\n{answer.text}".encode(), shown)
    if url:
        found += canaries.found_in("the database", stored(url), _OF_SESSIONS)
    return set(found)
