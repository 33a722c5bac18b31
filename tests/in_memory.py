"""The home of where tests keep their files: in memory, where there is room, for SQLite waits for a disk at each commit.

What a disk keeps when the power fails is nothing that tests can tell. What a killed process wrote is kept here as well.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes a directory of its own there
_ROOM = 2 * 1024**3
"""Bytes that must be free: a container has 64 MiB of it unless told otherwise."""


def has_room(directory: Path, room: int = _ROOM) -> bool:
    """Tell whether tests can keep their files in *directory*."""
    return os.access(directory, os.W_OK | os.X_OK) and shutil.disk_usage(directory).free >= room


# For this process, the processes of pytest-xdist, and all that tests start. What the caller has set stays.
if "TMPDIR" not in os.environ and has_room(_MEMORY):
    os.environ["TMPDIR"] = tempfile.tempdir = str(_MEMORY)

SHORT = _MEMORY if tempfile.gettempdir() == str(_MEMORY) else Path("/tmp")  # noqa: S108 - the same
"""For a server's own directory: the path of a Unix socket is at most 107 bytes, which others may exceed."""
