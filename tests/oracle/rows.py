"""The home of the loaded rows: every table read once, as dictionaries under the API's names, indexed."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, Protocol

from sqlmodel import SQLModel, select

from db import models

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractAsyncContextManager

Row = dict[str, Any]

MODELS: tuple[type[SQLModel], ...] = (
    models.Channel,
    models.Role,
    models.RolePermission,
    models.Customer,
    models.Account,
    models.User,
    models.UserRole,
    models.Session,
    models.Admin,
    models.AdminChannel,
    models.AdminSession,
    models.ApiKey,
    models.ApiKeyChannel,
    models.MailedToken,
    models.Address,
    models.Order,
    models.OrderItem,
    models.OrderAdjustment,
    models.OrderTax,
    models.OrderShipment,
    models.OrderDocument,
    models.PaymentInstrument,
)
"""In the order in which they can be written."""

TYPE_OF_LETTERS = {
    "chn": "Channel",
    "rol": "Role",
    "cus": "Customer",
    "usr": "User",
    "ses": "Session",
    "adm": "Admin",
    "ase": "Session",
    "adr": "Address",
    "ord": "Order",
    "pay": "PaymentInstrument",
}


class Readable(Protocol):
    """What the oracle needs of a database."""

    def unit_of_work(self) -> AbstractAsyncContextManager[Any]:
        """Open a session in a transaction."""
        ...


def api_name(column: str) -> str:
    """Return the API's spelling of a column's name."""
    first, *rest = column.split("_")
    return first + "".join(word.capitalize() for word in rest)


class Stored:
    """All rows of a database."""

    def __init__(self, tables: Mapping[type[SQLModel], Iterable[SQLModel]]) -> None:
        """Turn model instances into dictionaries and index them."""
        self.tables: dict[type[SQLModel], list[Row]] = {
            model: [{api_name(name): value for name, value in row.model_dump().items()} for row in tables[model]]
            for model in MODELS
        }
        self.by_id: dict[str, Row] = {row["id"]: row for rows in self.tables.values() for row in rows if "id" in row}
        self.channel_of_code: dict[str, Row] = {row["code"]: row for row in self.tables[models.Channel]}
        self.session_of_hash: dict[bytes, Row] = {row["tokenSha256"]: row for row in self.tables[models.Session]}
        self.admin_session_of_hash: dict[bytes, Row] = {
            row["tokenSha256"]: row for row in self.tables[models.AdminSession]
        }
        self.api_key_of_hash: dict[bytes, Row] = {row["keySha256"]: row for row in self.tables[models.ApiKey]}
        self.mailed_token_of_hash: dict[bytes, Row] = {
            row["tokenSha256"]: row for row in self.tables[models.MailedToken]
        }
        self._grouped: dict[tuple[type[SQLModel], str], dict[str, list[Row]]] = {}

    def where(self, model: type[SQLModel], column: str, value: str) -> list[Row]:
        """Return the rows of *model* whose *column* (in the API's spelling) is *value*, in no particular order."""
        groups = self._grouped.get((model, column))
        if groups is None:
            groups = defaultdict(list)
            for row in self.tables[model]:
                groups[row[column]].append(row)
            self._grouped[model, column] = groups
        return groups.get(value, [])


async def load(database: Readable) -> Stored:
    """Read every table of *database*."""
    async with database.unit_of_work() as session:
        return Stored({model: list(await session.exec(select(model))) for model in MODELS})
