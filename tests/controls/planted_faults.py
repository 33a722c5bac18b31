"""The home of planted faults: small mistakes in a copy of the source that the differential proof must find."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PLANNER = "resolvers/planner"


@dataclass(frozen=True)
class Fault:
    """A mistake: *right* stands exactly once in *file*, and becomes *wrong*."""

    name: str
    file: str
    right: str
    wrong: str


FAULTS = (
    Fault(
        "ties are not broken",
        f"{PLANNER}/paging.py",
        "for part in (self.key, self.id)]",
        "for part in (self.key,)]",
    ),
    Fault(
        "tables are entered unguarded",
        f"{PLANNER}/compiler.py",
        "adapted.where(self.visible(row))",
        "adapted",
    ),
    Fault(
        "fields are not merged",
        f"{PLANNER}/compiler.py",
        "self.operation, type_, details, hide_suggestions",
        "self.operation, type_, details[:1], hide_suggestions",
    ),
    Fault(
        "@skip is ignored",
        f"{PLANNER}/documents.py",
        "parse(text, ",
        'parse(text.replace("@skip(if: true)", ""), ',
    ),
    Fault(
        "a plan serves other booleans",
        f"{PLANNER}/documents.py",
        "found = tuple((name, shape(value, types[name])) for name, value in variables.coerced.items())",
        "found = tuple(name for name, value in variables.coerced.items() if shape(value, types[name]))",
    ),
    Fault(
        "a full page has a next one",
        f"{PLANNER}/pages.py",
        "sa.func.count() > self.count",
        "sa.func.count() >= self.count",
    ),
    Fault(
        "null becomes an empty text",
        f"{PLANNER}/compiler.py",
        "return json_text.or_null(_present_leaf_text(type_, value))",
        'return sa.func.coalesce(_present_leaf_text(type_, value), sa.literal_column("\'\\"\\"\'"))',
    ),
    Fault(
        "keys are sorted",
        f"{PLANNER}/compiler.py",
        "in self.fields(type_, details).items():",
        "in sorted(self.fields(type_, details).items()):",
    ),
    Fault(
        "wildcards of LIKE are not escaped",
        "resolvers/search.py",
        r'for letter in "\\%_"',
        r'for letter in "\\"',
    ),
    Fault(
        "a cursor includes its row",
        f"{PLANNER}/paging.py",
        "return row >= position if inclusive else row > position",
        "return row >= position",
    ),
    Fault(
        "a filter is ignored",
        "resolvers/orders/filters.py",
        "if found.ordered_until is not None:",
        "if found.ordered_until is not None and found.mine:",
    ),
    Fault(
        "own orders are everybody's",
        "resolvers/permissions.py",
        "viewer.may(Permission.ORDERS_READ_OWN), row.user_id == viewer.user_id",
        "viewer.may(Permission.ORDERS_READ_OWN), row.user_id.is_not(None)",
    ),
    Fault(
        "a session outlives its end",
        "resolvers/viewer.py",
        "models.Session.expires_at > now",
        "models.Session.expires_at >= now",
    ),
    Fault(
        "the last elements come in reverse",
        f"{PLANNER}/pages.py",
        "order = self.position.desc() if backward else self.position.asc()",
        "order = self.position.asc()",
    ),
)


def planted(directory: Path, fault: Fault | None) -> Path:
    """Copy the source into *directory* and make the mistake there; return the copy."""
    source = directory / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    if fault is not None:
        file = source / fault.file
        text = file.read_text()
        if text.count(fault.right) != 1:
            msg = f"{fault.name}: {fault.right!r} stands {text.count(fault.right)} times in {fault.file}"
            raise AssertionError(msg)
        file.write_text(text.replace(fault.right, fault.wrong))
    return source


def quick_run(source: Path, *, operations: int, seed: int, database: str = "sqlite") -> str:
    """Run the proof against *source*, up to the first difference; return what it prints."""
    command = [sys.executable, "-m", "tests.differential.run", "--jobs", "1", "--differences", "1"]
    ran = subprocess.run(  # noqa: S603 - our own command
        [*command, "--database", database, "--operations", str(operations), "--seed", str(seed)],
        env={**os.environ, "PYTHONPATH": str(source)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if "documents answered differently" not in ran.stdout:
        raise AssertionError(ran.stderr)
    return ran.stdout
