"""The home of what a generated value is made for: its place in a document, and the sending that it belongs to."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from tests.differential.callers import Focus


class Name(str):
    """A member of an enumeration: stands in a document without quotes."""

    __slots__ = ()


class Omitted:
    """The value of a variable that is not sent."""


@dataclass
class Run:
    """One sending of a document: who sends it, and the variables chosen so far."""

    random: Random
    focus: Focus
    variables: dict[str, Any] = field(default_factory=dict)
    features: set[str] = field(default_factory=set)

    def often(self, share: float) -> bool:
        """Tell whether something that happens in *share* of the cases happens now."""
        return self.random.random() < share

    def saw(self, feature: str, value: Any) -> Any:
        """Note a feature and return *value*."""
        self.features.add(feature)
        return value


@dataclass(frozen=True)
class Kind:
    """A place for a value: an argument, a member of an input object, an item of a list."""

    name: str
    type: str
    make: Callable[[Run], Any]
    required: bool = False
    has_default: bool = False
    parts: dict[str, Kind] | None = None
    item: Kind | None = None


def literal(value: Any, random: Random) -> str:
    """Return *value* as it stands in a document."""
    match value:
        case Name():
            return str(value)
        case str() if '"' not in value and "\\" not in value and value.isalnum() and random.random() < 0.1:
            return f'"""{value}"""'
        case list():
            return f"[{', '.join(literal(item, random) for item in value)}]"
        case dict():
            return "{" + ", ".join(f"{name}: {literal(item, random)}" for name, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=random.random() < 0.5)
