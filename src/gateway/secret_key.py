"""The home of the demo's secret key: made once, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def kept_secret_key(directory: Path) -> str:
    """Return the key that is kept in *directory*; make both if they are not there."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = directory / "secret.key"
    # O_EXCL: of two processes one makes the key, and no link that somebody has put there is followed.
    with suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as made:
            made.write(secrets.token_urlsafe(32))
    return file.read_text("ascii").strip()
