"""The home of what went out with the orders of Hans Muster: parcels, invoices and credit notes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

DOCUMENTS = "https://shop.paloma.example/documents"
TRACKING = "https://track.paloma.example"
CARRIERS = {"PostPac Economy": "Die Schweizerische Post", "PostPac Priority": "Die Schweizerische Post"}
"""By the method of shipping; the others carry the name of their carrier."""

_BACK = {"RETURNED", "RETURNED_PARTIAL", "REFUNDED"}
_ARRIVED = {"DELIVERED", *_BACK}
_SENT = {"SHIPPED", *_ARRIVED}
_INVOICED = {"PURCHASED", "PROCESSED", "ASSEMBLY", *_SENT}


def shipments(order: Mapping[str, Any]) -> list[dict[str, str | None]]:
    """Return the parcel of an order; none of one that was not sent, or has nothing to send."""
    if order["status"] not in _SENT or not (method := order["shippingMethod"]):
        return []
    sent = datetime.fromisoformat(order["orderDate"]) + timedelta(days=1)
    number = order["orderNumber"]
    return [
        {
            "carrier": CARRIERS.get(method, "DHL"),
            "trackingNumber": f"99.60.{number}",
            "trackingUrl": f"{TRACKING}/{number}",
            "shippedAt": sent.isoformat(),
            "deliveredAt": (sent + timedelta(days=2)).isoformat() if order["status"] in _ARRIVED else None,
        }
    ]


def documents(order: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the invoice of an order that was paid or is to be, and the credit note of one that came back."""
    placed = datetime.fromisoformat(order["orderDate"])
    found = [("INVOICE", "Rechnung", placed)] if order["status"] in _INVOICED else []
    found += [("CREDIT_NOTE", "Gutschrift", placed + timedelta(days=14))] if order["status"] in _BACK else []
    number = order["orderNumber"]
    return [
        {
            "kind": kind,
            "title": f"{title} {number}",
            "url": f"{DOCUMENTS}/{number}/{title.lower()}.pdf",
            "issuedOn": f"{issued:%Y-%m-%d}",
        }
        for kind, title, issued in found
    ]
