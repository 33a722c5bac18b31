"""A real `gateway import` process, killed in the middle again and again: nothing is lost, nothing is there twice."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from db.engine import backend_of
from db.journal import Import
from db.sqlite import file_of
from tests.conftest import FreshDatabase
from tests.gateway.processes import environment
from tests.importing.making import SHOP, address, content, imported, make_shop, order, rows, wait_for, written

CUSTOMERS = 40
RECORDS = 1500
REPORT = "refused.jsonl"
MANY = 6000  # so many that there is time to do something meanwhile


def start(url: str, kind: str, file: Path, report: Path, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gateway.cli", "import", kind, str(file), "--channel", SHOP]
    return subprocess.Popen(  # noqa: S603 - our own
        [*command, "--refused", str(report), *options],
        env=environment(database_url=url),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def lines_done(url: str) -> int:
    """Ask the driver itself: this is asked all the time, and must not take what the import needs."""
    lines = f"SELECT lines FROM {Import.__tablename__}"
    if backend_of(url) == "postgresql":
        return int(wait_for(first(url, lines)) or 0)
    with closing(sqlite3.connect(file_of(url), timeout=10)) as connection:
        return int((connection.execute(lines).fetchone() or [0])[0])


async def first(url: str, query: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def has_passed(url: str, lines: int) -> bool:
    return lines_done(url) > lines


def await_or_end(process: subprocess.Popen[str], holds: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and not holds():
        assert time.monotonic() < until
        time.sleep(0.002)


def of_orders(file: Path, count: int) -> Path:
    """Write orders, of which each hundredth is refused."""
    lines = (order(number, CUSTOMERS, **({"total": "1"} if number % 100 == 0 else {})) for number in range(count))
    return written(file, lines)


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    """A file of orders."""
    return of_orders(tmp_path / "orders.jsonl", RECORDS)


@pytest.fixture
def many_orders(tmp_path: Path) -> Path:
    """A longer one."""
    return of_orders(tmp_path / "many.jsonl", MANY)


@pytest.fixture
def order_rows(tmp_path: Path) -> Path:
    """The same in CSV, of orders with two rows each."""
    own = "orderNumber,customerNumber,orderDate,locale,status,currency,total"
    lines = [f"{own},item.sku,item.name,item.quantity,item.unitPrice\n".encode()]
    for number in range(RECORDS):
        total = "1" if number % 100 == 0 else "24.00"
        own = f"2020-01-01T00:00:00Z,de_CH,SHIPPED,CHF,{total}"
        lines += [
            f'N{number},C{number % CUSTOMERS:05},{own},1,"Cups, blue",2,7.00\n'.encode(),
            f'N{number},,,,,,,2,"Cups,\nred",2,5.00\n'.encode(),
        ]
    return written(tmp_path / "orders.csv", lines)


@pytest.fixture
def addresses(tmp_path: Path) -> Path:
    """A file of addresses: which is the default, and what customers are found by, depends on all before."""
    lines = (
        # Addresses are quick: of fewer all may be in before the process is killed.
        address(number % CUSTOMERS, street=str(number or ""), isDefault=number % 7 == 0)
        for number in range(3 * RECORDS)
    )
    return written(tmp_path / "addresses.jsonl", lines)


@pytest.mark.parametrize(
    ("backend", "name"),
    [("postgresql", "orders"), ("sqlite", "order_rows"), ("sqlite", "addresses")],
)
def test_what_was_killed_goes_on_where_it_stopped(
    backend: str, name: str, fresh_database: FreshDatabase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    file: Path = request.getfixturevalue(name)
    kind = "addresses" if name == "addresses" else "orders"
    with fresh_database(backend) as url, fresh_database("sqlite") as sole:
        assert_survives_kills(url, kind, file, tmp_path)
        assert_is_what_one_run_makes(url, sole, kind, file, tmp_path)


def assert_survives_kills(database_url: str, kind: str, file: Path, tmp_path: Path) -> None:
    make_shop(database_url, customers=CUSTOMERS)
    make_shop(database_url, customers=0, code="calm")
    report = tmp_path / REPORT
    kills, seen = 0, 0
    while True:
        process = start(database_url, kind, file, report, *(["--resume"] if kills else []))
        # A little later each time, so that reading, writing and committing are all hit.
        await_or_end(process, partial(has_passed, database_url, seen))
        time.sleep(0.01 * kills)
        process.kill()
        output, _ = process.communicate()
        if process.returncode >= 0:
            break
        kills += 1
        now = lines_done(database_url)
        assert now >= seen
        seen = now
        if kills == 1:
            told = imported(database_url, kind, file)
            assert told.exit_code == 2
            assert f"stopped after line {seen:,}. Run it again with --resume" in " ".join(told.output.split())

    assert kills >= 2, output
    assert process.returncode == 1, output


def assert_is_what_one_run_makes(url: str, sole: str, kind: str, file: Path, tmp_path: Path) -> None:
    interrupted = content(url)
    [entry] = rows(url, Import)
    clean = tmp_path / "clean.jsonl"
    make_shop(sole, customers=CUSTOMERS)
    make_shop(sole, customers=0, code="calm")
    assert imported(sole, kind, file, "--refused", str(clean)).exit_code == 1
    [expected] = rows(sole, Import)

    for table, stored in content(sole).items():
        assert without_times(stored) == without_times(interrupted[table]), table
    assert (tmp_path / REPORT).read_bytes() == clean.read_bytes()
    for name in ("position", "lines", "imported", "refused", "report_length"):
        assert entry[name] == expected[name]
    assert entry["finished_at"]


def without_times(stored: list[dict[str, object]]) -> list[str]:
    """Leave out when a row was written: customers and the channel are made by the tests, at other times."""
    return sorted(
        repr({name: value for name, value in row.items() if name not in {"created_at", "updated_at"}}) for row in stored
    )


def test_who_else_writes_is_not_starved(database_url: str, many_orders: Path, tmp_path: Path) -> None:
    make_shop(database_url, customers=CUSTOMERS)
    process = start(database_url, "orders", many_orders, tmp_path / "refused")
    await_or_end(process, lambda: lines_done(database_url) > 0)
    passed: list[int] = []
    while process.poll() is None:
        begun = lines_done(database_url)
        make_shop(database_url, code=f"other{len(passed)}")
        passed.append(lines_done(database_url) - begun)
    process.communicate()

    assert process.returncode == 1
    # Told in lines of the import: how long they take is up to the machine.
    assert len(passed) > 3
    assert max(passed) < MANY // 2


@pytest.fixture
def _ctrl_c_is_heard() -> Iterator[None]:
    """What a shell starts in the background is deaf to it, and so are the tests and all that they start there."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("_ctrl_c_is_heard")
def test_who_presses_ctrl_c_is_told_how_to_go_on(database_url: str, many_orders: Path, tmp_path: Path) -> None:
    make_shop(database_url, customers=CUSTOMERS)
    process = start(database_url, "orders", many_orders, tmp_path / "refused")
    await_or_end(process, lambda: lines_done(database_url) > 0)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate()

    assert process.returncode == 2
    assert output == "Stopped. What came in stays. Run this again with --resume to go on.\n"
    assert 0 < lines_done(database_url) < MANY


def test_a_database_that_falls_silent_is_told(fresh_database: FreshDatabase, many_orders: Path, tmp_path: Path) -> None:
    with fresh_database("sqlite") as url:
        make_shop(url, customers=CUSTOMERS)
        process = start(url, "orders", many_orders, tmp_path / "refused")
        await_or_end(process, lambda: lines_done(url) > 0)
        with closing(sqlite3.connect(file_of(url), isolation_level=None, timeout=10)) as other:
            other.execute("BEGIN IMMEDIATE")
            output, _ = process.communicate()
        done = lines_done(url)

        assert process.returncode == 2
        assert output == (
            f"The database does not answer. The import stopped after line {done:,}; "
            "run this again with --resume to go on. "
            "The file of GATEWAY_DATABASE_URL can't be used: database is locked. "
            "Another process has been writing to it for too long.\n"
        )
        assert 0 < done < MANY
        report = str(tmp_path / "refused")
        assert imported(url, "orders", many_orders, "--resume", "--refused", report).exit_code == 1
        assert len((tmp_path / "refused").read_bytes().splitlines()) == MANY // 100


def test_a_file_that_changes_is_noticed(database_url: str, many_orders: Path, tmp_path: Path) -> None:
    make_shop(database_url, customers=CUSTOMERS)
    process = start(database_url, "orders", many_orders, tmp_path / "refused")
    await_or_end(process, lambda: lines_done(database_url) > 0)
    with many_orders.open("ab") as out:
        out.write(b"\n")
    output, _ = process.communicate()

    assert process.returncode == 2
    assert "was changed when line" in output


def test_another_report_than_the_one_begun_is_refused(database_url: str, many_orders: Path, tmp_path: Path) -> None:
    make_shop(database_url, customers=CUSTOMERS)
    process = start(database_url, "orders", many_orders, tmp_path / "begun")
    await_or_end(process, lambda: lines_done(database_url) > 0)
    process.kill()
    process.communicate()

    (tmp_path / "other").write_bytes(b"")
    told = imported(database_url, "orders", many_orders, "--resume", "--refused", str(tmp_path / "other"))
    assert told.exit_code == 2
    assert "is not the report that was begun" in " ".join(told.output.split())
    assert (
        imported(database_url, "orders", many_orders, "--resume", "--refused", str(tmp_path / "begun")).exit_code == 1
    )
    assert len((tmp_path / "begun").read_bytes().splitlines()) == MANY // 100
