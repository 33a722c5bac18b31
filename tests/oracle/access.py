"""The home of the oracle's permissions: who calls, and which rows that caller may see."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from db import models
from db.enums import AdminScope, Permission
from tests.oracle.rows import TYPE_OF_LETTERS

if TYPE_CHECKING:
    from tests.oracle.rows import Row, Stored


CONTAINED_IN = {
    AdminScope.CUSTOMERS_READ: {
        AdminScope.CUSTOMERS_READ, AdminScope.CUSTOMERS_WRITE, AdminScope.ORDERS_READ, AdminScope.ORDERS_WRITE,
        AdminScope.PAYMENT_INSTRUMENTS_WRITE, AdminScope.ACCESS_REQUESTS, AdminScope.SETTINGS,
    },
    AdminScope.ORDERS_READ: {AdminScope.ORDERS_READ, AdminScope.ORDERS_WRITE},
}  # fmt: skip
"""The scopes that let staff read what the key names."""


@dataclass(frozen=True)
class Caller:
    """What arrives with a request: the channel of the endpoint, the bearer token or API key (`api_`), and the time."""

    channel_code: str
    token: str | None
    now: datetime


class Scene:
    """One request: the rows, and who looks at them."""

    def __init__(self, stored: Stored, caller: Caller) -> None:
        """Find out who calls."""
        self.stored = stored
        self.now = caller.now
        self.channel = stored.channel_of_code[caller.channel_code]
        token = caller.token or ""
        digest = hashlib.sha256(token.encode()).digest()
        is_user = not token.startswith(("ads_", "api_"))
        user_session = self._session(digest) if is_user else None
        admin_session = self._admin_session(digest) if token.startswith("ads_") else None
        self.user: Row | None = stored.by_id[user_session["userId"]] if user_session else None
        self.admin: Row | None = stored.by_id[admin_session["adminId"]] if admin_session else None
        self.api_key = self._api_key(digest) if token.startswith("api_") else None
        self.session = user_session or admin_session

    @property
    def caller(self) -> Row | None:
        """Whoever calls: a user, an admin or an API key."""
        return self.user or self.admin or self.api_key

    def _session(self, digest: bytes) -> Row | None:
        session = self.stored.session_of_hash.get(digest)
        if session is None or session["channelId"] != self.channel["id"] or session["expiresAt"] <= self.now:
            return None
        return session if self.stored.by_id[session["userId"]]["enabled"] else None

    def _admin_session(self, digest: bytes) -> Row | None:
        session = self.stored.admin_session_of_hash.get(digest)
        if session is None or session["expiresAt"] <= self.now:
            return None
        its = [row["channelId"] for row in self.stored.where(models.AdminChannel, "adminId", session["adminId"])]
        return session if self.stored.by_id[session["adminId"]]["enabled"] and self.channel["id"] in its else None

    def _api_key(self, digest: bytes) -> Row | None:
        key = self.stored.api_key_of_hash.get(digest)
        if key is None or key["revokedAt"] is not None:
            return None
        its = [row["channelId"] for row in self.stored.where(models.ApiKeyChannel, "apiKeyId", key["id"])]
        return key if self.channel["id"] in its else None

    def has(self, scope: AdminScope) -> bool:
        """Tell whether the caller is staff that may do what *scope* names."""
        staff = self.admin or self.api_key
        return staff is not None and not CONTAINED_IN[scope].isdisjoint(staff["scopes"])

    @cached_property
    def permissions(self) -> list[Permission]:
        """What the caller may do."""
        return permissions_of(self.stored, self.user) if self.user else []

    def sees(self, row: Row) -> bool:
        """Tell whether the caller may see *row*."""
        letters = row["id"][:3]
        if letters == "chn":
            return bool(row["id"] == self.channel["id"]) or self._looks_after(row)
        if self.caller is None or letters not in TYPE_OF_LETTERS:
            return False
        if letters in {"ses", "ase", "adm"}:
            owner = row["id"] if letters == "adm" else row["userId" if letters == "ses" else "adminId"]
            return bool(
                owner == self.caller["id"] and row.get("expiresAt", datetime.max.replace(tzinfo=UTC)) > self.now
            )
        if letters == "rol":
            return bool(row["channelId"] == self.channel["id"])
        return self._sees_as_staff(letters, row) or self._sees_of_customer(letters, row)

    def _looks_after(self, channel: Row) -> bool:
        if self.admin is None:
            return False
        its = self.stored.where(models.AdminChannel, "adminId", self.admin["id"])
        return channel["id"] in [row["channelId"] for row in its]

    def _sees_as_staff(self, letters: str, row: Row) -> bool:
        customer = row if letters == "cus" else self.stored.by_id[row["customerId"]]
        scope = AdminScope.ORDERS_READ if letters == "ord" else AdminScope.CUSTOMERS_READ
        return bool(customer["channelId"] == self.channel["id"]) and self.has(scope)

    def _sees_of_customer(self, letters: str, row: Row) -> bool:
        if self.user is None or row["id" if letters == "cus" else "customerId"] != self.user["customerId"]:
            return False
        match letters:
            case "cus" | "adr":
                return True
            case "usr":
                return bool(row["id"] == self.user["id"]) or Permission.USERS_READ in self.permissions
            case "ord":
                own = bool(row["userId"] == self.user["id"]) and Permission.ORDERS_READ_OWN in self.permissions
                return own or Permission.ORDERS_READ in self.permissions
            case "pay":
                return Permission.PAYMENT_INSTRUMENTS_READ in self.permissions
        raise AssertionError(letters)

    def visible(self, rows: list[Row]) -> list[Row]:
        """Return those of *rows* that the caller may see."""
        return [row for row in rows if self.sees(row)]

    def find(self, row_id: str | None) -> Row | None:
        """Return the row of that id, if the caller may see it."""
        row = self.stored.by_id.get(row_id) if row_id else None
        return row if row is not None and self.sees(row) else None


def permissions_of_role(stored: Stored, role_id: str) -> list[Permission]:
    """Return what a role grants, in the order of the enumeration."""
    granted = {row["permission"] for row in stored.where(models.RolePermission, "roleId", role_id)}
    return [permission for permission in Permission if permission in granted]


def permissions_of(stored: Stored, user: Row) -> list[Permission]:
    """Return what a user's roles grant together, in the order of the enumeration."""
    roles = [row["roleId"] for row in stored.where(models.UserRole, "userId", user["id"])]
    granted = {permission for role in roles for permission in permissions_of_role(stored, role)}
    return [permission for permission in Permission if permission in granted]
