"""Landing pages of shops that are made for tests."""

from __future__ import annotations

from db.enums import LinkPurpose

SHOP = "https://shop.example/"


def for_all(*pages: str) -> dict[str, list[str]]:
    """Return what lists *pages* for every purpose."""
    return {str(purpose): [*pages] for purpose in LinkPurpose}
