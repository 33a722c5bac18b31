"""The home of the report: figures as a page of tables, in which ratios come first, for machines differ."""

from __future__ import annotations

import platform
import subprocess
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median
from typing import TYPE_CHECKING

import psutil

from bench import shop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bench.measures import Figures, Results


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on one database *system*."""

    system: str
    results: Results = field(default_factory=dict)
    starts: list[tuple[float, float]] = field(default_factory=list)
    signing_in: tuple[float, float] | None = None


_HEAD = """\
# Results

Written by `make bench` on {date}, of commit {commit}: {cores} cores ({machine}) with {memory} GiB, shared by servers,
database and load; Python {python}. The shop has {customers:,} customers with {orders} orders each, one in {one_in} with
{great}; each request is of a random customer, signed in. Those with {great} ask for pages of orders.

The subjects take turns: {rounds} rounds of {seconds} seconds. Figures are medians of the rounds, ratios medians of the
ratios of each round. CPU is milliseconds a request.

- **gateway**: `gateway serve` as it comes, one process unless two are told, with its log; only its throttles are set so
  that they never close.
- **limit**: a bare ASGI application on the same uvicorn, driver and connections, which returns the same bytes by one
  statement written by hand; with the gateway's settings of the garbage collector.
- **plain**: the same queries by Strawberry, SQLAlchemy and data loaders.
"""
_COLUMNS = (
    "question", "connections", "subject", "of limit", "times plain", "req/s", "p50 ms", "p99 ms", "server CPU",
    "database CPU", "MiB",
)  # fmt: skip


def page(measured: list[Measured], customers: int, rounds: int, seconds: int) -> str:
    """Return the report, in Markdown."""
    head = _HEAD.format(
        date=datetime.now(UTC).date(),
        commit=_commit(),
        cores=psutil.cpu_count(),
        machine=platform.machine(),
        memory=round(psutil.virtual_memory().total / 1024**3),
        python=platform.python_version(),
        customers=customers,
        orders=shop.ORDERS,
        one_in=shop.ONE_IN_GREAT,
        great=shop.ORDERS_OF_GREAT,
        rounds=rounds,
        seconds=seconds,
    )
    return "\n".join([head, *(line for found in measured for line in _section(found))])


def _commit() -> str:
    described = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    return subprocess.run(described, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603 - git


def _section(measured: Measured) -> Iterator[str]:
    yield from (f"## {measured.system}", "")
    yield _row(_COLUMNS)
    yield _row(["---"] * len(_COLUMNS))
    for (name, connections, subject), figures in measured.results.items():
        others = (measured.results.get((name, connections, other), []) for other in ("limit", "plain"))
        of_limit, times_plain = (_ratio(figures, other) for other in others)
        yield _row([name, str(connections), subject, of_limit, times_plain, *_cells(figures)])
    yield ""
    if measured.starts:
        seconds, memory = (median(found) for found in zip(*measured.starts, strict=True))
        yield f"The gateway answers {seconds:.2f} s after it was started, with {memory:.0f} MiB."
    if measured.signing_in:
        found, bare = measured.signing_in
        yield f"It signs in {found:.0f} users a second; bare Argon2 judges {bare:.0f} passwords on the same cores."
    cold, warm = (
        measured.results.get(key) for key in (("a new document each time", 1, "gateway"), ("main query", 1, "gateway"))
    )
    if cold and warm:
        more = median(each.load.p50 for each in cold) - median(each.load.p50 for each in warm)
        yield f"A document that nobody has sent before takes {more:.1f} ms more, over fields that were asked before."
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(figures: list[Figures], others: list[Figures]) -> str:
    if not others or others is figures:
        return ""
    ratio = median(one.load.per_second / other.load.per_second for one, other in zip(figures, others, strict=True))
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"  # noqa: PLR2004 - three digits


def _cells(figures: list[Figures]) -> Iterator[str]:
    yield f"{median(each.load.per_second for each in figures):,.0f}"
    yield f"{median(each.load.p50 for each in figures):.2f}"
    yield f"{median(each.load.p99 for each in figures):.2f}"
    yield f"{median(each.server_ms for each in figures):.2f}"
    yield f"{median(each.database_ms for each in figures):.2f}"
    yield f"{max(each.memory for each in figures):.0f}"
