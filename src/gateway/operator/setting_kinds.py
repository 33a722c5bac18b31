"""The home of the kinds of values that settings have: how each is read, and what an operator is told to write."""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Annotated, Literal

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import NoDecode

from db.engine import backend_of
from db.postgres_url import PostgresAddress
from db.sqlite import file_of
from gateway.operator.helo import parse_helo
from gateway.operator.secret_key import LEAST_KEY_BYTES
from gateway.operator.smtp_url import parse_smtp_url
from resolvers.rules.email_address import EmailAddress
from resolvers.rules.networks import plain_network
from resolvers.rules.origins import Origin

_EVERYTHING = tuple(map(ip_network, ("0.0.0.0/0", "::/0", "::ffff:0:0/96", "64:ff9b::/96")))
"""The last two are IPv4 again."""


def _database_url(url: str) -> str:
    if backend_of(url) == "sqlite":
        file_of(url)
    else:
        PostgresAddress.of(url)
    return url


def _listed(value: object) -> object:
    """Take a list as JSON or separated by commas; it may hold one."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return orjson.loads(value)
    return [item.strip() for item in value.split(",")]


def _long_enough(keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
    if not keys or any(len(key.get_secret_value().encode()) < LEAST_KEY_BYTES for key in keys):
        msg = "too short"
        raise ValueError(msg)
    return keys


def _networks(addresses: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse what holds every address, such as `*`: it would let each client choose its own."""
    networks = [plain_network(address) for address in addresses]
    # Two halves are everything, too.
    together: list[IPv4Network | IPv6Network] = [
        *collapse_addresses(found for found in networks if isinstance(found, IPv4Network)),
        *collapse_addresses(found for found in networks if isinstance(found, IPv6Network)),
    ]
    if any(
        everything.version == found.version and everything.subnet_of(found)  # type: ignore[arg-type]  # as compared
        for found in together
        for everything in _EVERYTHING
    ):
        msg = "everybody"
        raise ValueError(msg)
    return tuple(str(found) for found in networks)


def _origins(origins: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(str(Origin.of(origin)) for origin in origins)


def _smtp_url(url: SecretStr) -> SecretStr:
    parse_smtp_url(url.get_secret_value())
    return url


def _sender(text: str) -> str:
    return str(EmailAddress.parse(text))


DatabaseUrl = Annotated[
    str,
    AfterValidator(_database_url),
    Field(
        repr=False,  # it may hold a password
        description="sqlite:///FILE or postgresql://USER:PASSWORD@HOST/DATABASE",
    ),
]
SecretKeys = Annotated[
    tuple[SecretStr, ...],
    NoDecode,
    BeforeValidator(_listed),
    AfterValidator(_long_enough),
    Field(
        description="32 random bytes or more, the same on every process, as `openssl rand -base64 32` makes them; "
        "of several, separated by commas, the first makes tokens; mails that were written before keep theirs"
    ),
]
Networks = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_listed),
    AfterValidator(_networks),
    Field(
        description="the addresses or networks, separated by commas, of proxies whose X-Forwarded-For is believed; "
        "`*` is refused, for then every client could choose its address"
    ),
]
Origins = Annotated[
    tuple[str, ...],
    NoDecode,
    BeforeValidator(_listed),
    AfterValidator(_origins),
    Field(
        description="the origins, separated by commas, of the pages whose scripts may call, such as "
        "https://shop.example; `*` is refused, for then every page could have its visitors try passwords"
    ),
]
LogLevel = Annotated[Literal["debug", "info", "warning", "error"], Field(description="debug, info, warning or error")]
# None stands inside of those that may be left out: around `Annotated`, it would hide the description.
ChannelCode = Annotated[
    str | None, Field(description="the code of the channel that answers at /graphql; without it, none does")
]
Host = Annotated[str, Field(description="the address to listen at; 0.0.0.0 for every one")]
Port = Annotated[int, Field(ge=0, le=65535, description="a port up to 65535; 0 for any that is free")]
Playground = Annotated[bool, Field(description="true or false: whether a browser gets GraphiQL at an endpoint")]
SmtpUrl = Annotated[
    Annotated[SecretStr, AfterValidator(_smtp_url)] | None,
    Field(
        description="smtp://USER:PASSWORD@HOST:587 or smtps://USER:PASSWORD@HOST:465 of the mail server; "
        "without it mails wait, or are shown in the mailbox"
    ),
]
MailFrom = Annotated[
    Annotated[str, AfterValidator(_sender)] | None,
    Field(
        validate_default=True,
        description="the e-mail address that mails come from where a channel has no sender of its own; "
        "needed with GATEWAY_SMTP_URL",
    ),
]
SmtpHelo = Annotated[
    Annotated[str, AfterValidator(parse_helo)] | None,
    Field(
        description="the full name of this machine that mail servers are greeted by, such as gateway.shop.example, or "
        "its address in brackets; without it the machine's own name, or the domain of GATEWAY_MAIL_FROM"
    ),
]
Mailbox = Annotated[
    bool,
    Field(
        description="true or false: whether mails are shown at /{channel}/mailbox to everybody, and sent to nobody; "
        "for development, without GATEWAY_SMTP_URL"
    ),
]
MailboxPublic = Annotated[
    bool, Field(description="true or false: whether GATEWAY_MAILBOX may answer others than this machine")
]
Tries = Annotated[int, Field(ge=1, le=1_000_000, description="a number of tries, from 1 to 1,000,000")]
DrainSeconds = Annotated[
    float,
    Field(
        ge=0,
        le=300,
        description="a number of seconds from 0 to 300, for which a process that was told to stop still serves, so "
        "that balancers can look away",
    ),
]
MailsPerChannel = Annotated[
    int, Field(ge=2, le=1_000_000, description="a number of mails, from 2 to 1,000,000: half at once, and half evenly")
]
Seconds = Annotated[int, Field(ge=1, le=3600, description="a number of seconds from 1 to 3600")]
ProcessorSeconds = Annotated[
    float, Field(gt=0, le=60, description="seconds of the processor, above 0 and up to 60, in a minute")
]
Workers = Annotated[int, Field(ge=1, le=256, description="a number of processes from 1 to 256")]
