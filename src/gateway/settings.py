"""The home of the settings: environment variables that begin with GATEWAY_. Nothing else reads the environment."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

import orjson
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from db.engine import backend_of
from db.postgres_url import Address, BadUrlError
from db.sqlite import file_of
from gateway.addresses import is_loopback
from gateway.mail.helo import parse_helo
from gateway.mail.smtp_url import parse_smtp_url
from gateway.secret_key import LEAST_KEY_BYTES, kept_secret_key
from resolvers.counters import Limits
from resolvers.email_address import EmailAddress
from resolvers.networks import plain_network
from resolvers.origins import Origin

Kind = TypeVar("Kind", bound="DatabaseSettings")

PREFIX = "GATEWAY_"

_EVERYTHING = tuple(map(ip_network, ("0.0.0.0/0", "::/0", "::ffff:0:0/96", "64:ff9b::/96")))
"""The last two are IPv4 again."""


_MISSING, _BESIDE, _PUBLIC = "missing", "beside", "public"
_VERDICTS = {
    _MISSING: "is missing. Set it to {}.",
    _BESIDE: "can't be true beside GATEWAY_SMTP_URL: mails are shown, or sent. Unset one of them.",
    _PUBLIC: "can't be true where others reach it, by GATEWAY_HOST or by GATEWAY_TRUSTED_PROXIES: whoever reads a mail "
    "has its link. Set it to false, listen at 127.0.0.1 alone, or set GATEWAY_MAILBOX_PUBLIC to true.",
}
"""What is wrong with a setting and what mends it, by Pydantic's type of error; `missing` is its own."""


class OperatorError(Exception):
    """Something that an operator can mend. Its text says what is wrong and what mends it."""


def _database_url(url: str) -> str:
    if backend_of(url) == "sqlite":
        file_of(url)
    else:
        Address.of(url)
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
    if any(
        everything.version == found.version and everything.subnet_of(found)  # type: ignore[arg-type]  # as compared
        for found in networks
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
Workers = Annotated[int, Field(ge=1, le=256, description="a number of processes from 1 to 256")]


class DatabaseSettings(BaseSettings):
    """What every command needs. A field's description says what an operator must write."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl = "sqlite:///gateway.db"


class Settings(DatabaseSettings):
    """What serving needs."""

    secret_key: SecretKeys
    default_channel: ChannelCode = None
    host: Host = "127.0.0.1"
    port: Port = 8000
    workers: Workers = 1
    drain_seconds: DrainSeconds = 0
    keep_alive_seconds: Seconds = 75
    trusted_proxies: Networks = ()
    playground: Playground = False
    cors_origins: Origins = ()
    log_level: LogLevel = "info"
    smtp_url: SmtpUrl = None
    mail_from: MailFrom = None
    smtp_helo: SmtpHelo = None
    mailbox_public: MailboxPublic = False
    mailbox: Mailbox = False
    free_password_tries: Tries = 5
    tries_per_network: Tries = 100
    tries_per_account: Tries = 50
    mails_per_address: Tries = 3
    all_mails_per_address: Tries = 6
    mails_per_network: Tries = 20
    mails_per_channel: MailsPerChannel = 2000
    sign_ins_at_once: Tries = 2

    @field_validator("mail_from")
    @classmethod
    def _is_there_to_send(cls, address: str | None, info: ValidationInfo) -> str | None:
        if address is None and info.data.get("smtp_url") is not None:
            raise PydanticCustomError(_MISSING, _MISSING)
        return address

    @field_validator("mailbox")
    @classmethod
    def _is_not_beside_a_server(cls, wanted: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's
        if wanted and info.data.get("smtp_url") is not None:
            raise PydanticCustomError(_BESIDE, _BESIDE)
        return wanted

    @field_validator("mailbox")
    @classmethod
    def _is_for_this_machine(cls, wanted: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's
        found = info.data
        is_reached = not is_loopback(found.get("host", "")) or found.get("trusted_proxies")
        if wanted and is_reached and not found.get("mailbox_public"):
            raise PydanticCustomError(_PUBLIC, _PUBLIC)
        return wanted

    def limits(self) -> Limits:
        """Return how often something may be tried."""
        return Limits(
            free_tries=self.free_password_tries,
            tries_per_network=self.tries_per_network,
            tries_per_account=self.tries_per_account,
            mails_per_address=self.mails_per_address,
            all_mails_per_address=self.all_mails_per_address,
            mails_per_network=self.mails_per_network,
        )


def _demo_directory() -> Path:
    """Make ./demo unless it exists: for its owner alone, as it holds the secret key and hashes of passwords."""
    directory = Path("demo")
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


class DemoSettings(Settings):
    """What the demo needs: the same, with defaults for everything."""

    database_url: DatabaseUrl = Field(default_factory=lambda: f"sqlite:///{_demo_directory()}/gateway.db")
    secret_key: SecretKeys = Field(default_factory=lambda: (SecretStr(kept_secret_key(_demo_directory())),))
    default_channel: ChannelCode = "paloma"
    playground: Playground = True
    mailbox: Mailbox = Field(default_factory=lambda found: found.get("smtp_url") is None, validate_default=True)
    log_level: LogLevel = "warning"  # the terminal shows how to try it


def load(kind: type[Kind], **given: Any) -> Kind:  # noqa: ANN401 - each is validated
    """Return the settings of the environment; those of *given* that are not None win over it.

    Raises `OperatorError`, which names every variable that is missing or wrong, and never a value.
    """
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise OperatorError("\n".join(_complaints(kind, error).values())) from None
    except OSError as error:
        msg = f"{error.filename2 or error.filename} can't be made or read: {error.strerror}."
        raise OperatorError(msg) from error


def wrong_in(kind: type[Kind], **given: Any) -> dict[str, str]:  # noqa: ANN401 - each is validated
    """Return by field what `load` would complain of."""
    try:
        kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        return _complaints(kind, error)
    return {}


def in_environment() -> dict[str, str]:
    """Return the variables that are set and not empty, by their names in capitals."""
    named = {name.upper(): value for name, value in os.environ.items() if value}
    return {name: value for name, value in named.items() if name.startswith(PREFIX)}


def _complaints(kind: type[Kind], error: ValidationError) -> dict[str, str]:
    return {
        name: f"{PREFIX}{name.upper()} {_complaint(found, kind.model_fields[name].description)}"
        for found in error.errors(include_input=False)
        if (name := str(found["loc"][0]))
    }


def _complaint(found: ErrorDetails, description: str | None) -> str:
    if isinstance(bad_url := found.get("ctx", {}).get("error"), BadUrlError):
        return f"can't be read: {bad_url}."
    return _VERDICTS.get(found["type"], "is wrong. Set it to {}.").format(description)


def hand_down(settings: Settings) -> None:
    """Let the processes that this one starts find what the command line has changed."""
    os.environ |= {
        f"{PREFIX}HOST": settings.host,
        f"{PREFIX}PORT": str(settings.port),
        f"{PREFIX}WORKERS": str(settings.workers),
    }
