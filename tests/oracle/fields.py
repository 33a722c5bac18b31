"""The home of the oracle's resolvers: what each field that is not simply stored answers."""

from __future__ import annotations

import hashlib
from dataclasses import fields, is_dataclass
from datetime import UTC
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError
from strawberry.utils.str_converters import to_camel_case

from db import models
from db.enums import AdminScope, OrderAdjustmentType, TokenPurpose
from resolvers.addresses.queries import address_rules
from tests.oracle.access import Scene, permissions_of, permissions_of_role
from tests.oracle.formats import fold, full_name, money
from tests.oracle.paging import BY_CREATION, NEWEST_FIRST, connection, numbered_page, order_of_orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlmodel import SQLModel

    from tests.oracle.rows import Row

    Resolver = Callable[[Any, Scene, dict[str, Any]], Any]


def _by(*columns: str) -> Callable[[Row], tuple[Any, ...]]:
    return lambda row: tuple(row[column] for column in columns)


def _signed_in(scene: Scene) -> Row:
    if scene.caller is None:
        msg = "Nobody is signed in."
        raise GraphQLError(msg, extensions={"code": "UNAUTHENTICATED"})
    return scene.caller


def _address_rules(_root: Row, _scene: Scene, arguments: dict[str, Any]) -> Any:
    """Answer from the rules themselves: they stand in no table, so that no planner has to do with them."""
    return _by_api_names(address_rules(arguments["country"], ("en",)))


def _by_api_names(value: Any) -> Any:
    if isinstance(value, list):
        return [_by_api_names(item) for item in value]
    if not is_dataclass(value):
        return value
    return {to_camel_case(part.name): _by_api_names(getattr(value, part.name)) for part in fields(value)}


# ── Roots ─────────────────────────────────────────────────────────────────────────────────────────


def _customer(_root: Row, scene: Scene, arguments: dict[str, Any]) -> Row | None:
    _signed_in(scene)
    row_id = arguments.get("id")
    if row_id is None:
        return scene.find(scene.user["customerId"]) if scene.user else None
    return scene.find(row_id) if row_id.startswith("cus_") else None


def _with_scope(scene: Scene, scope: AdminScope) -> None:
    _signed_in(scene)
    if not scene.has(scope):
        msg = "Not with this scope."
        raise GraphQLError(msg, extensions={"code": "FORBIDDEN"})


def _customers(_root: Row, scene: Scene, arguments: dict[str, Any]) -> Row:
    _with_scope(scene, AdminScope.CUSTOMERS_READ)
    wanted = arguments.get("filter") or {}
    found = scene.visible(scene.stored.tables[models.Customer])
    return connection([row for row in found if _is_wanted(row, scene, wanted)], NEWEST_FIRST, arguments)


def _orders_of_shop(_root: Row, scene: Scene, arguments: dict[str, Any]) -> Row:
    _with_scope(scene, AdminScope.ORDERS_READ)
    wanted = arguments.get("filter") or {}
    found = [order for order in scene.visible(scene.stored.tables[models.Order]) if _passes(order, scene, wanted)]
    return connection(found, order_of_orders(None), arguments)


def _is_wanted(customer: Row, scene: Scene, wanted: dict[str, Any]) -> bool:
    search, address, number = (wanted.get(name) for name in ("search", "emailAddress", "customerNumber"))
    users = scene.stored.where(models.User, "customerId", customer["id"])
    accounts = [scene.stored.by_id[user["accountId"]] for user in users]
    addresses = {*customer["searchText"].split(" "), *(account["canonicalEmailAddress"] for account in accounts)}
    return (
        (number is None or customer["customerNumber"] == number)
        and (search is None or all(word in customer["searchText"] for word in fold(search).split()))
        and (address is None or ("@" in address and address.strip().lower() in addresses))
    )


def _roles_of_channel(_root: Row, scene: Scene, _arguments: dict[str, Any]) -> list[Row]:
    _signed_in(scene)
    return sorted(scene.visible(scene.stored.tables[models.Role]), key=_by("code"))


def _password_reset_token(_root: Row, scene: Scene, arguments: dict[str, Any]) -> Row:
    """Tell whoever holds a token what it is worth: the token, not the caller, is what entitles to it."""
    digest = hashlib.sha256(arguments["token"].encode("utf-8", "surrogatepass")).digest()
    token = scene.stored.mailed_token_of_hash.get(digest)
    account = scene.stored.by_id.get(token["subjectId"]) if token else None
    users = scene.stored.where(models.User, "accountId", account["id"]) if account else []
    good = (
        token is not None
        and account is not None
        and token["channelId"] == scene.channel["id"]
        and token["purpose"] == TokenPurpose.PASSWORD_RESET
        and token["spentAt"] is None
        and token["expiresAt"] > scene.now
        and any(user["enabled"] for user in users)
        and account["emailAddress"] == token["emailAddress"]
    )
    told = token if good and token else {"expiresAt": None, "emailAddress": None}
    return {"valid": good, "expiresAt": told["expiresAt"], "emailAddress": told["emailAddress"]}


def _sessions(_viewer: Row, scene: Scene, _arguments: dict[str, Any]) -> list[Row]:
    sessions = scene.visible([*scene.stored.tables[models.Session], *scene.stored.tables[models.AdminSession]])
    return sorted(sessions, key=_by("createdAt", "id"), reverse=True)


def _channels_of_admin(admin: Row, scene: Scene, _arguments: dict[str, Any]) -> list[Row]:
    its = [row["channelId"] for row in scene.stored.where(models.AdminChannel, "adminId", admin["id"])]
    return sorted((scene.stored.by_id[id_] for id_ in its), key=_by("code"))


# ── Customers ─────────────────────────────────────────────────────────────────────────────────────


def _addresses(customer: Row, scene: Scene, arguments: dict[str, Any]) -> list[Row]:
    wanted = arguments.get("type")
    addresses = scene.visible(scene.stored.where(models.Address, "customerId", customer["id"]))
    return sorted((row for row in addresses if wanted in (None, row["type"])), key=_by("createdAt", "id"))


def _default_address(customer: Row, scene: Scene, arguments: dict[str, Any]) -> Row | None:
    return next((row for row in _addresses(customer, scene, arguments) if row["isDefault"]), None)


def _visible_orders(customer: Row, scene: Scene) -> list[Row]:
    return scene.visible(scene.stored.where(models.Order, "customerId", customer["id"]))


def _passes(order: Row, scene: Scene, wanted: dict[str, Any]) -> bool:
    statuses, search, number = wanted.get("statuses"), wanted.get("search"), wanted.get("orderNumber")
    since, until = wanted.get("orderedFrom"), wanted.get("orderedUntil")
    return (
        (statuses is None or order["status"] in statuses)
        and (since is None or order["orderDate"] >= since)
        and (until is None or order["orderDate"] < until)
        and (number is None or order["orderNumber"] == number)
        and (search is None or all(word in order["searchText"] for word in fold(search).split()))
        and (not wanted.get("mine") or (scene.user is not None and order["userId"] == scene.user["id"]))
    )


def _filtered_orders(customer: Row, scene: Scene, arguments: dict[str, Any]) -> list[Row]:
    wanted = arguments.get("filter") or {}
    return [order for order in _visible_orders(customer, scene) if _passes(order, scene, wanted)]


def _orders(customer: Row, scene: Scene, arguments: dict[str, Any]) -> Row:
    order = order_of_orders(arguments.get("orderBy"))
    return connection(_filtered_orders(customer, scene, arguments), order, arguments)


def _order_page(customer: Row, scene: Scene, arguments: dict[str, Any]) -> Row:
    order = order_of_orders(arguments.get("orderBy"))
    return numbered_page(_filtered_orders(customer, scene, arguments), order, arguments)


def _order(customer: Row, scene: Scene, arguments: dict[str, Any]) -> Row | None:
    orders = _visible_orders(customer, scene)
    return next((order for order in orders if order["orderNumber"] == arguments["orderNumber"]), None)


def _users(customer: Row, scene: Scene, arguments: dict[str, Any]) -> Row:
    users = scene.visible(scene.stored.where(models.User, "customerId", customer["id"]))
    return connection(users, BY_CREATION, arguments)


def _payment_instruments(customer: Row, scene: Scene, _arguments: dict[str, Any]) -> list[Row]:
    instruments = scene.stored.where(models.PaymentInstrument, "customerId", customer["id"])
    return sorted(scene.visible(instruments), key=_by("id"))


def _viewer_permissions(customer: Row, scene: Scene, _arguments: dict[str, Any]) -> list[str]:
    own = scene.user is not None and scene.user["customerId"] == customer["id"]
    return list(scene.permissions) if own else []


def _expired(instrument: Row, scene: Scene, _arguments: dict[str, Any]) -> bool:
    expires_on = instrument["expiresOn"]
    return expires_on is not None and expires_on < scene.now.astimezone(UTC).date()


def _of_account(column: str) -> Resolver:
    return lambda user, scene, _arguments: scene.stored.by_id[user["accountId"]][column]


def _roles_of_user(user: Row, scene: Scene, _arguments: dict[str, Any]) -> list[Row]:
    roles = [scene.stored.by_id[row["roleId"]] for row in scene.stored.where(models.UserRole, "userId", user["id"])]
    return sorted(scene.visible(roles), key=_by("code"))


# ── Orders ────────────────────────────────────────────────────────────────────────────────────────


def _lines(order: Row, scene: Scene, model: type[SQLModel]) -> list[Row]:
    return sorted(scene.stored.where(model, "orderId", order["id"]), key=_by("position"))


def _items_total(order: Row, scene: Scene, _arguments: dict[str, Any]) -> Row:
    lines = _lines(order, scene, models.OrderItem)
    return money(sum((line["linePrice"] for line in lines), Decimal(0)), order["currency"])


def _shipping_total(order: Row, scene: Scene, _arguments: dict[str, Any]) -> Row:
    adjustments = _lines(order, scene, models.OrderAdjustment)
    shipping = [row["price"] for row in adjustments if row["type"] == OrderAdjustmentType.SHIPPING]
    return money(sum(shipping, Decimal(0)), order["currency"])


def _money(column: str) -> Resolver:
    def read(row: Row, _scene: Scene, _arguments: dict[str, Any]) -> Row | None:
        return None if row[column] is None else money(row[column], row["currency"])

    return read


def _unit_price(column: str) -> Resolver:
    def read(row: Row, scene: Scene, arguments: dict[str, Any]) -> Row | None:
        price: Decimal | None = row[column]
        shown: Row | None = _money(column)(row, scene, arguments)
        if price is not None and shown is not None and Decimal(shown["amount"]) != price:
            # It has more decimals than its currency: all of them.
            return {**shown, "amount": f"{price.normalize():f}"}
        return shown

    return read


def _quantity(item: Row, _scene: Scene, _arguments: dict[str, Any]) -> float:
    found: Decimal = item["quantity"]
    return int(found) if found == found.to_integral_value() else float(found)


def _at(column: str) -> Resolver:
    return lambda row, scene, _arguments: scene.find(row[column])


def _postal_address(column: str) -> Resolver:
    def read(order: Row, _scene: Scene, _arguments: dict[str, Any]) -> Row | None:
        return None if order[column] is None else {name: order[column].get(name) for name in POSTAL_MEMBERS}

    return read


def _rows_of(model: type[SQLModel]) -> Resolver:
    return lambda order, scene, _arguments: _lines(order, scene, model)


POSTAL_MEMBERS = (
    "title", "firstName", "lastName", "company", "street", "zipCode",
    "city", "region", "country", "phoneNumber", "emailAddress",
)  # fmt: skip

_NAME: Resolver = lambda row, _scene, _arguments: full_name(row)  # noqa: E731 - one of many in a table

RESOLVERS: dict[str, dict[str, Resolver]] = {
    "Query": {
        "node": lambda _root, scene, arguments: scene.find(arguments["id"]),
        "viewer": lambda _root, scene, _arguments: scene.user or scene.admin,
        "channel": lambda _root, scene, _arguments: scene.channel,
        "customer": _customer,
        "passwordResetToken": _password_reset_token,
        "customers": _customers,
        "orders": _orders_of_shop,
        "roles": _roles_of_channel,
        "addressRules": _address_rules,
    },
    "Viewer": {
        "user": lambda _viewer, scene, _arguments: scene.user,
        "customer": lambda _viewer, scene, _arguments: scene.find(scene.user["customerId"]) if scene.user else None,
        "admin": lambda _viewer, scene, _arguments: scene.admin,
        "permissions": lambda _user, scene, _arguments: list(scene.permissions),
        "session": lambda _user, scene, _arguments: scene.session,
        "sessions": _sessions,
    },
    "Admin": {"channels": _channels_of_admin},
    "Session": {
        "current": lambda row, scene, _arguments: scene.session is not None and row["id"] == scene.session["id"],
    },
    "Role": {"permissions": lambda role, scene, _arguments: permissions_of_role(scene.stored, role["id"])},
    "User": {
        "username": _of_account("emailAddress"),
        "emailAddress": _of_account("emailAddress"),
        "pendingEmailAddress": _of_account("pendingEmailAddress"),
        "fullName": _NAME,
        "confirmed": lambda user, scene, _arguments: scene.stored.by_id[user["accountId"]]["confirmedAt"] is not None,
        "roles": _roles_of_user,
        "permissions": lambda user, scene, _arguments: permissions_of(scene.stored, user),
        "customer": _at("customerId"),
    },
    "Customer": {
        "channel": _at("channelId"),
        "addresses": _addresses,
        "defaultAddress": _default_address,
        "orders": _orders,
        "orderPage": _order_page,
        "order": _order,
        "users": _users,
        "paymentInstruments": _payment_instruments,
        "viewerPermissions": _viewer_permissions,
    },
    "Address": {"customer": _at("customerId"), "fullName": _NAME},
    "Order": {
        "channel": _at("channelId"),
        "customer": _at("customerId"),
        "user": _at("userId"),
        "items": _rows_of(models.OrderItem),
        "itemCount": lambda order, scene, _arguments: len(_lines(order, scene, models.OrderItem)),
        "adjustments": _rows_of(models.OrderAdjustment),
        "taxes": _rows_of(models.OrderTax),
        "shipments": _rows_of(models.OrderShipment),
        "documents": _rows_of(models.OrderDocument),
        "billingAddress": _postal_address("billingAddress"),
        "shippingAddress": _postal_address("shippingAddress"),
        "itemsTotal": _items_total,
        "shippingTotal": _shipping_total,
        "total": _money("total"),
    },
    "OrderItem": {
        "id": lambda item, _scene, _arguments: f"{item['orderId']}:{item['position']}",
        "quantity": _quantity,
        "unitPrice": _unit_price("unitPrice"),
        "originalPrice": _unit_price("originalPrice"),
        "linePrice": _money("linePrice"),
    },
    "OrderAdjustment": {"price": _money("price")},
    "OrderTax": {"amount": _money("amount")},
    "PaymentInstrument": {"customer": _at("customerId"), "expired": _expired},
}

STORED_FIELDS: dict[str, str] = {
    "AddressRules": "country fields lines zipCodePattern zipCodeExamples",
    "AddressFieldRule": "field label required maxLength options",
    "AddressOption": "code name",
    "Channel": "id code name kind locales defaultLocale registration passwordMinLength",
    "Role": "id code name",
    "Customer": """id customerNumber emailAddress locale firstName lastName company gender dateOfBirth
                   priceGroups customData createdAt updatedAt""",
    "User": """id firstName lastName locale timeZone enabled createdAt
               lastAuthenticatedAt""",
    "TokenStatus": "valid expiresAt emailAddress",
    "Session": "id createdAt lastUsedAt expiresAt userAgent ipAddress",
    "Address": """id type isDefault title titleCode firstName lastName company street zipCode city region country
                  phoneNumber emailAddress remarks createdAt updatedAt""",
    "Order": """id orderNumber orderDate locale status currency taxIncluded paymentMethod shippingMethod customData
                updatedAt""",
    "OrderItem": "position sku code name unit imageUrl",
    "OrderShipment": "carrier trackingNumber trackingUrl shippedAt deliveredAt",
    "OrderDocument": "kind title url issuedOn",
    "OrderAdjustment": "type name",
    "OrderTax": "name rate",
    "PaymentInstrument": "id type maskedCardNumber expirationMonth expirationYear expiresOn",
    "PostalAddress": " ".join(POSTAL_MEMBERS),
    "Money": "amount currency",
    "OrderConnection": "edges nodes pageInfo totalCount",
    "OrderEdge": "cursor node",
    "Admin": "id username scopes",
    "CustomerConnection": "edges nodes pageInfo totalCount",
    "CustomerEdge": "cursor node",
    "UserConnection": "edges nodes pageInfo totalCount",
    "UserEdge": "cursor node",
    "PageInfo": "hasNextPage hasPreviousPage startCursor endCursor",
    "OrderPage": "content totalPages totalElements first last size number",
}
"""Fields that answer what stands in the row (or in the dictionary that a resolver returned) under their name."""


def knows(type_name: str, field_name: str) -> bool:
    """Tell whether the oracle can answer a field."""
    return field_name in RESOLVERS.get(type_name, {}) or field_name in STORED_FIELDS.get(type_name, "").split()
