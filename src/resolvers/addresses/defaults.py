"""The home of which address of a book is the default of its type. Pure.

The first of a type becomes its default, and one that asks to be takes the place of another. Where a default goes away,
deleted or to another type, the oldest that is left takes its place. Who says that a default is none leaves its type
without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from db.enums import AddressType


class Entry(NamedTuple):
    """An address, as far as it matters here."""

    id: str
    type: AddressType
    is_default: bool


Defaults = dict["AddressType", "str | None"]
"""The default of some types from now on, by id; None for none."""


def after_adding(book: Sequence[Entry], added: Entry) -> Defaults:
    """Return the defaults that change when *added* comes to *book*."""
    is_first = all(entry.type is not added.type for entry in book)
    return {added.type: added.id} if is_first or added.is_default else {}


def after_removing(book: Sequence[Entry], removed: Entry) -> Defaults:
    """Return the defaults that change when *removed* leaves *book*, whose entries come oldest first."""
    if not removed.is_default:
        return {}
    left = (entry.id for entry in book if entry.type is removed.type and entry.id != removed.id)
    return {removed.type: next(left, None)}


def after_changing(book: Sequence[Entry], before: Entry, *, type_: AddressType, wanted: bool | None) -> Defaults:
    """Return the defaults that change when *before* becomes one of *type_*, and is *wanted* as default or not."""
    if type_ is not before.type:
        others = [entry for entry in book if entry.id != before.id]
        return after_removing(book, before) | after_adding(others, Entry(before.id, type_, bool(wanted)))
    if wanted is None or wanted == before.is_default:
        return {}
    return {type_: before.id if wanted else None}
