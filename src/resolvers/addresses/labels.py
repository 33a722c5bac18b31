"""The home of what the fields of an address are called, in the languages that the gateway speaks. Pure."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from resolvers.addresses.postal import AddressField

LANGUAGES: Final = ("en", "de", "fr", "it")
_LABELS: Final = Path(__file__).with_name("labels.toml")


def label(field: AddressField, language: str, kind: str | None = None) -> str:
    """Return what *field*, or its *kind* in a country, is called in *language*, one of `LANGUAGES`."""
    found: Any = _labels()[language][field.lower()]
    return str(found if kind is None else found[kind])


@cache
def _labels() -> dict[str, dict[str, Any]]:
    return tomllib.loads(_LABELS.read_text("utf-8"))
