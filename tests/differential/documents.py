"""The home of written documents and their fragments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.differential.arguments import Variable, given
from tests.differential.kinds import Omitted, Run

if TYPE_CHECKING:
    from tests.differential.scope import Scope


@dataclass
class Fragment:
    """A written fragment; where it was written tells where else it fits."""

    condition: str
    text: str
    scope: Scope
    depth: int
    rows: int

    def definition(self, name: str) -> str:
        """Return the fragment as it stands in a document."""
        return f"fragment {name} on {self.condition}{{{self.text}}}"


@dataclass
class Document:
    """A written document, to be sent several times."""

    text: str
    operation_name: str | None
    variables: dict[str, Variable]
    features: set[str]

    def send(self, run: Run) -> dict[str, Any]:
        """Choose the variables of one sending."""
        for name, variable in self.variables.items():
            value = given(variable, run)
            if not isinstance(value, Omitted):
                run.variables[name] = value
        run.features |= self.features
        return run.variables
