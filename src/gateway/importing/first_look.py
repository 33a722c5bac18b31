"""The home of the first look at a file: what is no text, or not in UTF-8, is named before any line is refused."""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final

from gateway.operator.settings import OperatorError

if TYPE_CHECKING:
    from typing import BinaryIO

_LOOKED_AT: Final = 65_536
_UTF_8: Final = "Save it in UTF-8; spreadsheets call that “CSV UTF-8”."
_KINDS: Final = (
    (
        b"PK\x03\x04",
        "It is a zip archive, as workbooks of spreadsheets are (.xlsx, .ods). Save the sheet as CSV UTF-8.",
    ),
    (b"\x1f\x8b", "It is compressed by gzip. Unpack it first."),
    (b"%PDF", "It is a PDF. Export the data as CSV or JSON."),
    (codecs.BOM_UTF16_LE, f"It is in UTF-16. {_UTF_8}"),
    (codecs.BOM_UTF16_BE, f"It is in UTF-16. {_UTF_8}"),
)


def require_text(file: BinaryIO) -> None:
    """Raise `OperatorError` where *file* can't be what it should; read on from its beginning."""
    beginning = file.read(_LOOKED_AT)
    file.seek(0)
    told = next((told for magic, told in _KINDS if beginning.startswith(magic)), None)
    if told is None and beginning.count(b"\0") > len(beginning) // 4:
        told = f"Every other byte is NUL, as in UTF-16. {_UTF_8}"
    if told is not None:
        msg = f"{told} Nothing was imported."
        raise OperatorError(msg)
