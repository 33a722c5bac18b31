"""The home of lengths: how many characters a text has at most, for its column, its rule and its description."""

from __future__ import annotations

from typing import Final

NAME: Final = 30
COMPANY: Final = 50
STREET: Final = 50
CITY: Final = 30
REGION: Final = 30
ZIP_CODE: Final = 10
PHONE_NUMBER: Final = 30
REMARKS: Final = 200
TITLE: Final = 10
