"""The home of the demo's secret key: made once, readable by its owner alone."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LEAST_KEY_BYTES = 32
_FEWEST_DIFFERENT = 10
"""Characters: of 64 hexadecimal digits hardly ever fewer than 12 differ."""
_KEY = re.compile(rb"[!-~]{%d,}\s*" % LEAST_KEY_BYTES)


def is_guessable(key: str) -> bool:
    """Tell whether *key* looks typed rather than drawn: few characters of it differ, or it repeats itself."""
    return len(set(key)) < _FEWEST_DIFFERENT or key in (key + key)[1:-1]


def kept_secret_key(directory: Path) -> str:
    """Return the key that is kept in *directory*; make it if there is none, or but what a crash or full disk left."""
    file = directory / "secret.key"
    if file.exists() and not _KEY.fullmatch(file.read_bytes()):
        file.unlink(missing_ok=True)
    if not file.exists():
        _make(file)
    return file.read_text("ascii").strip()


def _make(file: Path) -> None:
    """Make *file* with a key in it: nobody ever sees it without, and of two processes one makes it."""
    with NamedTemporaryFile("w", dir=file.parent, encoding="ascii") as made:  # for its owner alone
        made.write(secrets.token_urlsafe(LEAST_KEY_BYTES))
        made.flush()
        os.fsync(made.fileno())
        with suppress(FileExistsError):
            os.link(made.name, file)
