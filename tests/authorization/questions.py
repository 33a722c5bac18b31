"""The home of the requests: who asks for what, and against what each answer is held."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING

import orjson
from strawberry.utils.str_converters import to_snake_case

from tests.authorization.matrix import BY_TOKEN, Matrix, Request, entitled_to
from tests.authorization.paths import DEPTH, probes
from tests.authorization.population import MODELS
from tests.authorization.sightings import sightings
from tests.authorization.variants import CURSOR_OF, variants
from tests.authorization.worlds import type_of, world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractAsyncContextManager

    from sqlmodel import SQLModel

    from db.engine import Database
    from tests.authorization.asking import Gateway
    from tests.authorization.paths import Probe
    from tests.authorization.population import Asker

    Opening = Callable[[list[SQLModel]], AbstractAsyncContextManager[Database]]

AT_ONCE = 2
"""So that one is judged while another is read. More would have each of their connections prepare each statement."""
Asked = tuple["Asker", Request]
COLUMN_OF = {"search": "search_text"}
"""The columns whose planted values arguments of another name take."""


class Questions:
    """Everything that everybody asks."""

    def __init__(self, gateway: Gateway, matrix: Matrix, *, depth: int = DEPTH, optional: bool = True) -> None:
        """Ask *gateway*; *optional* arguments as well."""
        self._gateway = gateway
        self._matrix = matrix
        self._population = matrix.population
        self._depth = depth
        self._optional = optional
        self._at_once = asyncio.Semaphore(AT_ONCE)
        self._cursors: dict[tuple[str, str], str] = {}
        self._requests: list[Request] = []
        self._bodies: dict[Asker, dict[Request, str]] = {}

    async def ask_all(self) -> None:
        """Let everybody ask everything, and judge the answers."""
        deep = list(self._of(probes(self._depth), "deep"))
        for owner in self._population.customers:
            await self._find_cursors(owner, deep)
        self._requests = [*deep, *(self._of(variants(), "variant") if self._optional else ())]
        self._requests += self._every_id()
        await self._ask_as_everybody()
        self._matrix.missing()

    async def ask_in_their_worlds(self, opening: Opening, every: int = 1) -> None:
        """Let one asker in *every* so many ask again where all is gone that the policy denies: nothing differs.

        Those who are nobody are always compared, as they cost no world of their own.
        """
        whole = self._gateway.database.now
        nobody: dict[str, Asker] = {}
        for number, asker in enumerate(self._population.askers):
            if asker.is_nobody and asker.channel.id in nobody:
                self._compare(asker, self._bodies[nobody[asker.channel.id]], "differs from an anonymous caller")
                continue
            if asker.is_nobody:
                nobody[asker.channel.id] = asker
            elif number % every:
                continue
            # What is asked by id alone has been compared with an id that never was; a token speaks for itself.
            asked = [request for request in self._bodies[asker] if request.kind not in {"every id", BY_TOKEN}]
            async with opening(world(self._population, asker)) as self._gateway.database.now:
                again = dict(zip(asked, await self._answers([(asker, one) for one in asked]), strict=True))
            self._compare(asker, again, "differs where nothing is that the policy denies")
        self._gateway.database.now = whole

    def _compare(self, asker: Asker, told: dict[Request, str], what: str) -> None:
        for request in self._bodies[asker].keys() & told.keys():
            self._matrix.same(asker, request, self._bodies[asker][request], told[request], what)

    async def _ask_as_everybody(self) -> None:
        """Ask what is asked by all before the next: a database has prepared the statement then."""
        worth = {asker: set(self._worth_asking(asker)) for asker in self._population.askers}
        asked = [(asker, request) for request in self._requests for asker in worth if request in worth[asker]]
        bodies = dict(zip(asked, await self._answers(asked), strict=True))
        for (asker, request), body in bodies.items():
            self._matrix.note(asker, request, body)
            self._bodies.setdefault(asker, {})[request] = body
        denied = [(asker, request) for asker, request in asked if request.target and not entitled_to(asker, request)]
        unknown = await self._answers([(asker, request.never()) for asker, request in denied])
        for (asker, request), never in zip(denied, unknown, strict=True):
            told = request.as_never(bodies[asker, request])
            self._matrix.same(asker, request, told, never, "differs from an id that never was")

    def _worth_asking(self, asker: Asker) -> Iterator[Request]:
        """Leave out what lies below a second row of a type that is denied: the row itself is asked for by its id."""
        denied: set[int] = set()
        for request in self._requests:
            if request.kind != "every id" and request.target and not entitled_to(asker, request):
                if id(request.probe) in denied:
                    continue
                denied.add(id(request.probe))
            yield request

    async def _answers(self, asked: list[Asked]) -> list[str]:
        return await asyncio.gather(*(self._answer(asker, request) for asker, request in asked))

    async def _answer(self, asker: Asker, request: Request) -> str:
        async with self._at_once:
            try:
                return await self._gateway.ask(asker, request.probe.text, request.variables)
            except Exception as error:  # noqa: BLE001 - whatever it is, the policy does not explain it
                return orjson.dumps({"raised": repr(error), "document": request.probe.text}).decode()

    def _of(self, found: Iterator[Probe], kind: str) -> Iterator[Request]:
        for probe in found:
            for owner in self._population.customers if probe.variables else ["A"]:
                values = [self._values(owner, name, probe) for name in probe.variables]
                for chosen in product(*values):
                    variables = dict(zip(probe.variables, chosen, strict=True))
                    told = BY_TOKEN if "token" in variables else kind
                    yield Request(probe, variables, variables.get("id"), told)

    def _every_id(self) -> Iterator[Request]:
        for probe in probes(0):
            if probe.subject is not None:
                others = {name: self._values("B", name, probe)[0] for name in probe.variables if name != "id"}
                for id_, row in self._population.by_id.items():
                    if probe.subject == type_of(type(row)):
                        yield Request(probe, {**others, "id": id_}, id_, "every id")

    def _values(self, owner: str, name: str, probe: Probe) -> list[str]:
        """Return the values of a variable, from rows of *owner*."""
        if name == "id":
            model = next(model for model in MODELS if type_of(model) == probe.subject)
            return [row.id for row in self._population.owned(owner, model)[:1]]  # type: ignore[attr-defined]  # a Row
        if name == "token":
            return [token for token in self._population.mailed if token.startswith(owner)]
        if name.startswith(CURSOR_OF):
            return [self._cursors[owner, name.removeprefix(CURSOR_OF)]]
        column = COLUMN_OF.get(name, to_snake_case(name))
        for model in MODELS:
            if column in model.model_fields and (rows := self._population.owned(owner, model)):
                return [getattr(row, column) for row in rows[:2]]
        message = f"no value is known for the argument {name}: name its column in COLUMN_OF"
        raise LookupError(message)

    async def _find_cursors(self, owner: str, deep: list[Request]) -> None:
        admin = next(asker for asker in self._population.askers if asker.name == f"{owner} customer-admin")
        own = [request for request in deep if request.probe.root.path == "customer"]
        for request, body in zip(own, await self._answers([(admin, one) for one in own]), strict=True):
            data = orjson.loads(body).get("data")
            for sighting in sightings(request.probe, data) if data else ():
                type_, _, name = sighting.field.partition(".")
                if name == "cursor":
                    self._cursors[owner, type_] = sighting.value
