"""The demo, started as `make demo` does: it needs nothing, and what it prints works."""

from __future__ import annotations

import shutil
import stat
import subprocess
from pathlib import Path

import orjson
import pytest

from db.engine import open_database
from db.enums import ChannelKind
from db.migrate import migrate
from gateway.clock import SystemClock
from gateway.demo.trial import prepare
from gateway.secret_key import kept_secret_key
from gateway.settings import OperatorError
from resolvers.channels.service import create_channel
from tests.gateway.processes import running


def test_the_demo_starts_from_nothing_and_then_from_what_it_made(tmp_path: Path) -> None:
    with running("demo", "--port=0", directory=tmp_path) as process:
        process.url()
        line = process.awaited(lambda: next((each for each in process.output.splitlines() if "curl " in each), None))
        if curl := shutil.which("curl"):
            assert_signs_hans_in(line)
    key = (tmp_path / "demo" / "secret.key").read_text()

    with running("demo", "--port=0", directory=tmp_path) as process:
        process.url()

    assert "Hashing" not in process.output
    assert (tmp_path / "demo" / "secret.key").read_text() == key
    if curl is None:
        pytest.skip("curl is not installed: the printed line was not run")


def assert_signs_hans_in(line: str) -> None:
    """Have a shell run the printed *line*."""
    answer = subprocess.run(["bash", "-c", line], capture_output=True, check=True).stdout  # noqa: S603, S607
    result = orjson.loads(answer)["data"]["authenticate"]
    assert result["__typename"] == "AuthenticateSuccess"
    assert result["customer"]["orders"]["totalCount"] == 25
    assert len(result["customer"]["orders"]["nodes"]) == 2


def test_the_secret_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    made = kept_secret_key(tmp_path / "demo")

    assert len(made) >= 32
    assert kept_secret_key(tmp_path / "demo") == made
    assert stat.S_IMODE((tmp_path / "demo" / "secret.key").stat().st_mode) == 0o600


@pytest.mark.anyio
async def test_the_demo_stays_out_of_a_database_with_channels_of_its_own(database_url: str) -> None:
    database = await open_database(database_url)
    async with database.unit_of_work() as session:
        await create_channel(session, now=SystemClock().now(), code="real", name="Real", kind=ChannelKind.B2C)
    await database.close()

    with pytest.raises(OperatorError, match="channels of its own"):
        await prepare(database_url, print)


@pytest.mark.anyio
async def test_preparing_tells_each_step(tmp_path: Path) -> None:
    told: list[str] = []
    url = f"sqlite:///{tmp_path}/demo.db"
    await migrate(url)

    await prepare(url, told.append)
    await prepare(url, told.append)

    assert [step.split()[0] for step in told] == ["Migrating", "Hashing", "Writing", "Writing", "Migrating"]
