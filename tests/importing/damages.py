"""The home of damages of files: each damages one record, or says that it can't, and writes down what must be told."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from gateway.importing.entries import LONGEST_LINE
from tests.importing.damaged_files import DAMAGES, File, Piece, Refusal
from tests.importing.damaged_rows import OF_ROWS, OF_ROWS_OF_ORDERS
from tests.importing.dresses import Layout
from tests.importing.forms import form_of
from tests.importing.plain_records import total_of
from tests.importing.wrong_values import INVALID, Wrong, sites, wrong_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.importing.making import Record

    Damage = Callable[[File, Piece], str]
    """Damages a piece; returns what it did, "" where it can't."""


def damage(file: File) -> None:
    """Damage so many of the records of *file*."""
    chosen = file.random.choices(*zip(*_chances(file).items(), strict=True), k=10 * DAMAGES)
    # What adds to the ends of the file comes first, so that later ones know who stands beside whom.
    chosen[: DAMAGES // 4] = sorted(chosen[: DAMAGES // 4], key=lambda each: each not in _AT_THE_ENDS)
    left = DAMAGES
    for each in chosen:
        free = [piece for piece in file.pieces if piece.is_free]
        if not left or not free or (each in _AT_THE_ENDS and left < DAMAGES * 3 // 4):
            continue
        piece = file.random.choice(free)
        if name := each(file, piece):
            piece.damages.append(name)
            left -= 1
    assert not left


# ── Values ────────────────────────────────────────────────────────────────────────────────────────


def a_wrong_value(file: File, piece: Piece) -> str:
    """Put a value into a field that does not take it."""
    random, kind = file.random, file.dress.kind
    record = deepcopy(piece.record)
    # By its form first: most fields are texts.
    word = random.choice(sorted({form_of(kind, site.names).word for site in sites(record)}))
    site = random.choice([site for site in sites(record) if form_of(kind, site.names).word == word])
    wrong = wrong_value(kind, site, record, random, of_json=not file.is_csv)
    if wrong is None:
        return ""
    site.holder[site.names[-1]] = _own(wrong, site.names, piece)
    piece.record = record
    file.lay(piece)
    field = f"{site.path}.{wrong.below}" if wrong.below else site.path
    is_blotted = wrong.is_blotted or word == "hash"
    refusal = Refusal(field, wrong.code, named=_row(file, piece, site.part), is_blotted=is_blotted)
    piece.refusals.append(refusal)
    return f"{word}: {wrong.name}"


def _own(wrong: Wrong, names: tuple[str, ...], piece: Piece) -> object:
    """Return the wrong value; of the number of an order one that no other has."""
    if names == ("orderNumber",) and isinstance(wrong.value, str) and wrong.code != "REQUIRED":
        return f"{wrong.value}{piece.record['orderNumber']}"
    return wrong.value


def _row(file: File, piece: Piece, part: tuple[str, int] | None) -> int | None:
    """Return the row that a part stands on, unless it is the first."""
    return (piece.layout.at[part[0]][part[1]] or None) if part and file.is_csv else None


def a_total_that_is_another(file: File, piece: Piece) -> str:
    """Change what an order comes to, or what it is made of."""
    if "total" not in piece.record or piece.plain is None:
        return ""
    name = file.random.choice(
        ["more", "less", "other sign of a quantity", "other sign of a surcharge", "no adjustments"]
    )
    record, changed = deepcopy(piece.record), deepcopy(piece.plain)
    if name in {"more", "less"}:
        record["total"] = str(Decimal(changed["total"]) + (1 if name == "more" else -1))
    elif name == "no adjustments":
        record["adjustments"] = changed["adjustments"] = []
    else:
        _turn(name, record, changed)
    if name not in {"more", "less"} and total_of(changed) == total_of(piece.plain):
        return ""
    return _refused_for_total(file, piece, record, name)


def _turn(name: str, record: Record, changed: Record) -> None:
    """Turn the sign of the first quantity, or of the first surcharge."""
    of_items = name.endswith("quantity")
    parts, field = ("items", "quantity") if of_items else ("adjustments", "price")
    for at, part in enumerate(changed.get(parts, ())):
        if "linePrice" not in part if of_items else part["type"] == "SURCHARGE":
            part[field] = record[parts][at][field] = str(-Decimal(part[field]))
            return


def _refused_for_total(file: File, piece: Piece, record: Record, name: str) -> str:
    piece.record = record
    file.lay(piece)
    piece.refusals.append(Refusal("total", INVALID))
    return f"total: {name}"


def a_discount_that_costs(file: File, piece: Piece) -> str:
    """Take away the sign of a discount."""
    assert piece.plain is not None
    of_less = [at for at, each in enumerate(piece.plain.get("adjustments", ())) if each["price"].startswith("-")]
    if not of_less:
        return ""
    at = file.random.choice(of_less)
    piece.record = deepcopy(piece.record)
    piece.record["adjustments"][at]["price"] = piece.plain["adjustments"][at]["price"].strip("-")
    file.lay(piece)
    piece.refusals.append(Refusal(f"adjustments.{at}.price", INVALID, named=_row(file, piece, ("adjustments", at))))
    return "sign: a discount that costs"


def too_many_parts(file: File, piece: Piece) -> str:
    """Give an order a list that is one too long."""
    if any(piece.damages[:1] == ["size: too many parts"] for piece in file.pieces):
        return ""
    piece.record |= {"shipments": [{"carrier": f"Post {number}"} for number in range(1001)]}
    piece.layout = Layout(1001, piece.layout.at | {"shipments": list(range(1001))}, repeats=False)
    file.lay(piece)
    piece.refusals.append(Refusal("shipments", "TOO_MANY", is_whole=not file.is_csv))
    return "size: too many parts"


def a_number_that_is_taken(file: File, piece: Piece) -> str:
    """Write a record once more, at the end of the file, with something else in it."""
    kind = file.dress.kind
    if piece is file.pieces[-1] or kind == "addresses":
        return ""
    record = piece.record | ({"paymentMethod": "Bar"} if kind == "orders" else {"lastName": "Other"})
    field = {"customers": "customerNumber", "users": "emailAddress", "orders": "orderNumber"}[kind]
    again = replace(piece, plain=None, record=record, refusals=[Refusal(field, "TAKEN")], damages=[])
    file.lay(again)
    file.pieces.append(again)
    piece.is_kept = True
    if kind == "orders":
        piece.refusals.append(Refusal(field, "TAKEN"))
    return "twice: number"


# ── JSON ──────────────────────────────────────────────────────────────────────────────────────────


def an_unknown_field(file: File, piece: Piece) -> str:
    """Misspell a field."""
    name = file.random.choice(list(piece.record))
    other = file.random.choice([name.upper(), f"{name}s", name[1:]])
    piece.record = {other if each == name else each: value for each, value in piece.record.items()}
    file.lay(piece)
    piece.refusals.append(Refusal(other, "UNKNOWN", more=True, is_blotted=name == "passwordHash"))
    return "spelling: name of a field"


def a_torn_line(file: File, piece: Piece) -> str:
    """Make a line that is no JSON object."""
    random, text = file.random, json.dumps(piece.record).encode()
    cut = random.randint(1, len(text) - 1)
    found = {
        "cut": [text[:cut]],
        "beginning lost": [text[cut:]],
        "no end": [text[:-1]],
        "broken in two": [text[:cut], text[cut:]],
        "two on a line": [text + text],
        "single quotes": [repr(piece.record).encode()],
        "comma": [text[:-1] + b",}"],
        "a comma behind": [text + b","],
        "a list": [b"[" + text + b"]"],
        "NaN": [text[:-1] + b', "customData": NaN}'],
        "no UTF-8": [text.replace(b'": "', b'": "\xff', 1)],
        "line too long": [text[:-1] + b" " * LONGEST_LINE + b"}"],
    }
    name = random.choices(list(found), weights=[0.1 if each == "line too long" else 1 for each in found])[0]
    piece.rows = list(found[name])
    if not all(row.strip() for row in found[name]):
        return ""
    code = "TOO_LONG" if name == "line too long" else INVALID
    piece.refusals += [Refusal("", code, begin, is_whole=False) for begin in range(len(piece.rows))]
    return f"JSON: {name}"


_AT_THE_ENDS: Final = {a_number_that_is_taken, *(each for each in OF_ROWS_OF_ORDERS if each.__name__ == "a_moved_row")}


def _chances(file: File) -> dict[Damage, float]:
    """Return the damages that there are for a file, with how often each is tried."""
    found: dict[Damage, float] = {a_wrong_value: 6, a_number_that_is_taken: 1}
    if file.is_csv:
        found |= OF_ROWS
    else:
        found |= {a_torn_line: 3, an_unknown_field: 1}
    if file.dress.kind == "orders":
        found |= {a_total_that_is_another: 2, a_discount_that_costs: 2, too_many_parts: 0.1}
        found |= dict.fromkeys(OF_ROWS_OF_ORDERS, 2) if file.is_csv else {}
    return found
