"""The home of the mutations of addresses: decode, call, wrap."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry
from sqlmodel import select
from sqlmodel.sql.expression import SelectOfScalar

from db import enums, models
from db.enums import AdminScope, Permission
from resolvers.addresses import service
from resolvers.addresses.types import Address
from resolvers.caller.opening import shared_mutation
from resolvers.caller.signed_in import SignedIn
from resolvers.context import Context
from resolvers.outcomes import InvalidInputError, NotFoundError
from resolvers.planner import one, planned
from resolvers.sdl.descriptions import api_input
from resolvers.sdl.inputs import sent
from resolvers.successes import AboutCustomer

_Text = strawberry.Maybe[str | None]
_GATES: Any = {"needs": Permission.ADDRESSES_MANAGE, "scope": AdminScope.CUSTOMERS_WRITE}


@api_input
class AddressInput:
    """An address. Query.addressRules says what its country wants."""

    type: enums.AddressType
    """The purpose for which the address is normally used."""
    is_default: bool | None = None
    """Whether it becomes the default of its type; the first of a type does so anyway."""
    title: str | None = None
    """A title or salutation, as printed; at most {TITLE} characters."""
    title_code: str | None = None
    """The shop's code of the title; at most {TITLE} characters."""
    first_name: str
    """First name of the person at this address; at most {NAME} characters."""
    last_name: str
    """Last name of the person at this address; at most {NAME} characters."""
    company: str | None = None
    """Company at this address; at most {COMPANY} characters."""
    street: str
    """Street and number; at most {STREET} characters."""
    zip_code: str | None = None
    """Post code; at most {ZIP_CODE} characters. It is kept as it was typed."""
    city: str
    """City or town; at most {CITY} characters."""
    region: str | None = None
    """Region, state or canton; at most {REGION} characters."""
    country: str
    """Country, ISO 3166-1 alpha-2."""
    phone_number: str | None = None
    """Phone number; at most {PHONE_NUMBER} characters."""
    email_address: str | None = None
    """E-mail address for questions about deliveries to this address."""
    remarks: str | None = None
    """Remarks for the carrier; at most {REMARKS} characters."""


@api_input
class AddressPatch:
    """What is changed of an address: what is left out stays; null empties, or is REQUIRED where it can not."""

    type: strawberry.Maybe[enums.AddressType | None]
    """The purpose for which the address is normally used."""
    is_default: strawberry.Maybe[bool | None]
    """Whether it is the default of its type; false leaves the type without one."""
    title: _Text
    """A title or salutation, as printed; at most {TITLE} characters."""
    title_code: _Text
    """The shop's code of the title; at most {TITLE} characters."""
    first_name: _Text
    """First name of the person at this address; at most {NAME} characters."""
    last_name: _Text
    """Last name of the person at this address; at most {NAME} characters."""
    company: _Text
    """Company at this address; at most {COMPANY} characters."""
    street: _Text
    """Street and number; at most {STREET} characters."""
    zip_code: _Text
    """Post code; at most {ZIP_CODE} characters. It is kept as it was typed."""
    city: _Text
    """City or town; at most {CITY} characters."""
    region: _Text
    """Region, state or canton; at most {REGION} characters."""
    country: _Text
    """Country, ISO 3166-1 alpha-2."""
    phone_number: _Text
    """Phone number; at most {PHONE_NUMBER} characters."""
    email_address: _Text
    """E-mail address for questions about deliveries to this address."""
    remarks: _Text
    """Remarks for the carrier; at most {REMARKS} characters."""


@api_input
class CreateAddressInput:
    """A new address, and whose it is."""

    customer_id: strawberry.ID | None = None
    """Whose address book it comes to; a user's own if left out; admins and API keys must tell."""
    address: AddressInput
    """The address."""


@planned()
class _AboutAddress(AboutCustomer):
    """Was about an address."""

    address_id: strawberry.Private[str]

    @one(Address)
    def address(row: _AboutAddress) -> SelectOfScalar[models.Address]:
        """The address, as it is now."""
        return select(models.Address).where(models.Address.id == row.address_id)


@planned()
class CreateAddressSuccess(_AboutAddress):
    """The address is in the book."""


CreateAddressResult = Annotated[
    CreateAddressSuccess | InvalidInputError | NotFoundError,
    strawberry.union("CreateAddressResult", description="What createAddress can answer."),
]


@api_input
class UpdateAddressInput:
    """What is changed of an address."""

    address_id: strawberry.ID
    """The address."""
    address: AddressPatch
    """What is changed."""


@planned()
class UpdateAddressSuccess(_AboutAddress):
    """The address is changed."""


UpdateAddressResult = Annotated[
    UpdateAddressSuccess | InvalidInputError | NotFoundError,
    strawberry.union("UpdateAddressResult", description="What updateAddress can answer."),
]


@api_input
class DeleteAddressInput:
    """Which address goes."""

    address_id: strawberry.ID
    """The address."""


@planned()
class DeleteAddressSuccess(AboutCustomer):
    """The address is gone. Where it was the default of its type, the oldest that is left takes its place."""

    address_id: strawberry.ID
    """The address that is gone."""


DeleteAddressResult = Annotated[
    DeleteAddressSuccess | NotFoundError,
    strawberry.union("DeleteAddressResult", description="What deleteAddress can answer."),
]


@api_input
class SetDefaultAddressInput:
    """Which address becomes the default of its type."""

    address_id: strawberry.ID
    """The address."""


@planned()
class SetDefaultAddressSuccess(_AboutAddress):
    """The address is the default of its type."""


SetDefaultAddressResult = Annotated[
    SetDefaultAddressSuccess | NotFoundError,
    strawberry.union("SetDefaultAddressResult", description="What setDefaultAddress can answer."),
]


@strawberry.type
class AddressMutations:
    """What can be done to addresses."""

    @shared_mutation(description="Put an address into an address book.", **_GATES)
    async def create_address(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[CreateAddressInput, strawberry.argument(description="A new address, and whose it is.")],
        signed_in: SignedIn,
    ) -> CreateAddressResult | None:
        """Create an address."""
        made = await service.create_address(info.context, signed_in, sent(input.address), input.customer_id or None)
        return CreateAddressSuccess(address_id=made.address_id, customer_id=made.customer_id)

    @shared_mutation(description="Change an address.", **_GATES)
    async def update_address(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[UpdateAddressInput, strawberry.argument(description="What is changed of an address.")],
        signed_in: SignedIn,
    ) -> UpdateAddressResult | None:
        """Change an address."""
        changed = await service.update_address(info.context, signed_in, input.address_id, sent(input.address))
        return UpdateAddressSuccess(address_id=changed.address_id, customer_id=changed.customer_id)

    @shared_mutation(description="Take an address out of its address book.", **_GATES)
    async def delete_address(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[DeleteAddressInput, strawberry.argument(description="Which address goes.")],
        signed_in: SignedIn,
    ) -> DeleteAddressResult | None:
        """Delete an address."""
        gone = await service.delete_address(info.context, signed_in, input.address_id)
        return DeleteAddressSuccess(address_id=strawberry.ID(gone.address_id), customer_id=gone.customer_id)

    @shared_mutation(description="Make an address the default of its type.", **_GATES)
    async def set_default_address(
        self,
        info: strawberry.Info[Context, None],
        input: Annotated[SetDefaultAddressInput, strawberry.argument(description="Which address becomes the default.")],
        signed_in: SignedIn,
    ) -> SetDefaultAddressResult | None:
        """Make an address the default."""
        changed = await service.set_default_address(info.context, signed_in, input.address_id)
        return SetDefaultAddressSuccess(address_id=changed.address_id, customer_id=changed.customer_id)
