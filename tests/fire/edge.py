"""The home of the figures of the edge: what waits on a connection, and who is told apart behind a proxy."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gateway.http.protocol import BoundedProtocol
from tests.fire.controls import Control
from tests.fire.figures import Finding, Size, figure, unless
from tests.fire.fronts import FRONTS, Front, is_there, printed
from tests.gateway.processes import SECRET_KEY, load_demo_into, running
from tests.gateway.test_connections import serving
from tests.gateway.test_pipelines import Watched, answered, posted, watching


@figure(
    40, "of hundreds of requests that are sent at once on one connection 16 wait at most; all are answered in order"
)
async def pipelined(url: str, size: Size) -> Finding:
    """Send requests without waiting for answers, on several connections."""
    del url
    sent = size.of(800, 400)
    with serving(watching(BoundedProtocol)) as port:
        numbers = await asyncio.gather(
            *(
                answered(port, *(posted(number, length) for number in range(sent)), count=sent)
                for length in (0, 10, 1_000, 10_000)
            )
        )
    most, missing = Watched.most, sum(found != list(range(sent)) for found in numbers)
    return Finding(
        f"{len(numbers)} connections of {sent} requests each: {most} waited at most, {missing} came back otherwise",
        (*unless(0 < most <= 16, f"{most} requests waited"), *unless(not missing, f"{missing} answered out of order")),
    )


TRIES = 5
"""What a network may try in an hour."""
HANS = "hans.muster@astina.io"
SIGN_IN = """mutation ($username: String!, $password: String!) {
    authenticate(input: { username: $username, password: $password }) {
        __typename ... on AuthenticateSuccess { authentication { token } }
    }
}"""
SESSIONS = "{ viewer { sessions { ipAddress userAgent current } } }"


@figure(41, "behind nginx, HAProxy and a shop's own server, as printed in docs/operations.md, each visitor is one")
async def behind_proxies(url: str, size: Size) -> Finding:
    """Ask as several visitors through what stands in front, which sit at different addresses of the loopback."""
    del size
    return await asyncio.to_thread(_behind_proxies, url)


def _behind_proxies(url: str) -> Finding:
    load_demo_into(url)
    not_run = tuple(name for name, (command, _run) in FRONTS.items() if not is_there(command))
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as directory:
        trusted = printed("ini", {}).strip().removeprefix("GATEWAY_TRUSTED_PROXIES=")
        place = Path(directory)
        with running(
            *("serve", "--port=0"),
            directory=place,
            database_url=url,
            secret_key=SECRET_KEY,
            tries_per_network=str(TRIES),
            trusted_proxies=trusted,
        ) as process:
            port = int(process.url().rpartition(":")[2])
            for number, (name, front) in enumerate(_fronts(place, port, not_run)):
                wrong += [f"{name}: {each}" for each in _of_visitors(front, f"127.0.{number + 1}")]
    ran = [name for name in FRONTS if name not in not_run]
    told = f"{', '.join(ran)}: sessions have the visitors' addresses and devices, {TRIES} tries each"
    return Finding(told, tuple(wrong), not_run)


def _fronts(place: Path, port: int, not_run: tuple[str, ...]) -> Iterator[tuple[str, Front]]:
    for name, (_command, run) in FRONTS.items():
        if name in not_run:
            continue
        (place / name).mkdir()
        with run(place / name, port) as front:
            yield name, front


def _of_visitors(front: Front, network: str) -> Iterator[str]:
    """Yield what is wrong about visitors of an IPv4 *network*."""
    devices = {f"{network}.2": "Firefox", f"{network}.3": "Safari"}
    for address, device in devices.items():
        signed_in = front.ask(address, device, SIGN_IN, username=HANS, password="banana")["authenticate"]
        if signed_in["__typename"] != "AuthenticateSuccess":
            yield f"{address} gets {signed_in['__typename']}"
            return
        token = signed_in["authentication"]["token"]
        [own] = [
            (found["ipAddress"], found["userAgent"])
            for found in front.ask(address, device, SESSIONS, token)["viewer"]["sessions"]
            if found["current"]
        ]
        if own != (address, device):
            yield f"the session of {address} with {device} shows {own[0]} with {own[1]}"
    guessed = [_tried(front, f"{network}.4", f"{number}@shop.example") for number in range(TRIES + 1)]
    if guessed != ["BadCredentialsError"] * TRIES + ["RateLimitedError"]:
        yield f"of {len(guessed)} tries {guessed.count('BadCredentialsError')} are let through"
    if (other := _tried(front, f"{network}.5", "other@shop.example")) != "BadCredentialsError":
        yield f"another visitor gets {other}"


def _tried(front: Front, address: str, username: str) -> str:
    outcome = front.ask(address, "Opera", SIGN_IN, username=username, password="apple")["authenticate"]
    return str(outcome["__typename"])


CONTROLS = (
    Control(
        40,
        "all that has come waits",
        "end_of(self._came, begin, self.max_waiting - len(self.pipeline))",
        "len(self._came)",
        "requests waited",
    ),
    Control(
        41,
        "no proxy is trusted",
        "ProxyHeadersMiddleware(self._settle, written)",
        "ProxyHeadersMiddleware(self._settle, [])",
        "shows 127.0.0.1 with Firefox",
    ),
)
