"""The home of what the log says of a bug: types, codes and places, never texts.

Texts of exceptions repeat values: `Key (email)=(...) already exists`, `invalid literal for int(): '...'`. Nobody can
tell which of them hold a password, so none is written. Codes, and the names that a schema gives to constraints, are.
"""

from __future__ import annotations

from traceback import walk_tb
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_LONGEST_CHAIN = 8
_MOST_FRAMES = 40
_CODES = ("sqlstate", "constraint_name", "sqlite_errorname", "errno")
"""Of asyncpg, sqlite3 and the operating system."""


def described(failure: BaseException) -> list[dict[str, Any]]:
    """Return *failure* and what caused it, the cause last: type, codes, and frames, where it was raised last."""
    return [_described(each) for each in _chain(failure)]


def _chain(failure: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting = [failure]
    while waiting and len(seen) < _LONGEST_CHAIN:
        each = waiting.pop(0)
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        cause = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        waiting += [cause] if cause else []
        waiting += each.exceptions if isinstance(each, BaseExceptionGroup) else []


def _described(failure: BaseException) -> dict[str, Any]:
    kind = type(failure)
    codes = {name: getattr(failure, name, None) for name in _CODES}
    frames = [
        f"{frame.f_code.co_filename}:{line} {frame.f_code.co_name}" for frame, line in walk_tb(failure.__traceback__)
    ]
    return {
        "type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins."),
        **{name: code for name, code in codes.items() if isinstance(code, str | int)},
        "frames": frames[-_MOST_FRAMES:],
    }
