"""Files damaged at random: whatever breaks, every bad record is told with its cause, and every good one comes in."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.importing.damaged_files import File, Refusal, good, made_file, written_file
from tests.importing.damages import damage
from tests.importing.making import Record, imported, make_shop, written
from tests.importing.plain_records import BUYER, CUSTOMERS, Stored, as_stored, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typer.testing import Result

    from tests.conftest import FreshDatabase

KINDS = ["customers", "users", "addresses", "orders"]
FORMATS = ["jsonl", "csv"]


class Made(NamedTuple):
    """Of which kind and format a file is, from which seed it was made, and for which database."""

    backend: str
    kind: str
    format: str
    seed: int

    def __str__(self) -> str:
        return f"{self.backend}-{self.kind}-{self.format}-{self.seed}"


FILES = [
    *(Made("sqlite", kind, file_format, seed) for kind in KINDS for file_format in FORMATS for seed in range(4)),
    *(Made("postgresql", kind, "csv", 4) for kind in KINDS),
]


def damaged(kind: str, file_format: str, seed: int) -> File:
    file = made_file(kind, file_format, seed)
    damage(file)
    return file


class Shop(NamedTuple):
    """A shop that files of one kind and format are imported into."""

    url: str
    kind: str
    directory: Path
    format: str

    def run(self, content: bytes, *options: str) -> tuple[Result, list[bytes]]:
        """Import a file; return what was printed, and the lines of the report."""
        file = written(self.directory / f"file.{self.format}", [content])
        report = self.directory / "refused.jsonl"
        result = imported(self.url, self.kind, file, "--refused", str(report), *options)
        return result, report.read_bytes().splitlines(keepends=True)


@pytest.mark.parametrize("made", FILES, ids=str)
def test_damage_is_told_and_all_else_comes_in(made: Made, fresh_database: FreshDatabase, tmp_path: Path) -> None:
    backend, kind, file_format, seed = made
    file, whole = damaged(kind, file_format, seed), made_file(kind, file_format, seed)
    with fresh_database(backend) as url:
        make_shop(url, customers=0 if kind == "customers" else CUSTOMERS)
        if kind == "orders":
            assert imported(url, "users", written(tmp_path / "users.jsonl", [BUYER])).exit_code == 0
        shop = Shop(url, kind, tmp_path, file_format)
        report = assert_damage_is_told(shop, file, seed)
        before = stored(url)
        assert before.records[kind] == {key: as_stored(kind, record) for key, record in good(file).items()}
        assert_report_brings_nothing_in(shop._replace(format="jsonl"), report, before)
        assert_mended_file_brings_the_others_in(shop, whole, seed, before)


def assert_damage_is_told(shop: Shop, file: File, seed: int) -> list[bytes]:
    """Import a damaged file; return the lines of the report that hold what was read, as it was read."""
    content, told = written_file(file, seed)
    _, rehearsed = shop.run(content, "--dry-run")
    result, report = shop.run(content)

    found = {refusal["line"]: refusal for refusal in map(json.loads, report)}
    assert found.keys() == told.keys(), unlike(found, told)
    for line, expected in told.items():
        assert_is_told(found[line], expected)
    assert result.stdout.startswith(f"{len(good(file))} {shop.kind} imported, {len(told)} refused."), result.output
    assert rehearsed == report
    return [
        text
        for line, text in zip(found, report, strict=True)
        if not any(refusal.is_blotted for refusal, _ in told[line])
    ]


def unlike(found: Mapping[int, Record], told: Mapping[int, list[tuple[Refusal, int | None]]]) -> list[object]:
    """Return the lines that were refused and should not be, or the other way round."""
    return [(line, told.get(line), found.get(line)) for line in sorted(found.keys() ^ told.keys())]


def assert_is_told(found: Record, expected: list[tuple[Refusal, int | None]]) -> None:
    reasons = [(reason["field"], reason["code"]) for reason in found["reasons"]]
    context = found, expected
    for refusal, named in expected:
        assert (refusal.field, refusal.code) in reasons, context
        if named is not None:
            told = [reason for reason in found["reasons"] if reason["field"] == refusal.field]
            assert any(reason["message"].startswith(f"Line {named}") for reason in told), context
    if not any(refusal.more for refusal, _ in expected):
        assert set(reasons) == {(refusal.field, refusal.code) for refusal, _ in expected}, context
    assert bool(found["record"]) == all(refusal.is_whole for refusal, _ in expected), context


def assert_report_brings_nothing_in(shop: Shop, report: list[bytes], before: Stored) -> None:
    """Import the report as it is: what holds a record is refused for the same, what holds none as a whole."""
    result, again = shop.run(b"".join(report))

    assert result.stdout.startswith(f"0 {shop.kind} imported, {len(report)} refused."), result.output
    for told, found in zip(map(json.loads, report), map(json.loads, again), strict=True):
        assert codes(found) == (codes(told) if told["record"] else {("", "INVALID")}), (told, found)
    assert stored(shop.url) == before


def codes(refusal: Record) -> set[tuple[str, str]]:
    return {(reason["field"], reason["code"]) for reason in refusal["reasons"]}


def assert_mended_file_brings_the_others_in(shop: Shop, whole: File, seed: int, before: Stored) -> None:
    content, _ = written_file(whole, seed)
    there = len(before.records[shop.kind])
    result, _ = shop.run(content)
    after = stored(shop.url)
    again, _ = shop.run(content)

    missing = len(whole.pieces) - there
    assert result.stdout.startswith(f"{missing} {shop.kind} imported, 0 refused, {there} in already."), result.output
    assert after.records[shop.kind] == {key: as_stored(shop.kind, record) for key, record in good(whole).items()}
    for table, rows in before.rows.items():
        assert {key: lasting(table, after.rows[table][key]) for key in rows} == {
            key: lasting(table, row) for key, row in rows.items()
        }
    assert again.stdout.startswith(f"0 {shop.kind} imported, 0 refused, {len(whole.pieces)} in already.")
    assert stored(shop.url) == after


def lasting(table: str, row: Record) -> Record:
    """Return a row without what others change: which address is the default, and what customers are found by."""
    passing = {"Customer": {"search_text"}, "Address": {"is_default", "updated_at"}}.get(table, set())
    return {name: value for name, value in row.items() if name not in passing}


def test_there_are_a_thousand_damages() -> None:
    damages = Counter(
        (made.kind, made.format, name)
        for made in FILES
        if made.backend == "sqlite"
        for piece in damaged(made.kind, made.format, made.seed).pieces
        for name in piece.damages
    )

    assert damages.total() >= 1000
    assert {(kind, file_format) for kind, file_format, _ in damages} == {(k, f) for k in KINDS for f in FORMATS}
