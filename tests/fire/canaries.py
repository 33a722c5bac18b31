"""The home of canaries: secrets that nobody else has, and the places where none of them may be found."""

from __future__ import annotations

import logging
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from typing import NamedTuple

from gateway.operator.logs import formatter

DATABASE = "the database"
_SURROUNDINGS = ("mail.", "httpx", "httpcore")
"""What the mail server and the client of the test log."""


class Piece(NamedTuple):
    """Something that was found at a place, and the one canary that may be in it."""

    place: str
    content: bytes
    allowed: str | None = None


@dataclass
class Canaries:
    """Secrets by what they are, and all that anybody could have seen."""

    secrets: dict[str, str] = field(default_factory=dict)
    pieces: list[Piece] = field(default_factory=list)
    at_rest: set[str] = field(default_factory=set)
    """Those that the database keeps, and nobody is shown."""

    def made(self, name: str) -> str:
        """Make a secret."""
        return self.learnt(name, f"{secrets.token_hex(3)}Kx{secrets.token_hex(12)}")

    def learnt(self, name: str, value: str) -> str:
        """Keep a secret that somebody else has made."""
        self.secrets[name] = value
        return value

    def kept(self, name: str, value: str) -> None:
        """Keep one that the database keeps as well."""
        if value not in self.secrets.values():
            self.at_rest.add(numbered := f"{name} {len(self.at_rest) + 1}")
            self.learnt(numbered, value)

    def seen(self, place: str, content: str | bytes, allowed: str | None = None) -> None:
        """Keep what was found at *place*."""
        self.pieces.append(
            Piece(place, content.encode(errors="replace") if isinstance(content, str) else content, allowed)
        )

    def hits(self) -> Counter[str]:
        """Return where canaries were found that were not allowed to be."""
        forms = {name: (value.encode(), value.encode().hex().encode()) for name, value in self.secrets.items()}
        return Counter(
            f"{name} in {piece.place}"
            for piece in self.pieces
            for name, its in forms.items()
            if name != piece.allowed
            and not (piece.place == DATABASE and name in self.at_rest)
            and any(form in piece.content for form in its)
        )

    def lost(self) -> list[str]:
        """Return which were not found in the one place that they are for: then a search finds nothing at all."""
        return [
            f"{piece.allowed} not in {piece.place}"
            for piece in self.pieces
            if piece.allowed and self.secrets[piece.allowed].encode() not in piece.content
        ]

    def places(self) -> str:
        """Return how much was looked at, by place."""
        bytes_of = Counter[str]()
        count = Counter(piece.place for piece in self.pieces)
        for piece in self.pieces:
            bytes_of[piece.place] += len(piece.content)
        return ", ".join(f"{place} ({count[place]}, {size} bytes)" for place, size in bytes_of.items())


@contextmanager
def all_logged() -> Iterator[StringIO]:
    """Keep the records of `logging` as the gateway writes them."""
    stream, root = StringIO(), logging.getLogger()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter())
    handler.addFilter(lambda record: not record.name.startswith(_SURROUNDINGS))
    level, disabled = root.level, root.manager.disable
    logging.disable(logging.NOTSET)
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    try:
        yield stream
    finally:
        root.removeHandler(handler)
        root.setLevel(level)
        logging.disable(disabled)
