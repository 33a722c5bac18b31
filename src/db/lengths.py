"""The home of lengths: how many characters a text has at most, for its column, its rule and its description."""

from __future__ import annotations

from typing import Final

NAME: Final = 30
"""First or last name."""
COMPANY: Final = 50
EMAIL_ADDRESS: Final = 254
"""RFC 5321 4.5.3.1.3: a path of 256 octets less its angle brackets."""
LOCALE: Final = 11
TIME_ZONE: Final = 40
NUMBER: Final = 40
"""The shop's own, of a customer or an order."""
CODE: Final = 40
"""Of a channel, a role, or what else programs name."""

TITLE: Final = 10
STREET: Final = 50
ZIP_CODE: Final = 16
CITY: Final = 30
REGION: Final = 30
COUNTRY: Final = 2
PHONE_NUMBER: Final = 30
REMARKS: Final = 200

CURRENCY: Final = 3
DIGEST: Final = 32
"""Of a record that was imported, in hexadecimal."""
SKU: Final = 100
ITEM_NAME: Final = 200
"""What stands on a line of an order: of an item, an adjustment, a tax."""
UNIT: Final = 40
RATE: Final = 20
METHOD: Final = 100
"""Of payment or shipping."""
IMAGE_URL: Final = 1000
URL: Final = 2000
"""Of a shipment's tracking, or a document."""
CARRIER: Final = 100
TRACKING_NUMBER: Final = 100
DOCUMENT_TITLE: Final = 200
PRINTED: Final = 200
"""A part of an address as an order remembers it, as long as it was."""

CHANNEL_NAME: Final = 100
LINK: Final = 2000
"""The page that a mailed link leads to."""
PASSWORD_HASH: Final = 200
USER_AGENT: Final = 200
"""What is kept of it."""
IP_ADDRESS: Final = 45
"""The longest form of RFC 4291 2.2: IPv6 with an IPv4 address at its end."""
SEARCH: Final = 200
"""What is searched for. Each word is a condition on each row, and SQLite fails for patterns over 50,000 bytes."""
PRICE_GROUP: Final = 40
PROBLEM: Final = 200
"""Why a mail was not sent."""
PAYMENT_TYPE: Final = 40
PROVIDER_REFERENCE: Final = 200
