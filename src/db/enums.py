"""The home of the enumerations that are stored; their members are the words of the API."""

from __future__ import annotations

from enum import StrEnum, auto


class Upper(StrEnum):
    """An enumeration whose members are called by their names, in capitals."""

    @staticmethod
    def _generate_next_value_(name: str, start: int, count: int, last_values: list[str]) -> str:  # noqa: ARG004 - enum's signature
        return name


class ChannelKind(Upper):
    """Whom a channel sells to."""

    B2C = auto()
    """Consumers: one customer has one user."""
    B2B = auto()
    """Businesses: several users act for one customer."""


class RegistrationPolicy(Upper):
    """How people register in a channel on their own."""

    OPEN = auto()
    """Anybody registers, and may sign in at once by authenticate."""
    CONFIRM_EMAIL_ADDRESS = auto()
    """Anybody registers; nobody signs in before a mailed link proved the address."""
    CLOSED = auto()
    """Nobody registers; users are invited or ask for access."""


class AddressCheck(Upper):
    """What becomes of an address that breaks the rules of its country."""

    OFF = auto()
    """It is taken."""
    REFUSE = auto()
    """It is refused, where a post code is missing or none of the country's."""


class LinkPurpose(Upper):
    """What a page of the shop does that a mailed link leads to."""

    CONFIRM = auto()
    """It confirms the address of who has registered."""
    RESET = auto()
    """It sets a new password."""
    CHANGE_ADDRESS = auto()
    """It confirms the address that a user moves to."""
    INVITATION = auto()
    """It accepts an invitation."""
    ACCESS_REQUEST = auto()
    """It confirms a request for access."""
    SIGN_IN = auto()
    """It signs in; no token comes along."""


class Gender(Upper):
    """How a customer wishes to be addressed."""

    FEMALE = auto()
    """Female."""
    MALE = auto()
    """Male."""
    UNKNOWN = auto()
    """Not told."""


class Permission(Upper):
    """What a user may do for the own customer; granted by roles."""

    CUSTOMER_READ = auto()
    """Read the customer and its address book. Part of every role."""
    CUSTOMER_UPDATE = auto()
    """Change the customer's own data."""
    ADDRESSES_MANAGE = auto()
    """Create, change and delete addresses."""
    ORDERS_READ_OWN = auto()
    """Read the orders that the user placed."""
    ORDERS_READ = auto()
    """Read all orders of the customer."""
    PAYMENT_INSTRUMENTS_READ = auto()
    """Read the stored payment instruments."""
    PAYMENT_INSTRUMENTS_DELETE = auto()
    """Delete stored payment instruments."""
    USERS_READ = auto()
    """See the other users of the customer."""
    USERS_MANAGE = auto()
    """Invite, change, disable and delete users of the customer."""
    ACCESS_REQUESTS_APPROVE = auto()
    """Approve or decline requests for access to the customer."""
    ACCESS_SETTINGS_MANAGE = auto()
    """Manage request codes and e-mail domains that let requests through."""


class AdminScope(Upper):
    """What an admin or an API key may do in its channels."""

    CUSTOMERS_READ = auto()
    """Read customers, their address books, payment instruments and users."""
    CUSTOMERS_WRITE = auto()
    """Create and change customers, their address books and users, and read them."""
    ORDERS_READ = auto()
    """Read orders, and the customers who placed them."""
    ORDERS_WRITE = auto()
    """Record orders, and read them with their customers."""
    PAYMENT_INSTRUMENTS_WRITE = auto()
    """Store and delete payment instruments, and read customers."""
    ACCESS_REQUESTS = auto()
    """Screen access requests, and read customers."""
    SETTINGS = auto()
    """Manage what lets access requests through, and read customers."""
    CLIENT_FORWARDING = auto()
    """Of an API key alone: say in X-Forwarded-For for which visitor a shop's own server calls. It gives no right."""


class AddressType(Upper):
    """The purpose for which an address is normally used."""

    CONTACT = auto()
    """Where the customer is reached."""
    BILLING = auto()
    """Where invoices go."""
    SHIPPING = auto()
    """Where goods go."""


class OrderStatus(Upper):
    """How far an order has come."""

    DRAFT = auto()
    """Not placed yet."""
    PAYMENT_PENDING = auto()
    """Placed; the payment is awaited."""
    PURCHASED = auto()
    """Placed and paid, or on account."""
    PROCESSED = auto()
    """Accepted by the shop."""
    ASSEMBLY = auto()
    """Being packed."""
    SHIPPED = auto()
    """On its way."""
    DELIVERED = auto()
    """With the customer."""
    CANCELED = auto()
    """Canceled before it was shipped."""
    RETURNED = auto()
    """Sent back as a whole."""
    RETURNED_PARTIAL = auto()
    """Sent back in part."""
    REFUNDED = auto()
    """The money was given back."""
    UNKNOWN = auto()
    """The shop reported a status that has no name here."""


class OrderAdjustmentType(Upper):
    """Why an order costs more or less than its lines."""

    SHIPPING = auto()
    """The costs of shipping."""
    DISCOUNT = auto()
    """A discount on the whole order; its price is negative."""
    PROMOTION = auto()
    """A promotion or voucher; its price is negative."""
    SURCHARGE = auto()
    """A surcharge, such as for a small quantity."""
    TAX = auto()
    """A tax that is not listed among the taxes."""


class OrderDocumentKind(Upper):
    """What a document of an order is."""

    INVOICE = auto()
    """An invoice."""
    CREDIT_NOTE = auto()
    """A credit note."""
    DELIVERY_NOTE = auto()
    """A delivery note."""
    RECEIPT = auto()
    """A receipt."""
    OTHER = auto()
    """Anything else."""


class TokenPurpose(Upper):
    """What a mailed token is good for. It serves nothing else."""

    EMAIL_CONFIRMATION = auto()
    """Proves an e-mail address."""
    PASSWORD_RESET = auto()
    """Sets a password without the current one."""


class MailKind(Upper):
    """What a mail is about, as it was asked for; who reads it is found out when it is sent."""

    REGISTRATION = auto()
    """Somebody has registered the address."""
    CONFIRMATION = auto()
    """Somebody wants the link again that confirms the address."""
    PASSWORD_RESET = auto()
    """Somebody wants to set the password of the address."""
    PASSWORD_CHANGED = auto()
    """The user's password was changed."""
    EMAIL_ADDRESS_CHANGE = auto()
    """A user wants to sign in with this new address."""
    EMAIL_ADDRESS_CHANGING = auto()
    """For the old address: the user wants to sign in with another one."""
    EMAIL_ADDRESS_CHANGED = auto()
    """For the old address: the user signs in with another one from now on."""


class MailState(Upper):
    """How far a mail has come."""

    QUEUED = auto()
    """Waits to be sent, or to be tried again."""
    SENT = auto()
    """Accepted by the mail server, or shown in the mailbox."""
    DROPPED = auto()
    """There was nobody to write to, or its reason has gone."""
    GIVEN_UP = auto()
    """Refused for good, or tried for a day."""
    UNKNOWN = auto()
    """Handed over several times, and never learnt whether the mail server took it."""
