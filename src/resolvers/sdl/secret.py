"""The home of what must not be seen: arguments and input fields that hold a secret."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.schema_directive import Location


@strawberry.schema_directive(
    locations=[Location.ARGUMENT_DEFINITION, Location.INPUT_FIELD_DEFINITION],
    name="secret",
    description="Refused over GET, never logged or traced: pass it in a variable of a POST.",
)
class Secret:
    """Refused over GET, never logged or traced: pass it in a variable of a POST."""


def secret() -> Any:  # noqa: ANN401 - a Strawberry field
    """Declare an input field that holds a secret."""
    return strawberry.field(directives=[Secret()])
