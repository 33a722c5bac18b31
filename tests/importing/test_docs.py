"""The page on importing: every field is there, and every example comes in, the same in both formats."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.importing.job import Kind
from resolvers.addresses import rules as addresses
from resolvers.customers import rules as customers
from resolvers.orders import rules as orders
from resolvers.users import rules as users
from tests.gateway.processes import ROOT
from tests.importing.making import Record, content, imported, make_shop

PAGE = (ROOT / "docs" / "import.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL))
FIELDS = {
    "customers": [customers.FIELDS],
    "users": [users.FIELDS],
    "addresses": [addresses.FIELDS],
    "orders": [
        orders.FIELDS,
        *(part.fields for part in orders.PARTS.values()),
        frozenset(orders.POSTAL_ADDRESS),
    ],
}


def tables(section: str) -> list[list[list[str]]]:
    """Return the tables of a section, as rows of cells."""
    found = re.findall(r"^\| field.*\n\|---.*\n((?:\|.*\n)+)", section, re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()] for table in found]


@pytest.mark.parametrize("kind", Kind)
def test_every_field_stands_in_a_table(kind: Kind) -> None:
    named = [{row[0].strip("`") for row in table} for table in tables(SECTIONS[kind.capitalize()])]

    assert named == [set(fields) for fields in FIELDS[kind]]


def examples(url: str, tmp_path: Path, language: str) -> None:
    """Import the examples of all sections."""
    for kind in Kind:
        [text] = re.findall(rf"^```{language}\n(.*?)^```", SECTIONS[kind.capitalize()], re.MULTILINE | re.DOTALL)
        file = tmp_path / f"{kind}.{language}"
        file.write_text(text, "utf-8")
        result = imported(url, kind, file)
        unchecked = " 1 had no total that checks them: it was computed." if kind is Kind.ORDERS else ""
        assert (result.exit_code, result.output) == (0, f"2 {kind} imported, 0 refused.{unchecked}\n")


def without_times(stored: list[Record]) -> list[Record]:
    return [
        {name: value for name, value in row.items() if name not in {"created_at", "updated_at", "confirmed_at"}}
        for row in stored
    ]


def test_the_examples_come_in_and_tell_the_same_in_both_formats(
    database_url: str, tmp_path: Path, sqlite_template: str
) -> None:
    other = f"sqlite:///{tmp_path}/other.db"
    Path(other.removeprefix("sqlite:///")).write_bytes(Path(sqlite_template.removeprefix("sqlite:///")).read_bytes())
    for url, language in ((database_url, "jsonl"), (other, "csv")):
        make_shop(url)
        examples(url, tmp_path, language)

    both = content(database_url), content(other)
    for name in both[0]:
        assert without_times(both[0][name]) == without_times(both[1][name]), name
