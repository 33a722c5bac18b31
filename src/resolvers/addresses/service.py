"""The home of what operations on addresses do.

Who changes an address book locks its customer first: which address is the default, how many there are, and what the
customer is found by depend on all of them.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlmodel import col, select

from db.enums import AddressCheck
from db.ids import new_id
from db.models import Address, Channel, Customer
from resolvers.addresses import defaults
from resolvers.addresses.defaults import Entry
from resolvers.addresses.findable import make_findable
from resolvers.addresses.rules import MOST_ADDRESSES, checked_change, checked_new_address
from resolvers.caller.acting import lock_customer, lock_customer_where
from resolvers.rules.errors import InvalidInput, NotFound
from resolvers.rules.violations import Violation, ViolationCode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from sqlmodel.ext.asyncio.session import AsyncSession

    from resolvers.addresses.defaults import Defaults
    from resolvers.caller.signed_in import SignedIn
    from resolvers.context import Context


class Changed(NamedTuple):
    """What was changed."""

    address_id: str
    customer_id: str


async def create_address(
    context: Context, caller: SignedIn, typed: Mapping[str, object], customer_id: str | None = None
) -> Changed:
    """Put an address in the shape of `AddressInput` into a book, the caller's own if no customer is named.

    Raises `InvalidInput`, or `NotFound` for a customer that the caller does not act for.
    """
    async with context.unit_of_work() as session:
        customer = await lock_customer(session, context, caller, customer_id)
        book = await _book_of(context, session, customer)
        columns = checked_new_address(typed, by_country=book.judges_countries)
        if len(book.addresses) >= MOST_ADDRESSES:
            raise InvalidInput([Violation((), ViolationCode.TOO_MANY, MOST_ADDRESSES)])
        now = context.clock.now()
        added = Address(
            id=new_id(Address.letters, now),
            customer_id=customer.id,
            **{**columns, "is_default": False},
            created_at=now,
            updated_at=now,
        )
        entry = Entry(added.id, added.type, bool(columns["is_default"]))
        await book.settle(defaults.after_adding(book.entries, entry), changed=added)
    return Changed(added.id, customer.id)


async def update_address(context: Context, caller: SignedIn, address_id: str, typed: Mapping[str, object]) -> Changed:
    """Change what *typed*, in the shape of `AddressPatch`, names. Raises `InvalidInput` or `NotFound`."""
    async with _book_with(context, caller, address_id) as (book, address):
        columns = checked_change(typed, address.model_dump(), by_country=book.judges_countries)
        wanted = columns.pop("is_default", None)
        before = Entry(address.id, address.type, address.is_default)
        changes = defaults.after_changing(book.entries, before, type_=columns.get("type", address.type), wanted=wanted)
        if columns.get("type", address.type) is not address.type:
            address.is_default = False
        if columns:
            address.sqlmodel_update(columns | {"updated_at": context.clock.now()})
        await book.settle(changes, changed=address)
    return Changed(address_id, book.customer.id)


async def set_default_address(context: Context, caller: SignedIn, address_id: str) -> Changed:
    """Make an address the default of its type. Raises `NotFound`."""
    return await update_address(context, caller, address_id, {"isDefault": True})


async def delete_address(context: Context, caller: SignedIn, address_id: str) -> Changed:
    """Take an address out of its book; where it was a default, the oldest of its type takes its place.

    Raises `NotFound`.
    """
    async with _book_with(context, caller, address_id) as (book, address):
        removed = Entry(address.id, address.type, address.is_default)
        changes = defaults.after_removing(book.entries, removed)
        await book.session.delete(address)
        await book.settle(changes)
    return Changed(address_id, book.customer.id)


class _Book:
    """The addresses of a customer, oldest first, while nobody else changes them."""

    def __init__(
        self,
        context: Context,
        session: AsyncSession,
        customer: Customer,
        addresses: Sequence[Address],
        *,
        judges_countries: bool,
    ) -> None:
        self._context = context
        self.session = session
        self.customer = customer
        self.addresses = addresses
        self.judges_countries = judges_countries

    @property
    def entries(self) -> list[Entry]:
        """The addresses, as far as defaults depend on them."""
        return [Entry(address.id, address.type, address.is_default) for address in self.addresses]

    def address(self, address_id: str) -> Address:
        """Return an address of the book. Raises `NotFound`."""
        found = next((address for address in self.addresses if address.id == address_id), None)
        if found is None:
            raise NotFound(("addressId",))
        return found

    async def settle(self, changes: Defaults, changed: Address | None = None) -> None:
        """Write *changed* and the defaults that change with it; have the customer be found by what is in the book."""
        now: Any = self._context.clock.now()
        for address in self.addresses:
            if address.is_default and address.type in changes and changes[address.type] != address.id:
                address.is_default, address.updated_at = False, now
        if changed is not None:
            self.session.add(changed)
        # One at a time is the default of its type, also while it changes.
        await self.session.flush()
        new = [address_id for address_id in changes.values() if address_id is not None]
        for address in (*self.addresses, *([changed] if changed else [])):
            if address.id in new and not address.is_default:
                address.is_default, address.updated_at = True, now
        await self.session.flush()
        await make_findable(self.session, self.customer)


@asynccontextmanager
async def _book_with(context: Context, caller: SignedIn, address_id: str) -> AsyncIterator[tuple[_Book, Address]]:
    its = select(Address.customer_id).where(Address.id == address_id).scalar_subquery()
    async with context.unit_of_work() as session:
        customer = await lock_customer_where(session, context, caller, col(Customer.id) == its, ("addressId",))
        book = await _book_of(context, session, customer)
        yield book, book.address(address_id)


async def _book_of(context: Context, session: AsyncSession, customer: Customer) -> _Book:
    """Return the address book of a customer who is locked."""
    channel = await session.get_one(Channel, customer.channel_id)
    oldest_first = (
        select(Address).where(Address.customer_id == customer.id).order_by(col(Address.created_at), col(Address.id))
    )
    addresses = (await session.exec(oldest_first)).all()
    judges_countries = channel.address_check is AddressCheck.REFUSE
    return _Book(context, session, customer, addresses, judges_countries=judges_countries)
