"""The home of damages of rows: cells that can't be told apart, and rows of orders that lack, or stand elsewhere."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gateway.importing.entries import LONGEST_LINE
from tests.importing.damaged_files import Piece, Refusal
from tests.importing.dresses import SEPARATORS
from tests.importing.making import LISTS, Record
from tests.importing.plain_records import total_of
from tests.importing.wrong_values import INVALID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.importing.damaged_files import File


# ── One row ───────────────────────────────────────────────────────────────────────────────────────


def _torn(file: File, row: Record) -> tuple[str, list[bytes], bool]:
    """Return what was done to a row, the lines that became of it, and whether its number can still be told."""
    random, own = file.random, file.dress
    row = {column: cell.replace("\n", " ").replace("\t", " ") for column, cell in row.items()}
    texts = [row.get(column, "") for column in own.columns]
    is_told = own.columns[0] == "orderNumber" and not set(texts[0]) & {*SEPARATORS, '"'}
    other = random.choice([each for each in SEPARATORS if each != own.separator])
    found = {
        **{name: ([line], is_told) for name, line in _with_another_cell(file, texts)},
        **_cut(file, texts, is_told=is_told),
        "other separator": ([replace(own, separator=other).line(row, random)], False),
    }
    if own.columns[-1] == "":
        whole = [_cell(text, own.separator) for text in texts[:-1]]
        found["value without a column"] = [own.joined([*whole, "lost"])], True
    name = random.choices(list(found), weights=[0.1 if "too long" in each else 1 for each in found])[0]
    return name, *found[name]


def _with_another_cell(file: File, texts: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield rows in which a cell behind the first is damaged, or one too many, or lost."""
    own, cells = file.dress, [_cell(text, file.dress.separator) for text in texts]
    at = file.random.randint(1, len(cells) - 1)
    for name, others in {
        "one cell more": [cells[at], "more"],
        "one cell less": [],
        "quote not closed": [_cell(texts[at] + '"', own.separator)[:-1]],
        "something behind a quote": ['"a" b'],
        "no UTF-8": ["MARK"],
        "cell too long": ["x" * 200_000],
        "line too long": ["x" * LONGEST_LINE],
    }.items():
        yield name, own.joined([*cells[:at], *others, *cells[at + 1 :]]).replace(b"MARK", b"\xff")


def _cut(file: File, texts: list[str], *, is_told: bool) -> dict[str, tuple[list[bytes], bool]]:
    """Return a row that ends too early, or goes on in the next line."""
    own, cells = file.dress, [_cell(text, file.dress.separator) for text in texts]
    whole, at = own.joined(cells), file.random.randint(1, len(cells) - 1)
    cut = whole[: file.random.randint(2, max(2, whole.rindex(own.separator.encode())))]
    return {
        "cut": ([cut], is_told and own.separator.encode() in cut),
        "broken in two": ([own.joined(cells[:at]), own.joined(cells[at:])], False),
    }


def _cell(text: str, separator: str) -> str:
    return f'"{text.replace(chr(34), chr(34) * 2)}"' if any(mark in text for mark in f'{separator}"\n\r') else text


def a_torn_row(file: File, piece: Piece) -> str:
    """Make a row that is no CSV, or has another number of cells."""
    at = file.random.randrange(len(piece.rows))
    row = piece.rows[at]
    assert isinstance(row, dict)
    name, lines, is_told = _torn(file, row)
    blank = f" \t\r\n{file.dress.separator}".encode()
    of_orders = file.dress.kind == "orders"
    if not all(line.strip(blank) for line in lines) or (of_orders and len(lines) > 1):
        return ""
    code = "TOO_LONG" if name == "line too long" else INVALID
    if not of_orders:
        piece.rows = list(lines)
        piece.refusals += [Refusal("", code, begin, is_whole=False) for begin in range(len(lines))]
    elif is_told:
        piece.rows[at] = lines[0]
        piece.refusals.append(Refusal("", code, named=at or None, is_whole=False))
    elif not _doubted(file, piece, at, Refusal("", code, at, is_whole=False)):
        return ""
    else:
        piece.rows[at] = lines[0]
    return f"row: {name}"


def a_cell_without_json(file: File, piece: Piece) -> str:
    """Write what is no JSON where some is wanted."""
    if "customData" not in piece.record:
        return ""
    cell = {"customData": file.random.choice(["{a}", "{'a': 1}", '{"a": 1', "None", '{"a": 1}}'])}
    piece.rows = [row | cell if isinstance(row, dict) else row for row in piece.rows]
    piece.refusals.append(Refusal("customData", INVALID, is_whole=False))
    return "JSON: of a cell"


def _doubted(file: File, piece: Piece, at: int, own: Refusal) -> bool:
    """Refuse what a row may belong to whose number can't be read; tell whether all of that was good before."""
    beside = file.neighbours(piece)
    if len(beside) < 2 or not all(each.is_free for each in beside):
        return False
    last = len(piece.rows) - 1
    piece.refusals.append(own)
    for begin in ([0] if at else []) + ([at + 1] if at < last else []):
        piece.refusals.append(Refusal("", INVALID, begin, more=True, is_whole=False))
        if 0 < at < last:
            piece.refusals.append(Refusal("orderNumber", "TAKEN", begin, more=True, is_whole=False))
    for each in beside[:1] * (at == 0) + beside[1:] * (at == last):
        each.refusals.append(Refusal("", INVALID, is_whole=False))
    return True


# ── Rows of an order ──────────────────────────────────────────────────────────────────────────────


def a_row_without_number(file: File, piece: Piece) -> str:
    """Take the number from a row."""
    at = file.random.randrange(len(piece.rows))
    row = piece.rows[at]
    assert isinstance(row, dict)
    without = row | {"orderNumber": ""}
    own = Refusal("orderNumber", "REQUIRED", at, more=True)
    if not any(cell.strip() for cell in without.values()) or not _doubted(file, piece, at, own):
        return ""
    piece.rows[at] = without
    return "missing: number of a row"


def _of_row(piece: Piece, at: int) -> Record:
    """Return which parts stand on a row, by list."""
    return {name: [part for part, row in enumerate(piece.layout.at[name]) if row == at] for name in LISTS}


def _without(piece: Piece, at: int) -> Record:
    """Return the plain order without what stands on a row."""
    assert piece.plain is not None
    gone = _of_row(piece, at)
    lists = {
        name: [part for number, part in enumerate(piece.plain.get(name, ())) if number not in gone[name]]
        for name in LISTS
    }
    return piece.plain | lists


def a_missing_row(file: File, piece: Piece) -> str:
    """Leave out a row."""
    assert piece.plain is not None
    at = file.random.randrange(len(piece.rows))
    if not at or "total" not in piece.record or total_of(_without(piece, at)) == total_of(piece.plain):
        return ""
    del piece.rows[at]
    piece.refusals.append(Refusal("total", INVALID))
    return "missing: a row"


def a_row_twice(file: File, piece: Piece) -> str:
    """Write a row with an item once more."""
    assert piece.plain is not None
    at = file.random.randrange(len(piece.rows))
    items = _of_row(piece, at)["items"]
    if not items:
        return ""
    if "total" not in piece.record:
        refusal = Refusal(f"items.{items[0] + 1}", INVALID, named=at + 1, more=True, is_whole=False)
    elif total_of(_without(piece, at)) == total_of(piece.plain):
        return ""
    else:
        refusal = Refusal("total", INVALID)
    piece.rows.insert(at + 1, piece.rows[at])
    piece.refusals.append(refusal)
    return "twice: a row"


def a_part_on_every_row(file: File, piece: Piece) -> str:
    """Repeat what an order has one of."""
    sole = [name for name in LISTS if name != "items" and len(piece.record.get(name) or ()) == 1]
    if "total" in piece.record or len(piece.rows) == 1 or not sole:
        return ""
    name = file.random.choice(sole)
    told = {f"{LISTS[name]}.{inner}": cell for inner, cell in piece.record[name][0].items()}
    piece.rows = [row | told if isinstance(row, dict) else row for row in piece.rows]
    piece.refusals.append(Refusal(name, INVALID, is_whole=False))
    return "twice: a part on every row"


def a_contradiction(file: File, piece: Piece) -> str:
    """Write something else on a later row than stands on the first."""
    at = file.random.randrange(len(piece.rows))
    column = file.random.choice(["status", "currency", "customerNumber", "orderDate", "total", "billingAddress.city"])
    row = piece.rows[at]
    if not at or not isinstance(row, dict):
        return ""
    piece.rows[at] = row | {column: "something else"}
    piece.refusals.append(Refusal(column, INVALID, named=at, is_whole=False, more=True))
    return "spelling: a contradiction"


def a_moved_row(file: File, piece: Piece) -> str:
    """Move a row to the end of the file."""
    at = file.random.randrange(len(piece.rows))
    if not at or piece is file.pieces[-1]:
        return ""
    moved = replace(piece, plain=None, rows=[piece.rows.pop(at)], damages=[])
    moved.refusals = [Refusal("orderNumber", "TAKEN", more=True)]
    file.pieces.append(moved)
    piece.refusals.append(Refusal("orderNumber", "TAKEN"))
    return "moved: a row"


OF_ROWS: Final = {a_torn_row: 3, a_cell_without_json: 0.5}
"""How often each is tried."""
OF_ROWS_OF_ORDERS: Final = (
    a_row_without_number,
    a_missing_row,
    a_row_twice,
    a_part_on_every_row,
    a_contradiction,
    a_moved_row,
)
