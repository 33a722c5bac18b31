"""The home of the oracle's permissions: who calls, and which rows that caller may see."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from db import models
from db.enums import Permission
from tests.oracle.rows import TYPE_OF_LETTERS

if TYPE_CHECKING:
    from datetime import datetime

    from tests.oracle.rows import Row, Stored


@dataclass(frozen=True)
class Caller:
    """What arrives with a request: the channel of the endpoint, the bearer token and the time."""

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
        self.session = self._session(caller.token)
        self.user: Row | None = stored.by_id[self.session["userId"]] if self.session else None

    def _session(self, token: str | None) -> Row | None:
        if token is None:
            return None
        session = self.stored.session_of_hash.get(hashlib.sha256(token.encode()).digest())
        if session is None or session["channelId"] != self.channel["id"] or session["expiresAt"] <= self.now:
            return None
        return session if self.stored.by_id[session["userId"]]["enabled"] else None

    @cached_property
    def permissions(self) -> list[Permission]:
        """What the caller may do."""
        return permissions_of(self.stored, self.user) if self.user else []

    def sees(self, row: Row) -> bool:
        """Tell whether the caller may see *row*."""
        letters = row["id"][:3]
        if letters == "chn":
            return bool(row["id"] == self.channel["id"])
        if self.user is None or letters not in TYPE_OF_LETTERS:
            return False
        match letters:
            case "rol":
                return bool(row["channelId"] == self.channel["id"])
            case "cus":
                return bool(row["id"] == self.user["customerId"])
            case "ses":
                return bool(row["userId"] == self.user["id"] and row["expiresAt"] > self.now)
        return self._sees_of_customer(letters, row)

    def _sees_of_customer(self, letters: str, row: Row) -> bool:
        if self.user is None or row["customerId"] != self.user["customerId"]:
            return False
        match letters:
            case "adr":
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
