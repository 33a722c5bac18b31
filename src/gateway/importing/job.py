"""The home of what an operator asks for: which file, with what in it, into which shop."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class Kind(StrEnum):
    """What a file is full of. In this order they refer to one another."""

    CUSTOMERS = "customers"
    USERS = "users"
    ADDRESSES = "addresses"
    ORDERS = "orders"


class Format(StrEnum):
    """How a file is written."""

    JSONL = "jsonl"
    CSV = "csv"


SUFFIXES = {".jsonl": Format.JSONL, ".ndjson": Format.JSONL, ".csv": Format.CSV}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One run of `gateway import`."""

    kind: Kind
    file: Path
    format: Format
    channel: str
    dry_run: bool = False
    resume: bool = False
    ignored: tuple[str, ...] = ()
    """Columns of a CSV file whose cells are left out."""
    report: Path | None = None
    """Where refused lines are listed; standard error if nowhere."""
