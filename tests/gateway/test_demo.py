"""The demo, started as `make demo` does: it needs nothing, and what it prints works."""

from __future__ import annotations

import asyncio
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import orjson
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from db.engine import open_database
from db.enums import ChannelKind
from db.migrate import migrate, unmigrate
from db.revisions import known, pending
from gateway.adapters.clock import SystemClock
from gateway.demo import HASHED_AT_ONCE, load_demo
from gateway.demo.northwind.companies import usernames
from gateway.demo.trial import announcement, prepare
from gateway.operator.secret_key import kept_secret_key
from gateway.operator.settings import DemoSettings, OperatorError, load
from resolvers.channels.service import create_channel
from resolvers.ports import Verdict
from tests.gateway.processes import Process, running


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo(directory: Path) -> Iterator[Process]:
    """A demo that was started from nothing."""
    with running("demo", "--port=0", directory=directory) as process:
        process.url()
        yield process


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl: apt-get install curl")
def test_the_demo_prints_a_line_that_signs_hans_in(demo: Process) -> None:
    line = demo.awaited(lambda: next((each for each in demo.output.splitlines() if "curl " in each), None))

    answer = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout  # noqa: S603, S607

    result = orjson.loads(answer)["data"]["authenticate"]
    assert result["__typename"] == "AuthenticateSuccess"
    assert result["customer"]["orders"]["totalCount"] == 25
    assert len(result["customer"]["orders"]["nodes"]) == 2


def test_the_demo_starts_from_nothing_and_then_from_what_it_made(demo: Process, directory: Path) -> None:
    assert "Hashing" in demo.output
    assert demo.output.index(f"{demo.url()}/\n") < demo.output.index("/graphql"), "the playground is named first"
    key = (directory / "demo" / "secret.key").read_text()

    with running("demo", "--port=0", directory=directory, playground="false") as process:
        process.url()

    assert "Hashing" not in process.output
    assert "in a browser" not in process.output
    assert (directory / "demo" / "secret.key").read_text() == key


def test_the_demo_says_who_is_let_in_and_where_its_data_lies(demo: Process, directory: Path) -> None:
    demo.awaited(lambda: "Stop it with" in demo.output)

    accounts = re.findall(r"^  ((?:[a-z]{5} ?)+)$", demo.output, re.MULTILINE)
    assert {f"{name}@northwind.example" for line in accounts for name in line.split()} == set(usernames())
    assert f"{directory}/demo/gateway.db:" in demo.output
    assert "http://localhost and 127.0.0.1 on any port" in demo.output


def test_the_demo_does_not_tell_the_password_of_its_database() -> None:
    url = "postgresql://somebody:hunter2@host/shop"
    settings = DemoSettings(database_url=url, secret_key=(SecretStr("k" * 32),))

    told = announcement("http://127.0.0.1:8000", settings)

    assert "GATEWAY_DATABASE_URL" in told
    assert "hunter2" not in told


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = kept_secret_key(tmp_path)

    assert len(made) >= 32
    assert kept_secret_key(tmp_path) == made
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("left", [b"", b"half", b"\0" * 43, b"\xff" * 43])
def test_what_a_crash_left_of_a_secret_key_is_replaced(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "secret.key").write_bytes(left)

    assert len(made := kept_secret_key(tmp_path)) >= 32
    assert kept_secret_key(tmp_path) == made


def test_processes_that_start_together_agree_on_the_secret_key(tmp_path: Path) -> None:
    together = Barrier(8)

    def start(_number: int) -> str:
        together.wait()
        return kept_secret_key(tmp_path)

    with ThreadPoolExecutor(8) as processes:
        for _ in range(20):
            assert len(set(processes.map(start, range(8)))) == 1
            (tmp_path / "secret.key").unlink()


def test_the_demo_has_a_directory_whatever_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    asyncio.run(prepare(load(DemoSettings, secret_key="k" * 32).database_url, print))

    assert [file.name for file in (tmp_path / "demo").iterdir()] == ["gateway.db"]
    assert stat.S_IMODE((tmp_path / "demo").stat().st_mode) == 0o700


def test_a_secret_key_that_cannot_be_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "demo" / "secret.key").mkdir(parents=True)

    with pytest.raises(OperatorError, match=r"demo/secret\.key can't be made or read: Is a directory"):
        load(DemoSettings)


@pytest.mark.anyio
async def test_processes_that_load_together_load_once(database_url: str) -> None:
    databases = [await open_database(database_url) for _ in range(2)]
    hasher = TogetherHasher(len(databases))

    loaded = await asyncio.gather(*(load_demo(database, hasher, SystemClock()) for database in databases))

    assert sorted(loaded) == [False, True]
    assert await databases[0].read("SELECT count(*) FROM channels", ()) == (2,)
    for database in databases:
        await database.close()


class TogetherHasher:
    """Hashes nothing before so many loaders have begun: none of them has found the other's channels."""

    def __init__(self, loaders: int) -> None:
        self._missing = loaders * HASHED_AT_ONCE
        self._begun = asyncio.Event()

    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        self._missing -= 1
        if self._missing <= 0:
            self._begun.set()
        await self._begun.wait()
        return password

    async def verify(self, password_hash: str | None, password: str) -> Verdict:
        raise AssertionError(password_hash, password)


@pytest.mark.anyio
@pytest.mark.parametrize("code", ["real", "paloma", "northwind"])
async def test_the_demo_stays_out_of_a_database_with_channels_of_its_own(database_url: str, code: str) -> None:
    database = await open_database(database_url)
    async with database.unit_of_work() as session:
        await create_channel(session, now=SystemClock().now(), code=code, name="Real", kind=ChannelKind.B2C)
    await database.close()

    with pytest.raises(OperatorError, match="not the demo's"):
        await prepare(database_url, print)


@pytest.mark.anyio
async def test_the_demo_stays_out_of_a_database_that_waits_for_its_first_channel(database_url: str) -> None:
    with pytest.raises(OperatorError, match="not the demo's"):
        await prepare(database_url, print)


@pytest.mark.anyio
async def test_the_demo_does_not_migrate_a_database_that_it_stays_out_of(database_url: str) -> None:
    await unmigrate(database_url)
    database = await open_database(database_url)
    async with database.unit_of_work() as session:
        await (await session.connection()).execute(text("CREATE TABLE somebody_elses (id INTEGER)"))
    await database.close()

    with pytest.raises(OperatorError, match="not the demo's"):
        await prepare(database_url, print)
    assert await pending(database_url) == known()


@pytest.mark.anyio
async def test_what_a_first_start_left_half_done_is_completed(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/demo.db"
    await migrate(url)

    await prepare(url, print, own=True)
    await prepare(url, print)


@pytest.mark.anyio
async def test_preparing_tells_each_step(tmp_path: Path) -> None:
    told: list[str] = []
    url = f"sqlite:///{tmp_path}/demo.db"

    await prepare(url, told.append)
    await prepare(url, told.append)

    assert [step.split()[0] for step in told] == ["Migrating", "Hashing", "Writing", "Writing", "Migrating"]
