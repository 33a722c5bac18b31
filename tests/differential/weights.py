"""The home of how often each field is written, and of the names that get in its way."""

from __future__ import annotations

MOST_ROWS = 120
"""Rows of a page and of the pages within it; keeps answers small."""

STOLEN_ALIASES = (
    "id",
    "name",
    "row",
    "select",
    "data",
    "value",
    "key",
    "order",
    "node",
    "nodes",
    "type",
    "json",
    "Null",
)
WEIGHTS = {
    "Query.customer": 14, "Query.viewer": 8, "Query.node": 8, "Query.channel": 1, "Query.roles": 1,
    "Query.passwordResetToken": 3, "Query.customers": 5, "Query.orders": 5, "Query.addressRules": 1,
    "Viewer.customer": 6, "Customer.orders": 14, "Customer.orderPage": 8, "Customer.users": 5, "Customer.addresses": 2,
    "Customer.defaultAddress": 2, "Customer.order": 2,
    "User.roles": 4, "User.permissions": 2, "Viewer.user": 3, "Order.user": 3,
    "Order.items": 2, "Order.total": 2, "OrderConnection.edges": 2,
    "OrderConnection.pageInfo": 4, "OrderConnection.nodes": 3, "Order.billingAddress": 2, "OrderPage.content": 3,
    "UserConnection.pageInfo": 3, "PageInfo.hasNextPage": 2, "PageInfo.hasPreviousPage": 2,
}  # fmt: skip
LISTS = {
    "CustomerConnection.nodes",
    "CustomerConnection.edges",
    "OrderConnection.nodes",
    "OrderConnection.edges",
    "OrderPage.content",
    "UserConnection.nodes",
    "UserConnection.edges",
}

# (concrete type, field) whose types are the same, String!: one response key may stand for all of them
ALIKE = (
    ("Customer", "customerNumber"), ("Order", "orderNumber"), ("Role", "code"), ("Channel", "name"),
    ("User", "username"), ("Address", "street"), ("PaymentInstrument", "type"),
)  # fmt: skip
