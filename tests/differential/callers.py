"""The home of those who call: every kind of session, none at all, and tokens that mean nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from db import models
from tests.differential.words import NOW
from tests.oracle.access import Caller, Scene

if TYPE_CHECKING:
    from random import Random

    from sqlmodel import SQLModel

    from tests.oracle.rows import Row, Stored


class Focus:
    """A caller, and the customer whose rows that caller asks for."""

    def __init__(self, stored: Stored, caller: Caller, random: Random) -> None:
        """Focus on the caller's own customer, if it has one."""
        self.stored = stored
        self.caller = caller
        self.scene = Scene(stored, caller)
        customers = stored.tables[models.Customer]
        user = self.scene.user
        self.customer: Row = stored.by_id[user["customerId"]] if user else random.choice(customers)

    def orders(self) -> list[Row]:
        """Return the customer's orders, whoever may see them."""
        return self.stored.where(models.Order, "customerId", self.customer["id"])

    def users(self) -> list[Row]:
        """Return the customer's users."""
        return self.stored.where(models.User, "customerId", self.customer["id"])

    def own(self, model: type[SQLModel]) -> list[Row]:
        """Return the rows of *model* that belong to the customer, its users or its channel."""
        rows = self.stored.tables[model]
        owners = {self.customer["id"], self.customer["channelId"], *(user["id"] for user in self.users())}
        return [
            row for row in rows if owners & {row["id"], row.get("customerId"), row.get("userId"), row.get("channelId")}
        ]


class Callers:
    """All who call."""

    def __init__(self, stored: Stored, tokens: list[tuple[str, str]], random: Random) -> None:
        """Sort the bearer tokens by what they are good for."""
        self.stored = stored
        self.random = random
        codes = list(stored.channel_of_code)
        everybody = [Caller(code, token, NOW) for code, token in tokens]
        staff = [caller for caller in everybody if (caller.token or "").startswith(("ads_", "api_"))]
        everybody = [caller for caller in everybody if caller not in staff]
        self.staff = [caller for caller in staff if Scene(stored, caller).caller]
        self.no_staff = [caller for caller in staff if not Scene(stored, caller).caller]
        self.signed_in = [caller for caller in everybody if Scene(stored, caller).user]
        self.signed_in += [caller for caller in self.signed_in for _ in range(4) if self._reads_orders(caller)]
        self.expired_or_disabled = [caller for caller in everybody if not Scene(stored, caller).user]
        self.of_other_channels = [Caller(code, token, NOW) for own, token in tokens for code in codes if code != own]
        self.anonymous = [Caller(code, token, NOW) for code in codes for token in (None, "", "nonsense", "\u00e9")]

    def _reads_orders(self, caller: Caller) -> bool:
        """Tell whether *caller* gets to see much: such callers are sent more often."""
        scene = Scene(self.stored, caller)
        orders = self.stored.where(models.Order, "customerId", scene.user["customerId"]) if scene.user else []
        return len(scene.visible(orders)) > 1

    def anyone(self) -> tuple[Focus, str]:
        """Return a caller, most often one who is signed in, and what kind that is."""
        kinds = {
            "caller: signed in": (self.signed_in, 30),
            "caller: admin or API key": (self.staff, 10),
            "caller: staff elsewhere or no more": (self.no_staff, 1),
            "caller: expired session or disabled user": (self.expired_or_disabled, 2),
            "caller: session of another channel": (self.of_other_channels, 1),
            "caller: anonymous": (self.anonymous, 2),
        }
        kind = self.random.choices(list(kinds), [weight for _, weight in kinds.values()])[0]
        return Focus(self.stored, self.random.choice(kinds[kind][0]), self.random), kind
