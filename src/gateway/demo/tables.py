"""The home of the demo's tables: CSV files in UTF-8 that ship inside the package; an empty cell is null."""

from __future__ import annotations

import csv
from importlib.resources import files


def table(folder: str, name: str) -> list[dict[str, str]]:
    """Return the records of a table of *folder*, which is a package of the demo."""
    text = (files("gateway.demo") / folder / f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))
