"""Turns answers of the REST API's "List customer orders", a page a line, into orders for `gateway import`.

    python rest.py CUSTOMER_NUMBER orders.ndjson > orders.jsonl

The answers don't tell whose they are: the number of the customer does. Fields that both APIs have keep their names, and
times and statuses their spelling; an id and the channel are left out.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

LEFT_OUT = {"id", "channel"}


def order(customer_number: str, told: dict[str, Any]) -> dict[str, Any]:
    """Return an order as files have it."""
    found = {name: value for name, value in told.items() if name not in LEFT_OUT and value is not None}
    items = [{name: value for name, value in item.items() if name not in LEFT_OUT} for item in told["items"]]
    return found | {"customerNumber": customer_number, "items": items}


def main(customer_number: str, file: str) -> None:
    """Print the orders of all pages."""
    for page in filter(None, Path(file).read_text("utf-8").split("\n")):
        # Amounts as they are written: a float may have lost their digits. Custom data stays what it is.
        content = json.loads(page, parse_float=str, parse_int=str)["content"]
        for told, plain in zip(content, json.loads(page)["content"], strict=True):
            kept = {name: plain[name] for name in ("customData",) if name in plain}
            print(json.dumps(order(customer_number, told | kept)))


if __name__ == "__main__":
    main(*sys.argv[1:]) if len(sys.argv) == 3 else sys.exit(__doc__)  # noqa: PLR2004 - a number and a file
