"""The home of what settings are in effect and where each comes from, with its secrets hidden."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.postgres_url import SCHEMES
from gateway.operator.settings import PREFIX, in_environment, wrong_in

if TYPE_CHECKING:
    from gateway.operator.settings import DatabaseSettings

HIDDEN = "***"
_HOST = r"(?:[\w.\-]*|\[[0-9a-fA-F:.]+\])(?::\d+)?"
_SERVER = re.compile(
    rf"postgres(?:ql)?://(?:(?P<user>[^:@/?#]*)(?::[^@/?#]*)?@)?(?P<hosts>{_HOST}(?:,{_HOST})*)"
    r"(?P<name>/[^@/?#]*)?(?:\?(?P<parameters>[^@#]*))?"
)
_SHOWN_PARAMETERS = {
    *("application_name", "channel_binding", "connect_timeout", "database", "dbname", "gssencmode", "host", "port"),
    *("sslmode", "sslrootcert", "target_session_attrs", "user"),
}
"""Any other may hold a password, such as sslpassword."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting as it is in effect. *complaint* says what is wrong with it and what mends it."""

    name: str
    value: str
    source: str
    complaint: str | None = None


def effective(kind: type[DatabaseSettings], **given: object) -> list[Setting]:
    """Return the settings of *kind*: options that are *given* win over the environment, and that over defaults."""
    set_ = in_environment()
    wrong = wrong_in(kind, **given)
    found = []
    for field, info in kind.model_fields.items():
        name = f"{PREFIX}{field.upper()}"
        value: Any
        if given.get(field) is not None:
            value, source = given[field], "option"
        elif name in set_:
            value, source = set_[name], "environment"
        else:
            value, source = None if info.is_required() else info.default, "default"
        is_shown = field not in wrong or str(value).startswith(SCHEMES)
        shown = _shown(field, value) if is_shown else ""
        found.append(Setting(name=name, value=shown, source=source, complaint=wrong.get(field)))
    return found


def unknown(kind: type[DatabaseSettings]) -> list[str]:
    """Return the variables that look like settings and are none, such as misspelt ones."""
    return sorted(in_environment().keys() - {f"{PREFIX}{field.upper()}" for field in kind.model_fields})


def _shown(field: str, value: Any) -> str:  # noqa: ANN401 - a value of any setting
    if field == "secret_key" or (field == "smtp_url" and value):
        return HIDDEN
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    text = "" if value is None else str(value)
    return without_password(text) if field == "database_url" else text


def without_password(url: str) -> str:
    """Return the database *url* without what may be a password, also where it is badly written."""
    if url.startswith("sqlite:///"):
        return url.partition("?")[0]
    found = _SERVER.fullmatch(url)
    # An unescaped / ? # or @ in a password makes another part of it look like a host.
    if found is None:
        return f"postgresql://{HIDDEN}"
    user = found["user"]
    shown = f"postgresql://{'' if user is None else f'{user}:{HIDDEN}@'}{found['hosts']}{found['name'] or ''}"
    pairs = [pair.partition("=") for pair in (found["parameters"] or "").split("&") if pair]
    parameters = [f"{name}={value if name in _SHOWN_PARAMETERS else HIDDEN}" for name, equals, value in pairs if equals]
    return f"{shown}?{'&'.join(parameters)}" if parameters else shown
