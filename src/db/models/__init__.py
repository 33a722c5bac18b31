"""The home of what is stored: one class a table, with its constraints and indexes."""

from db.models.accounts import Account, Registration, Session
from db.models.admins import Admin, AdminChannel, AdminSession, ApiKey, ApiKeyChannel
from db.models.base import Entity
from db.models.channels import Channel, Role, RolePermission
from db.models.credentials import MailedToken, Repetition, Throttle
from db.models.customers import Address, Customer, PaymentInstrument
from db.models.mails import Mail, MailAllowance
from db.models.orders import Order, OrderAdjustment, OrderDocument, OrderItem, OrderShipment, OrderTax
from db.models.users import User, UserRole

__all__ = [
    "Account",
    "Address",
    "Admin",
    "AdminChannel",
    "AdminSession",
    "ApiKey",
    "ApiKeyChannel",
    "Channel",
    "Customer",
    "Entity",
    "Mail",
    "MailAllowance",
    "MailedToken",
    "Order",
    "OrderAdjustment",
    "OrderDocument",
    "OrderItem",
    "OrderShipment",
    "OrderTax",
    "PaymentInstrument",
    "Registration",
    "Repetition",
    "Role",
    "RolePermission",
    "Session",
    "Throttle",
    "User",
    "UserRole",
]
