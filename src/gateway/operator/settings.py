"""The home of the settings: environment variables that begin with GATEWAY_. Nothing else reads the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, TypeVar

from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import ErrorDetails, PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from db.postgres_url import BadUrlError
from gateway.operator.addresses import is_loopback
from gateway.operator.secret_key import kept_secret_key
from gateway.operator.setting_kinds import (
    ChannelCode,
    DatabaseUrl,
    DrainSeconds,
    Host,
    LogLevel,
    Mailbox,
    MailboxPublic,
    MailFrom,
    MailsPerChannel,
    Networks,
    Origins,
    Playground,
    Port,
    ProcessorSeconds,
    Seconds,
    SecretKeys,
    SmtpHelo,
    SmtpUrl,
    Tries,
    Workers,
)
from resolvers.operations.spending import Spending
from resolvers.throttling.counters import TryLimits

Kind = TypeVar("Kind", bound="DatabaseSettings")

PREFIX = "GATEWAY_"

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
    new_documents_seconds: ProcessorSeconds = 2.0

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

    def limits(self) -> TryLimits:
        """Return how often something may be tried."""
        return TryLimits(
            free_tries=self.free_password_tries,
            tries_per_network=self.tries_per_network,
            tries_per_account=self.tries_per_account,
            mails_per_address=self.mails_per_address,
            all_mails_per_address=self.all_mails_per_address,
            mails_per_network=self.mails_per_network,
        )

    def spending(self) -> Spending:
        """Return how long documents that are new may keep a process busy."""
        return Spending(each=self.new_documents_seconds)


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
