"""The home of generated argument values: ids, cursors, sizes, orders and filters; good ones, odd ones and bad ones."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import TYPE_CHECKING, Any

from ulid import ULID

from db import models
from db.enums import AddressType, OrderStatus
from tests.differential.kinds import Kind, Name, Run
from tests.differential.mailed import clear
from tests.differential.words import SEARCHES, TIMES
from tests.oracle.formats import time_text
from tests.oracle.paging import BY_CREATION, NEWEST_FIRST, Order, order_of_orders
from tests.oracle.rows import TYPE_OF_LETTERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import SQLModel


TOO_LONG = 2**31 - 1
SORT_FIELDS = ("ORDER_DATE", "ORDER_NUMBER", "TOTAL", "STATUS")
MODELS_WITH_ID = (
    models.Channel, models.Role, models.Customer, models.User, models.Session,
    models.Address, models.Order, models.PaymentInstrument, models.Admin, models.AdminSession,
)  # fmt: skip


NODE_WEIGHTS = {"Customer": 6, "Order": 4, "User": 2}


# ── Sizes ─────────────────────────────────────────────────────────────────────────────────────────


def page_length(run: Run) -> int:
    """Return a value of first, last or size."""
    if run.often(0.015):
        return int(run.saw("size out of range", run.random.choice([0, -1, 101, TOO_LONG, -TOO_LONG - 1])))
    return run.random.choice([1, 1, 2, 2, 3, 3, 5, 7, 20, 60] if run.often(0.97) else [100, 99])


def page_number(run: Run) -> int:
    """Return the number of a page."""
    if run.often(0.1):
        return int(run.saw("page out of range", run.random.choice([-1, TOO_LONG, -TOO_LONG - 1])))
    if run.often(0.1):
        return int(run.saw("page beyond the end", run.random.choice([61, 9_999, 10_000])))
    return run.random.choice([0, 0, 1, 1, 2, 3, 10])


# ── Ids ───────────────────────────────────────────────────────────────────────────────────────────


def new_id(run: Run, letters: str) -> str:
    """Return an id that nothing has."""
    return f"{letters}_{ULID(run.random.randbytes(16))}"


def malformed_id(run: Run) -> Any:
    """Return what is no id."""
    good = run.focus.customer["id"]
    broken = ["", "abc", good.lower(), good[:-1], good + "0", good.upper(), good.replace("_", "-"), f"cus_8{good[5:]}"]
    broken += [f" {good}", f"{good}\n", good.replace(good[-1], "U"), "\x00", "cus_" + "é" * 26, "%", "Q3VzdG9tZXI6MQ=="]
    return run.saw("id: malformed", run.random.choice([*broken, 4711]))


def _some_id(run: Run, models_with_id: tuple[type[SQLModel], ...]) -> Any:
    model = run.random.choices(models_with_id, [NODE_WEIGHTS.get(model.__name__, 1) for model in models_with_id])[0]
    if run.often(0.05):
        return malformed_id(run)
    if run.often(0.05):
        return run.saw("id: unknown", new_id(run, run.random.choice([*TYPE_OF_LETTERS, "xyz", "acr"])))
    if run.often(0.02):
        return run.saw(
            "id: of a row without a type", run.random.choice(run.focus.stored.tables[models.MailedToken])["id"]
        )
    if run.often(0.12):
        return run.saw("id: foreign", run.random.choice(run.focus.stored.tables[model])["id"])
    rows = run.focus.own(model) or run.focus.stored.tables[model]
    return run.saw("id: own", run.random.choice(rows)["id"])


def node_id(run: Run) -> Any:
    """Return an id of any type."""
    return _some_id(run, MODELS_WITH_ID)


def customer_id(run: Run) -> Any:
    """Return an id of a customer, or where one belongs."""
    if run.often(0.05):
        return run.saw("id: of another type", _some_id(run, MODELS_WITH_ID))
    return _some_id(run, (models.Customer,))


def order_number(run: Run) -> str:
    """Return the number of an order."""
    orders = run.focus.orders() if run.often(0.8) else run.focus.stored.tables[models.Order]
    number = str(run.random.choice(orders or run.focus.stored.tables[models.Order])["orderNumber"])
    return number if run.often(0.9) else run.random.choice([number.swapcase(), "", f"{number} ", "%", "\x00"])


def country(run: Run) -> str:
    """Choose a country, or what is none."""
    return run.random.choice(["CH", "CA", "JP", "IE", "AE", "XX", "", "ch", "CHE"])


def mailed_token(run: Run) -> str:
    """Return a token that a mail may have carried: to the caller's colleagues, to anybody, or to nobody."""
    mailed = run.focus.stored.tables[models.MailedToken]
    if run.often(0.15):
        digest = mailed[0]["tokenSha256"].hex()
        unknown = ["", " ", "nonsense", "é", "😀" * 400, f"{clear(mailed[0]['id'])} ", mailed[0]["id"], digest]
        return str(run.saw("token: unknown", run.random.choice(unknown)))
    if run.often(0.05):
        return str(run.saw("NUL in a token", "mailed\x00"))
    users = {user["id"] for user in run.focus.users()} if run.often(0.7) else set()
    token = run.random.choice([row for row in mailed if row["subjectId"] in users] or mailed)
    return str(run.saw(f"token: mailed for {token['purpose']}", clear(token["id"])))


# ── Orders and cursors ────────────────────────────────────────────────────────────────────────────


def sort_field(run: Run) -> Name:
    """Return what to sort by."""
    return Name(run.random.choice(SORT_FIELDS))


def direction(run: Run) -> Name:
    """Return whither to sort."""
    return Name(run.random.choice(["ASC", "DESC"]))


def broken_cursor(run: Run, order: Order) -> str:
    """Return what is no cursor, or none of this order."""
    head, row_id = f"{order.name}:{order.direction}", new_id(run, "ord")
    return str(
        run.saw(
            "cursor: broken",
            run.random.choice(
                [
                    "",
                    "x",
                    ":::",
                    head,
                    f"{head}:",
                    f"{head}:{row_id}",
                    f"{head.lower()}:1:{row_id}",
                    f"TOTAL:DESC:1.5:{row_id}",
                    f"TOTAL:DESC:{10**30}:{row_id}",
                    f"STATUS:DESC:12:{row_id}",
                    f"STATUS:ASC:-1:{row_id}",
                    f"STATUS:ASC:SHIPPED:{row_id}",
                    f"ORDER_DATE:DESC:yesterday:{row_id}",
                    f"ORDER_DATE:DESC:2018-13-14T10:07:26Z:{row_id}",
                    f"ORDER_NUMBER:ASC:1:{row_id.lower()}",
                    f"{head}:2018-03-14T10:07:26Z:ord_1",
                    f"SIDEWAYS:ASC:1:{row_id}",
                    "T1JERVJfREFURTpERVND",
                ]
            ),
        )
    )


def _cursor(run: Run, order: Order, rows: list[Any], strangers: list[Any]) -> str:
    if run.often(0.03) or not strangers:
        return broken_cursor(run, order)
    if not rows or run.often(0.05):
        return str(run.saw("cursor: of a foreign row", order.cursor(run.random.choice(strangers))))
    row = run.random.choice(rows)
    if run.often(0.1):
        gone = {**row, "id": new_id(run, row["id"][:3])}
        return str(run.saw("cursor: of a deleted row", order.cursor(gone)))
    return str(run.saw("cursor: real", order.cursor(row)))


def orders_cursor(sort: Callable[[Run], dict[str, Any] | None]) -> Callable[[Run], Any]:
    """Return what makes cursors of orders that are sorted as *sort* tells."""

    def make(run: Run) -> Any:
        order = order_of_orders(sort(run))
        if run.often(0.03):
            other = order_of_orders({"field": sort_field(run), "direction": direction(run)})
            run.features.add("cursor: made for another order")
            order = other
        return _cursor(run, order, run.focus.orders(), run.focus.stored.tables[models.Order])

    return make


def users_cursor(run: Run) -> Any:
    """Return a cursor of users."""
    return _cursor(run, BY_CREATION, run.focus.users(), run.focus.stored.tables[models.User])


def customers_cursor(run: Run) -> Any:
    """Return a cursor of customers."""
    customers = run.focus.stored.tables[models.Customer]
    channel_id = run.focus.customer["channelId"]
    return _cursor(run, NEWEST_FIRST, [row for row in customers if row["channelId"] == channel_id], customers)


# ── Filters ───────────────────────────────────────────────────────────────────────────────────────


def point_in_time(run: Run) -> str:
    """Return a time near one at which something was ordered, written in one of the ways that RFC 3339 knows."""
    moment = run.random.choice(TIMES[:10]) + timedelta(microseconds=run.random.choice([0, 0, 0, 1, -1]))
    if run.often(0.2):
        shifted = moment.astimezone(timezone(timedelta(hours=run.random.choice([-5, 2, 14]), minutes=30)))
        return str(run.saw("time with an offset", shifted.isoformat()))
    return time_text(moment)


def search(run: Run) -> str:
    """Return what is searched for: awkward texts, parts of what there is."""
    if run.often(0.6):
        return run.random.choice(SEARCHES)
    if run.often(0.05):
        return str(run.saw("NUL in a search", "wool\x00"))
    orders = run.focus.orders()
    if not orders:
        return "so-"
    found = run.random.choice(orders)["searchText"]
    start = run.random.randrange(len(found))
    return str(found[start : start + run.random.randint(1, 8)]).upper()


def customer_search(run: Run) -> str:
    """Return what is searched for among customers."""
    found = str(run.random.choice(run.focus.stored.tables[models.Customer])["searchText"])
    if run.often(0.4) or not found:
        return run.random.choice(SEARCHES)
    start = run.random.randrange(len(found))
    return found[start : start + run.random.randint(1, 12)].upper()


def customer_number(run: Run) -> str:
    """Return the number of a customer, or nearly so."""
    number = str(run.random.choice(run.focus.stored.tables[models.Customer])["customerNumber"])
    return number if run.often(0.8) else run.random.choice([number.lower(), "", "%", "\x00"])


def email_address(run: Run) -> str:
    """Return the address of a user or of a customer, or what is none."""
    account = run.random.choice(run.focus.stored.tables[models.Account])
    address = str(account["emailAddress"])
    odd = [f" {address.upper()}", address.replace("@", "%@"), "user_@example.com", "", "%", address[1:], "@", "no"]
    return address if run.often(0.6) else run.random.choice(odd)


def statuses(run: Run) -> list[Name]:
    """Return statuses: none, some, one twice."""
    count = run.random.choice([0, 1, 3, 6, 9, 12])
    if count == 0:
        run.features.add("empty list")
    return [Name(run.random.choice(list(OrderStatus))) for _ in range(count)]


def _status(run: Run) -> Name:
    return Name(run.random.choice(list(OrderStatus)))


def _whole(parts: dict[str, Kind]) -> Callable[[Run], dict[str, Any]]:
    def make(run: Run) -> dict[str, Any]:
        made = {name: part.make(run) for name, part in parts.items() if run.often(0.35)}
        for name in made:
            if not parts[name].has_default and run.often(0.06):
                made[name] = run.saw("null inside an input object", None)
        return made

    return make


SORT_PARTS = {
    "field": Kind("sort field", "OrderSortField", sort_field, required=True, has_default=True),
    "direction": Kind("direction", "SortDirection", direction, required=True, has_default=True),
}
FILTER_PARTS = {
    "search": Kind("search", "String", search),
    "statuses": Kind(
        "statuses", "[OrderStatus!]", statuses, item=Kind("status", "OrderStatus", _status, required=True)
    ),
    "orderedFrom": Kind("time", "DateTime", point_in_time),
    "orderedUntil": Kind("time", "DateTime", point_in_time),
    "orderNumber": Kind("number of an order", "String", order_number),
    "mine": Kind("mine", "Boolean", lambda run: run.often(0.6)),
}
CUSTOMER_FILTER_PARTS = {
    "search": Kind("customer search", "String", customer_search),
    "customerNumber": Kind("customer number", "String", customer_number),
    "emailAddress": Kind("e-mail address", "String", email_address),
}
CUSTOMER_FILTER = Kind("customer filter", "CustomerFilter", _whole(CUSTOMER_FILTER_PARTS), parts=CUSTOMER_FILTER_PARTS)
SORT = Kind("sort", "OrderSort", _whole(SORT_PARTS), parts=SORT_PARTS)
FILTER = Kind("filter", "OrderFilter", _whole(FILTER_PARTS), parts=FILTER_PARTS)
LENGTH = Kind("length", "Int", page_length)
PAGE = Kind("page", "Int", page_number, required=True, has_default=True)
SIZE = Kind("size", "Int", page_length, required=True, has_default=True)
ADDRESS_TYPE = Kind("address type", "AddressType", lambda run: Name(run.random.choice(list(AddressType))))
DEFAULT_TYPE = Kind("default type", "AddressType", ADDRESS_TYPE.make, required=True)
NODE_ID = Kind("node id", "ID", node_id, required=True)
MAILED_TOKEN = Kind("mailed token", "String", mailed_token, required=True)
CUSTOMER_ID = Kind("customer id", "ID", customer_id)
ORDER_NUMBER = Kind("order number", "String", order_number, required=True)
COUNTRY = Kind("country", "String", country, required=True)
CUSTOMERS_CURSOR = Kind("customers cursor", "String", customers_cursor)
USERS_CURSOR = Kind("users cursor", "String", users_cursor)
