"""The home of the settings: environment variables that begin with GATEWAY_. Nothing else reads the environment."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import orjson
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from db.engine import backend_of
from db.sqlite import file_of
from gateway.secret_key import LEAST_KEY_BYTES, kept_secret_key

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = TypeVar("Kind", bound="DatabaseSettings")

PREFIX = "GATEWAY_"


class OperatorError(Exception):
    """Something that an operator can mend. Its text says what is wrong and what mends it."""


def _database_url(url: str) -> str:
    if backend_of(url) == "sqlite":
        file_of(url)
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
    """Refuse everything that is no address, `*` above all: it would let each client choose its own address."""
    return tuple(str(ip_network(address)) for address in addresses)


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
        "of several, separated by commas, the first is for making tokens and all are for checking them"
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
ChannelCode = Annotated[
    str, Field(description="the code of the channel that answers at /graphql; without it, none does")
]
Host = Annotated[str, Field(description="the address to listen at; 0.0.0.0 for every one")]
Port = Annotated[int, Field(ge=0, le=65535, description="a port up to 65535; 0 for any that is free")]
Playground = Annotated[bool, Field(description="true or false: whether a browser gets GraphiQL at an endpoint")]
Workers = Annotated[int, Field(ge=1, le=256, description="a number of processes from 1 to 256")]


class DatabaseSettings(BaseSettings):
    """What every command needs. A field's description says what an operator must write."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, hide_input_in_errors=True)

    database_url: DatabaseUrl = "sqlite:///gateway.db"


class Settings(DatabaseSettings):
    """What serving needs."""

    secret_key: SecretKeys
    default_channel: ChannelCode | None = None
    host: Host = "127.0.0.1"
    port: Port = 8000
    workers: Workers = 1
    trusted_proxies: Networks = ()
    playground: Playground = False


def _demo_directory() -> Path:
    """Make ./demo unless it exists: for its owner alone, as it holds the secret key and hashes of passwords."""
    directory = Path("demo")
    directory.mkdir(mode=0o700, exist_ok=True)
    return directory


class DemoSettings(Settings):
    """What the demo needs: the same, with defaults for everything."""

    database_url: DatabaseUrl = Field(default_factory=lambda: f"sqlite:///{_demo_directory()}/gateway.db")
    secret_key: SecretKeys = Field(default_factory=lambda: (SecretStr(kept_secret_key(_demo_directory())),))
    default_channel: ChannelCode | None = "paloma"
    playground: Playground = True


def load(kind: type[Kind], **given: Any) -> Kind:  # noqa: ANN401 - each is validated
    """Return the settings of the environment; those of *given* that are not None win over it.

    Raises `OperatorError`, which names every variable that is missing or wrong, and never a value.
    """
    try:
        return kind(**{name: value for name, value in given.items() if value is not None})
    except ValidationError as error:
        raise OperatorError("\n".join(_complaints(kind, error))) from None
    except OSError as error:
        msg = f"{error.filename2 or error.filename} can't be made or read: {error.strerror}."
        raise OperatorError(msg) from error


def _complaints(kind: type[Kind], error: ValidationError) -> Iterable[str]:
    found = {str(each["loc"][0]): each["type"] for each in error.errors(include_input=False, include_context=False)}
    for name, what in found.items():
        verdict = "is missing" if what == "missing" else "is wrong"
        yield f"{PREFIX}{name.upper()} {verdict}. Set it to {kind.model_fields[name].description}."


def hand_down(settings: Settings) -> None:
    """Let the processes that this one starts find what the command line has changed."""
    os.environ |= {
        f"{PREFIX}HOST": settings.host,
        f"{PREFIX}PORT": str(settings.port),
        f"{PREFIX}WORKERS": str(settings.workers),
    }
