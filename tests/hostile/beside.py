"""The home of the command: ``python -m tests.hostile.beside`` tells how long signed-in users wait beside strangers.

Hans asks the main query, again and again over four connections: alone, and then beside strangers who send 50 documents
a second that nobody has sent before. Run it on a machine that does nothing else.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import tempfile
from collections import Counter
from pathlib import Path
from statistics import quantiles
from time import perf_counter

import httpx2
from rich.console import Console
from rich.table import Table

from tests.gateway.processes import operation, running

_CONNECTIONS = 4
_SIGN_IN = """mutation ($input: AuthenticateInput!) {
    authenticate(input: $input) { ... on AuthenticateSuccess { authentication { token } } }
}"""
_HANS = {"input": {"username": "hans.muster@astina.io", "password": "banana"}}
_numbers = itertools.count()


async def _signed_in(client: httpx2.AsyncClient, seconds: float) -> list[float]:
    """Ask the main query for some *seconds*; return how long each answer took."""
    body = {"query": operation("CustomerOverview"), "variables": {"orders": 20}}
    until, took = perf_counter() + seconds, []

    async def ask() -> None:
        while (begun := perf_counter()) < until:
            answer = await client.post("/paloma/graphql", json=body)
            assert "errors" not in answer.json(), answer.text
            took.append(perf_counter() - begun)

    await asyncio.gather(*(ask() for _ in range(_CONNECTIONS)))
    return took


async def _strangers(client: httpx2.AsyncClient, rate: float, seconds: float) -> Counter[str]:
    """Send *rate* new documents a second for some *seconds*; return the codes of the answers."""
    codes: Counter[str] = Counter()
    text = operation("CustomerOverview")

    async def ask(number: int) -> None:
        answer = await client.post(
            "/paloma/graphql", json={"query": f"{text}\n# {number}", "variables": {"orders": 20}}
        )
        codes[answer.json()["errors"][0]["extensions"]["code"]] += 1

    begun, sent = perf_counter(), []
    for at in range(int(rate * seconds)):
        await asyncio.sleep(begun + at / rate - perf_counter())
        sent.append(asyncio.create_task(ask(next(_numbers))))
    await asyncio.gather(*sent)
    return codes


async def _measure(url: str, rate: float, seconds: float) -> Table:
    table = Table("", "answers", "p50 ms", "p99 ms", "strangers")
    async with (
        httpx2.AsyncClient(base_url=url, timeout=60) as stranger,
        httpx2.AsyncClient(base_url=url, timeout=60) as hans,
    ):
        answer = await hans.post("/paloma/graphql", json={"query": _SIGN_IN, "variables": _HANS})
        token = answer.json()["data"]["authenticate"]["authentication"]["token"]
        hans.headers["authorization"] = f"Bearer {token}"
        await _signed_in(hans, 2)
        for name, beside in (("alone", 0.0), (f"beside {rate:.0f} new documents a second", rate)):
            took, codes = await asyncio.gather(_signed_in(hans, seconds), _strangers(stranger, beside, seconds))
            percentiles = quantiles(took, n=100)
            told = ", ".join(f"{code}: {count}" for code, count in codes.items())
            table.add_row(
                name, f"{len(took):,}", f"{percentiles[49] * 1000:.1f}", f"{percentiles[98] * 1000:.1f}", told
            )
    return table


def main() -> None:
    """Measure a process that serves the demo on SQLite, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rate", type=float, default=50)
    parser.add_argument("--seconds", type=float, default=20)
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as directory,
        running("demo", "--port", "0", directory=Path(directory)) as process,
    ):
        table = asyncio.run(_measure(process.url(), given.rate, given.seconds))
    Console().print(table)


if __name__ == "__main__":
    main()
