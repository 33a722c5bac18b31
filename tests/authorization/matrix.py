"""The home of the matrix: every probe, by everybody, against the policy."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from db import models
from tests.authorization.paths import NODES, SCHEMA, Probe, object_types, probes
from tests.authorization.planting import canaries
from tests.authorization.policy import DIFFERS, POLICY
from tests.authorization.sightings import Sighting, UnexpectedNullError, sightings
from tests.authorization.worlds import type_of

if TYPE_CHECKING:
    from tests.authorization.population import Asker, Population

BY_TOKEN = "by token"
"""The kind of requests whose answer depends on a mailed token and on the channel, and not on who asks."""
OF_ONE_ROOT = ("AddressRules.", "AddressFieldRule.", "AddressOption.", "CustomerConnection.", "CustomerEdge.")
"""What stands under one root field alone."""
NEVER = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ"


@dataclass(frozen=True, eq=False)
class Request:
    """A probe with its variables. *target* is the id that it asks for, if it asks for one."""

    probe: Probe
    variables: dict[str, Any]
    target: str | None
    kind: str
    root: str = "Query"

    def never(self) -> Request:
        """Return the same request for an id that never was."""
        assert self.target is not None
        unknown = self.target[:4] + NEVER
        return Request(self.probe, self.variables | {"id": unknown}, unknown, self.kind)

    def as_never(self, body: str) -> str:
        """Return *body* with the id of `never` in place of the one asked for."""
        assert self.target is not None
        return body.replace(self.target, self.target[:4] + NEVER)


@dataclass
class Matrix:
    """What everybody got, and what is wrong with it."""

    population: Population
    seen: dict[str, dict[tuple[str, str | None], set[str]]] = field(default_factory=lambda: defaultdict(dict))
    """By asker, then by field and row: the paths by which the value was shown."""
    values: dict[tuple[str, str | None], Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    answers: int = 0
    compared: int = 0

    def note(self, asker: Asker, request: Request, body: str) -> None:
        """Judge the answer that *asker* got by the policy, and remember what it shows."""
        self.answers += 1
        self._no_canary_of_others(asker, request, body)
        data = orjson.loads(body).get("data")
        if data is None:
            return self.complain(asker, request, f"refused: {body}")
        if request.kind == BY_TOKEN:
            self._worth_of_token(asker, request, data["passwordResetToken"])
        try:
            found = (
                list(sightings(request.probe, data, request.root)) if data[request.probe.root.key] is not None else []
            )
        except UnexpectedNullError as null:
            return self.complain(asker, request, str(null))
        for sighting in found:
            self._note(asker, request, sighting)
        return None

    def _note(self, asker: Asker, request: Request, sighting: Sighting) -> None:
        key = (sighting.field, sighting.row)
        if not entitled(asker, *key):
            self.complain(asker, request, f"shows {sighting.field} of {sighting.row} by {sighting.path}")
        self.seen[asker.name].setdefault(key, set()).add(sighting.path)
        if (
            not sighting.is_leaf
            or sighting.row is None
            or request.kind in {"variant", "payload"}
            or sighting.field in DIFFERS
        ):
            return
        # Parts of a row, such as its amounts, are told apart by where they stand in it.
        part = (sighting.field, sighting.row) if sighting.field.partition(".")[0] in NODES else None
        if part is not None and self.values.setdefault(part, sighting.value) != sighting.value:
            self.complain(asker, request, f"another value of {sighting.field} by {sighting.path}")

    def _worth_of_token(self, asker: Asker, request: Request, told: dict[str, Any]) -> None:
        mailed_to = self._mailed_to(asker, request)
        if (told["valid"], told["emailAddress"]) != (mailed_to is not None, mailed_to):
            self.complain(asker, request, f"tells {told} of {request.variables['token']!r}")

    def _mailed_to(self, asker: Asker, request: Request) -> str | None:
        """Return whom a token of the request was mailed to that is good at the asker's endpoint."""
        mailed = self.population.mailed.get(request.variables.get("token", ""))
        is_good = mailed is not None and request.variables["token"].endswith(" good")
        return mailed.email_address if mailed and is_good and mailed.channel_id == asker.channel.id else None

    def _no_canary_of_others(self, asker: Asker, request: Request, body: str) -> None:
        owner_of = self.population.planting.owner_of
        for number in canaries(body) - canaries(self._mailed_to(asker, request) or ""):
            row: Any = owner_of[number]
            if isinstance(row, models.Account):
                # Shown as what its user has.
                row = next(user for user in self.population.of(models.User) if user.account_id == row.id)
            type_ = type_of(type(row))
            shown = getattr(row, "id", None) or getattr(row, "order_id", None)
            if not entitled(asker, f"{type_}.id" if type_ in NODES else "Order.id", shown):
                self.complain(asker, request, f"the canary {number} of {type_} {shown}")

    def same(self, asker: Asker, request: Request, one: str, other: str, what: str) -> None:
        """Complain unless two answers are the same."""
        self.compared += 1
        if one != other:
            self.complain(asker, request, f"{what}:\n    {one[:1500]}\n    {other[:1500]}")

    def complain(self, asker: Asker, request: Request, what: str) -> None:
        """Note something that the policy does not explain."""
        self.problems.append(f"{asker.name}, {request.kind} {request.probe.root.path} {request.target or ''}: {what}")

    def missing(self) -> None:
        """Complain about what somebody is entitled to and was not shown, and what nobody was shown."""
        shown = {key for seen in self.seen.values() for key in seen}
        rows = {(f"{type_of(type(row))}.id", id_) for id_, row in self.population.by_id.items()}
        for asker in self.population.askers:
            for name, row in shown | {key for key in rows if key[0] in POLICY}:
                if entitled(asker, name, row) and (name, row) not in self.seen[asker.name]:
                    self.problems.append(f"{asker.name}: is not shown {name} of {row}")
        for name in sorted(reachable() - {name for name, _row in shown}):
            self.problems.append(f"nobody: is shown {name}; plant a value, or tell how to reach it")

    def by_one_path_alone(self) -> list[str]:
        """Return the fields that stand in several places of the probes, and were shown in one alone."""
        places: dict[str, set[str]] = defaultdict(set)
        for seen in self.seen.values():
            for (name, _row), paths in seen.items():
                places[name] |= paths
        return sorted(
            name
            for name, paths in places.items()
            if len(paths) < 2 and not name.startswith(("Query.", "Viewer.", "TokenStatus.", *OF_ONE_ROOT))
        )

    def cells(self) -> tuple[int, int, int]:
        """Return the number of fields, and of cells where a value was shown and where none was."""
        allowed = sum(len({name for name, _row in seen}) for seen in self.seen.values())
        fields = len(reachable())
        return fields, allowed, fields * len(self.population.askers) - allowed

    def __str__(self) -> str:
        """Return the figures."""
        fields, allowed, denied = self.cells()
        askers = len(self.population.askers)
        return (
            f"{fields} fields x {askers} callers = {fields * askers} cells, denied {denied}, allowed {allowed}, "
            f"unexplained = {len(self.problems)} ({self.answers} answers, {self.compared} compared byte for byte)"
        )


def entitled(asker: Asker, name: str, row: str | None) -> bool:
    """Tell whether the policy entitles *asker* to the field *name* of *row*."""
    found = asker.population.by_id.get(row or "")
    return POLICY[name](asker, found)


def entitled_to(asker: Asker, request: Request) -> bool:
    """Tell whether the policy entitles *asker* to the row that *request* asks for by its id."""
    return entitled(asker, f"{request.probe.subject}.id", request.target)


def reachable() -> set[str]:
    """Return the fields of the types that are reachable from Query."""
    query = SCHEMA.query_type
    assert query is not None
    found: set[str] = set()
    for probe in probes(0):
        _collect("Query", [probe.root], found)
    met = {name.partition(".")[0] for name in found}
    return {f"{type_.name}.{name}" for type_ in object_types(SCHEMA) if type_.name in met for name in type_.fields}


def _collect(type_: str, fields: list[Any], found: set[str]) -> None:
    for selected in fields:
        found.add(f"{type_}.{selected.name}")
        for name, below in selected.below.items():
            _collect(name, below, found)
