"""The home of who may read what: for every field of every object type, the rule that entitles to its value.

A rule judges the row that the field stands in: the nearest object above it (or in it) that has an id. For the roots it
judges the caller alone. Written by hand from the design, from nothing that the gateway itself goes by.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from db import models
from db.enums import AdminScope, Permission
from tests.authorization.planting import NOW

if TYPE_CHECKING:
    from sqlmodel import SQLModel

    from tests.authorization.population import Asker

Rule = Callable[["Asker", Any], bool]


READERS = {
    AdminScope.CUSTOMERS_READ: {*AdminScope} - {AdminScope.CLIENT_FORWARDING},
    AdminScope.ORDERS_READ: {AdminScope.ORDERS_READ, AdminScope.ORDERS_WRITE},
}
"""The scopes by which staff may read what the key names."""


def anyone(asker: Asker, row: models.Channel | None) -> bool:
    """Whoever asks at the endpoint of the channel, signed in or not; the admins of other channels."""
    return row is None or row.id == asker.channel.id or looks_after(asker, row)


def looks_after(asker: Asker, row: models.Channel) -> bool:
    """The admins of a channel."""
    staff = asker.staff
    its = [found.admin_id for found in asker.population.of(models.AdminChannel) if found.channel_id == row.id]
    return isinstance(staff, models.Admin) and staff.id in its


def signed_in(asker: Asker, row: Any) -> bool:
    """Whoever is signed in to the channel: users, admins and API keys."""
    return not asker.is_nobody and (row is None or row.channel_id == asker.channel.id)


def a_person(asker: Asker, row: Any) -> bool:
    """Users and admins."""
    return signed_in(asker, row) and not isinstance(asker.staff, models.ApiKey)


def a_user(asker: Asker, row: Any) -> bool:
    """Users."""
    return signed_in(asker, row) and asker.user is not None


def an_admin(asker: Asker, row: Any) -> bool:  # noqa: ARG001 - a rule
    """Admins."""
    return isinstance(asker.staff, models.Admin)


def has(asker: Asker, scope: AdminScope) -> bool:
    """Tell whether staff asks that may read what *scope* names."""
    return asker.staff is not None and not READERS[scope].isdisjoint(asker.staff.scopes)


def staff_with(scope: AdminScope) -> Rule:
    """Admins and API keys with *scope*, about rows of the channel that they ask at."""

    def rule(asker: Asker, row: Any) -> bool:
        customer_id = getattr(row, "customer_id", None)
        owner: Any = row if customer_id is None else asker.population.by_id[customer_id]
        return has(asker, scope) and (row is None or owner.channel_id == asker.channel.id)

    return rule


def either(*rules: Rule) -> Rule:
    """Those whom any of *rules* entitles."""
    return lambda asker, row: any(rule(asker, row) for rule in rules)


reader_of_customers = staff_with(AdminScope.CUSTOMERS_READ)
reader_of_orders = staff_with(AdminScope.ORDERS_READ)


def owner(asker: Asker, row: Any) -> bool:
    """Any user of the customer."""
    if row is None:  # of a list of all customers
        return False
    customer_id = row.id if isinstance(row, models.Customer) else row.customer_id
    return asker.user is not None and customer_id == asker.user.customer_id


def owner_with(permission: Permission) -> Rule:
    """Any user of the customer who holds *permission*."""
    return lambda asker, row: owner(asker, row) and permission in asker.permissions


def oneself(asker: Asker, row: models.Session | models.AdminSession) -> bool:
    """The user or admin whose session it is, while it lasts."""
    caller = asker.user or asker.staff
    owner_id = row.user_id if isinstance(row, models.Session) else row.admin_id
    return caller is not None and owner_id == caller.id and row.expires_at > NOW


def oneself_or_colleague(asker: Asker, row: models.User) -> bool:
    """The user, users of the same customer who hold USERS_READ, and staff."""
    if reader_of_customers(asker, row):
        return True
    return asker.user is not None and (asker.user.id == row.id or owner_with(Permission.USERS_READ)(asker, row))


def reader_of_order(asker: Asker, row: models.Order | None) -> bool:
    """Users of the customer with ORDERS_READ; who placed it, with ORDERS_READ_OWN; staff with ORDERS_READ."""
    if reader_of_orders(asker, row):
        return True
    own = asker.user is not None and row is not None and row.user_id == asker.user.id
    held = Permission.ORDERS_READ in asker.permissions or (own and Permission.ORDERS_READ_OWN in asker.permissions)
    return owner(asker, row) and held


def reader_of_order_and_user(asker: Asker, row: models.Order) -> bool:
    """Who may read the order, and the user who placed it."""
    placed_by = asker.population.by_id.get(row.user_id or "")
    return isinstance(placed_by, models.User) and reader_of_order(asker, row) and oneself_or_colleague(asker, placed_by)


def of_list(of_shop: Rule, of_customer: Rule) -> Rule:
    """Who may read a list of all of the shop, and one of a customer's."""
    return lambda asker, row: of_shop(asker, None) if row is None else of_customer(asker, row)


def reader_of_some(model: type[SQLModel], rule: Rule) -> Rule:
    """Who may read any row of *model* that the customer has: a list shows these alone."""
    return lambda asker, row: any(
        rule(asker, found) for found in asker.population.of(model) if getattr(found, "customer_id", None) == row.id
    )


def own_admin(asker: Asker, row: models.Admin) -> bool:
    """The admin."""
    return asker.staff is row


def whoever_holds_the_token(asker: Asker, row: None) -> bool:  # noqa: ARG001 - a rule
    """Anybody, signed in or not: a mailed token stands for the permission. `Matrix` judges what each is worth."""
    return True


def holder_of(permission: Permission, scope: AdminScope) -> Rule:
    """Users who hold *permission*, and staff with *scope*."""

    def rule(asker: Asker, row: None) -> bool:
        return (a_user(asker, row) and permission in asker.permissions) or staff_holding(scope)(asker, row)

    return rule


def staff_holding(scope: AdminScope) -> Rule:
    """Admins and API keys with *scope*, which no other scope contains."""
    return lambda asker, _row: asker.staff is not None and scope in asker.staff.scopes


def who_did_it(asker: Asker, row: None) -> bool:  # noqa: ARG001 - a rule
    """Nobody but the caller of the mutation, about what that caller did."""
    return True


reader_of_cards = either(owner_with(Permission.PAYMENT_INSTRUMENTS_READ), reader_of_customers)
owner_or_staff = either(owner, reader_of_customers)
reader_of_some_order = reader_of_some(models.Order, reader_of_order)
reader_of_some_card = reader_of_some(models.PaymentInstrument, reader_of_cards)
reader_of_some_user = reader_of_some(models.User, oneself_or_colleague)

manager_of_addresses = holder_of(Permission.ADDRESSES_MANAGE, AdminScope.CUSTOMERS_WRITE)
updater_of_customer = holder_of(Permission.CUSTOMER_UPDATE, AdminScope.CUSTOMERS_WRITE)
deleter_of_cards = holder_of(Permission.PAYMENT_INSTRUMENTS_DELETE, AdminScope.PAYMENT_INSTRUMENTS_WRITE)

_ROWS: tuple[tuple[str, Rule, str], ...] = (
    ("Query", anyone, "channel node"),
    ("Query", whoever_holds_the_token, "passwordResetToken"),
    ("TokenStatus", whoever_holds_the_token, "valid expiresAt emailAddress"),
    ("Query", signed_in, "customer roles"),
    ("Query", a_person, "viewer"),
    ("Query", reader_of_customers, "customers"),
    ("Query", reader_of_orders, "orders"),
    ("Viewer", a_person, "permissions session sessions"),
    ("Viewer", a_user, "user customer"),
    ("Viewer", an_admin, "admin"),
    ("Admin", own_admin, "id username scopes channels"),
    ("Channel", anyone, "id code name kind locales defaultLocale registration passwordMinLength"),
    ("Role", signed_in, "id code name permissions"),
    ("Customer", owner_or_staff, "id customerNumber emailAddress locale firstName lastName company gender dateOfBirth"),
    ("Customer", owner_or_staff, "priceGroups customData createdAt updatedAt channel viewerPermissions"),
    ("Customer", owner_or_staff, "addresses defaultAddress"),
    ("Customer", reader_of_some_order, "orders orderPage order"),
    ("Customer", reader_of_some_card, "paymentInstruments"),
    ("Customer", reader_of_some_user, "users"),
    (
        "Address",
        owner_or_staff,
        "id customer type isDefault title titleCode firstName lastName fullName company street zipCode",
    ),
    ("Address", owner_or_staff, "city region country phoneNumber emailAddress remarks createdAt updatedAt"),
    ("Order", reader_of_order, "id channel customer orderNumber orderDate locale status currency taxIncluded items"),
    ("Order", reader_of_order, "itemCount billingAddress shippingAddress adjustments taxes itemsTotal shippingTotal"),
    ("Order", reader_of_order, "total paymentMethod shippingMethod customData shipments documents updatedAt"),
    ("Order", reader_of_order_and_user, "user"),
    (
        "OrderItem",
        reader_of_order,
        "id position sku code name quantity unit unitPrice originalPrice linePrice imageUrl",
    ),
    ("OrderAdjustment", reader_of_order, "type name price"),
    ("OrderTax", reader_of_order, "name rate amount"),
    ("OrderShipment", reader_of_order, "carrier trackingNumber trackingUrl shippedAt deliveredAt"),
    ("OrderDocument", reader_of_order, "kind title url issuedOn"),
    ("Money", reader_of_order, "amount currency"),
    ("PostalAddress", reader_of_order, "title firstName lastName company street zipCode city region country"),
    ("PostalAddress", reader_of_order, "phoneNumber emailAddress"),
    ("OrderConnection", of_list(reader_of_orders, reader_of_some_order), "edges nodes"),
    ("OrderConnection", of_list(reader_of_orders, owner_or_staff), "pageInfo totalCount"),
    ("OrderEdge", reader_of_order, "cursor node"),
    ("OrderPage", reader_of_some_order, "content"),
    ("OrderPage", owner_or_staff, "totalPages totalElements first last size number"),
    ("UserConnection", reader_of_some_user, "edges nodes"),
    ("UserConnection", owner_or_staff, "pageInfo totalCount"),
    ("UserEdge", oneself_or_colleague, "cursor node"),
    ("CustomerConnection", reader_of_customers, "edges nodes pageInfo totalCount"),
    ("CustomerEdge", reader_of_customers, "cursor node"),
    ("PageInfo", owner_or_staff, "hasNextPage hasPreviousPage startCursor endCursor"),
    ("PaymentInstrument", reader_of_cards, "id customer type maskedCardNumber expirationMonth expirationYear"),
    ("PaymentInstrument", reader_of_cards, "expiresOn expired"),
    ("User", oneself_or_colleague, "id username emailAddress firstName lastName fullName locale timeZone enabled"),
    ("User", oneself_or_colleague, "confirmed createdAt lastAuthenticatedAt roles permissions customer"),
    ("User", oneself_or_colleague, "pendingEmailAddress"),
    ("Session", oneself, "id current createdAt lastUsedAt expiresAt userAgent ipAddress"),
    ("Mutation", anyone, "registerCustomer authenticate confirmEmailAddress resendConfirmation"),
    ("Mutation", anyone, "startPasswordReset finishPasswordReset"),
    ("Mutation", a_user, "updatePassword changeEmailAddress"),
    ("Mutation", a_person, "signOut revokeSession"),
    ("Mutation", signed_in, "updateUser"),
    ("Mutation", anyone, "authenticateAdmin"),
    ("Mutation", staff_holding(AdminScope.CUSTOMERS_WRITE), "createCustomer"),
    ("Mutation", staff_holding(AdminScope.PAYMENT_INSTRUMENTS_WRITE), "storePaymentInstrument"),
    ("Mutation", deleter_of_cards, "deletePaymentInstrument"),
    ("Mutation", staff_holding(AdminScope.ORDERS_WRITE), "recordOrders"),
    ("RecordOrdersSuccess", who_did_it, "created replaced orders"),
    ("AuthenticateAdminSuccess", who_did_it, "authentication admin"),
    ("CreateCustomerSuccess", who_did_it, "customer"),
    ("StorePaymentInstrumentSuccess", who_did_it, "paymentInstrument customer"),
    ("DeletePaymentInstrumentSuccess", who_did_it, "paymentInstrumentId customer"),
    ("Mutation", updater_of_customer, "updateCustomer"),
    ("Mutation", manager_of_addresses, "createAddress updateAddress deleteAddress setDefaultAddress"),
    ("UpdateUserSuccess", who_did_it, "user"),
    ("UpdateCustomerSuccess", who_did_it, "customer"),
    ("CreateAddressSuccess", who_did_it, "address customer"),
    ("UpdateAddressSuccess", who_did_it, "address customer"),
    ("DeleteAddressSuccess", who_did_it, "addressId customer"),
    ("SetDefaultAddressSuccess", who_did_it, "address customer"),
    ("Query", anyone, "addressRules"),
    ("AddressRules", anyone, "country fields lines zipCodePattern zipCodeExamples"),
    ("AddressFieldRule", anyone, "field label required maxLength options"),
    ("AddressOption", anyone, "code name"),
    ("RegisterCustomerSuccess", who_did_it, "customer user confirmationRequired"),
    ("AuthenticateSuccess", who_did_it, "authentication user customer"),
    ("ConfirmEmailAddressSuccess", who_did_it, "emailAddress"),
    ("ResendConfirmationSuccess", who_did_it, "emailAddress"),
    ("ChangeEmailAddressSuccess", who_did_it, "emailAddress"),
    ("UpdatePasswordSuccess", who_did_it, "authentication user"),
    ("StartPasswordResetSuccess", who_did_it, "emailAddress"),
    ("FinishPasswordResetSuccess", who_did_it, "authentication user customer"),
    ("SignOutSuccess", who_did_it, "revokedSessions"),
    ("RevokeSessionSuccess", who_did_it, "sessionId"),
    ("AuthenticationToken", who_did_it, "token expiresAt"),
    ("InvalidInputError", who_did_it, "message violations"),
    ("Violation", who_did_it, "field code message limit"),
    ("EmailAddressTakenError", who_did_it, "message"),
    ("RegistrationClosedError", who_did_it, "message"),
    ("BadCredentialsError", who_did_it, "message"),
    ("EmailAddressNotConfirmedError", who_did_it, "message"),
    ("TokenInvalidError", who_did_it, "message"),
    ("TokenExpiredError", who_did_it, "message"),
    ("ConfirmationBaseUrlNotAllowedError", who_did_it, "message"),
    ("NotFoundError", who_did_it, "message field"),
    ("RateLimitedError", who_did_it, "message retryAfterSeconds"),
)

POLICY: dict[str, Rule] = {f"{type_}.{name}": rule for type_, rule, names in _ROWS for name in names.split()}
"""The rule of each `Type.field`."""

DIFFERS = {
    "Customer.viewerPermissions",
    "Customer.order",
    "Session.current",
    *(
        f"{type_}.{name}"
        for type_, rule, names in _ROWS
        if type_ in {"PageInfo", "OrderPage"}
        for name in names.split()
    ),
    *(f"{type_}.totalCount" for type_ in ("OrderConnection", "UserConnection", "CustomerConnection")),
}
"""Fields of a row whose value depends on who asks, or on what the row's list was asked for."""


def named_twice() -> list[str]:
    """Return the fields that stand in more than one row."""
    named = [f"{type_}.{name}" for type_, _rule, names in _ROWS for name in names.split()]
    return sorted({name for name in named if named.count(name) > 1})
