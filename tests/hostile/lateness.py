"""The home of the command: ``python -m tests.hostile.lateness`` prints which requests keep all others waiting longest.

Run it on a machine that does nothing else. Every request should stay under 100 ms.
"""

from __future__ import annotations

import asyncio
import tempfile

from rich.console import Console
from rich.progress import track
from rich.table import Table

from db.migrate import migrate
from tests.gateway.hans import signed_in
from tests.gateway.processes import load_demo_into
from tests.hostile.costly import REQUESTS, lateness

_ROWS = 10


async def _measure(url: str) -> dict[str, float]:
    async with signed_in(url) as client:

        async def ask(body: bytes) -> object:
            return await client.post("/graphql", content=body)

        return {name: await lateness(ask, name) for name in track(REQUESTS, "Asking", transient=True)}


def main() -> None:
    """Measure in this process, on SQLite with the demo data; print the worst."""
    with tempfile.TemporaryDirectory() as directory:
        url = f"sqlite:///{directory}/lateness.db"
        asyncio.run(migrate(url))
        load_demo_into(url)
        measured = asyncio.run(_measure(url))
    table = Table("ms", "request", title=f"The worst {_ROWS} of {len(measured)}")
    for name in sorted(measured, key=measured.__getitem__, reverse=True)[:_ROWS]:
        table.add_row(f"{measured[name] * 1000:.1f}", name)
    Console().print(table)


if __name__ == "__main__":
    main()
