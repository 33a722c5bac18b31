"""The home of the rules of a new password. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from resolvers.rules.fields import Fields
from resolvers.rules.inspection import Inspection, required

if TYPE_CHECKING:
    from collections.abc import Iterable

    from resolvers.rules.password_policy import PasswordPolicy


def checked_password(name: str, typed: str, policy: PasswordPolicy, own_words: Iterable[str]) -> str:
    """Return the password of the input field *name* as it is hashed. Raises `InvalidInput`."""
    inspection = Inspection()
    found = Fields({name: typed}, inspection).password(name, policy, own_words)
    inspection.finish()
    return required(found)
