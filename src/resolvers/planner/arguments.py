"""The home of arguments in a plan: bind parameters that know how to fetch their values at each execution."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum, auto
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn

import sqlalchemy as sa

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from datetime import datetime

    Fetch = Callable[["Inputs"], Any]
    Path = tuple[str, ...]
    Recipe = Callable[[Mapping[object, "Argument"]], tuple[Fetch, Path]]
    """How an argument is fetched, and its path, with others, by identity, in the places of what it is made of."""


class BadArgumentError(Exception):
    """An argument that no field can read by: answered as BAD_USER_INPUT, or with *code*.

    Raised by the converters of `bind`, before any statement runs. *path* holds the response keys down to the field,
    *coordinate* is that of the argument in the schema, such as `Customer.orders(first:)`.
    """

    def __init__(self, message: str, *, code: str = "BAD_USER_INPUT", path: Path = (), coordinate: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.path = path
        self.coordinate = coordinate


class Audience(Enum):
    """Who may be asking, as far as a request tells."""

    STRANGERS = auto()
    USERS = auto()
    STAFF = auto()


class Caller(NamedTuple):
    """Who calls, as the request tells it; the database finds out what that is worth."""

    channel_id: str
    now: datetime
    token_sha256: bytes | None = None
    """Of the token of a user's session."""
    staff_sha256: bytes | None = None
    """Of the token of an admin's session, or of an API key."""
    reads_as: str | None = None
    """The id of the user or admin to read as, where a mutation has just made or signed in one."""

    @property
    def audience(self) -> Audience:
        """Among whom the caller is, if the request is true; among strangers, if it does not even say who calls."""
        if self.staff_sha256 is not None:
            return Audience.STAFF
        return Audience.STRANGERS if self.token_sha256 is None else Audience.USERS


class Inputs(NamedTuple):
    """What one execution of a plan is bound to."""

    caller: Caller
    variables: dict[str, Any]
    outcome: Any = None
    """The success object of a mutation, whose ids its planned fields start at."""

    def after(self, outcome: Any) -> Inputs:
        """Return the inputs for reading *outcome*, as whom the mutation made or signed in, if it did, and no other."""
        if (reads_as := getattr(outcome, "reads_as", None)) is None:
            return self._replace(outcome=outcome)
        caller = Caller(self.caller.channel_id, self.caller.now, reads_as=reads_as)
        return self._replace(outcome=outcome, caller=caller)


@dataclass(frozen=True, slots=True, eq=False)
class Constant:
    """Fetches the same *value* at each execution."""

    value: Any
    coordinate: str = ""

    def __call__(self, _inputs: Inputs) -> Any:
        """Return the value."""
        return self.value


@dataclass(frozen=True, slots=True, eq=False)
class Given:
    """Fetches what was given for the argument or input field of a *coordinate*."""

    fetch: Fetch
    coordinate: str

    def __call__(self, inputs: Inputs) -> Any:
        """Return what was given."""
        return self.fetch(inputs)


@dataclass(frozen=True, slots=True, eq=False)
class _Composed:
    """Fetches by *fetches* and converts that; where it is refused, it is told whose value."""

    convert: Callable[..., Any]
    fetches: tuple[Fetch, ...]
    coordinate: str

    def __call__(self, inputs: Inputs) -> Any:
        try:
            return self.convert(*[fetch(inputs) for fetch in self.fetches])
        except BadArgumentError as refusal:
            refusal.coordinate = refusal.coordinate or self.coordinate
            raise


class Argument(sa.BindParameter[Any]):
    """A bind parameter that fetches its value at each execution."""

    inherit_cache = True

    def __init__(self, fetch: Fetch, type_: Any, path: Path = ()) -> None:
        super().__init__(None, None, type_=type_, unique=True)
        self.fetch = fetch
        self.path = path
        self.identity = object()
        """Stays the same when SQLAlchemy copies the parameter."""

    def is_made_of(self, identities: Collection[object]) -> bool:
        """Tell whether it is one of the arguments that have *identities*, or made of one."""
        return self.identity in identities

    def recipe(self, identities: Collection[object]) -> Recipe:
        """Return how to make it of those that take the places of *identities*.

        Recipes are kept, arguments are not: one may hold a text of 60,000 letters, and it is a caller's.
        """
        if self.identity in identities:
            return _in_place_of(self.identity)
        itself = self.fetch, self.path
        return lambda _others: itself


def _in_place_of(identity: object) -> Recipe:
    return lambda others: (others[identity].fetch, others[identity].path)


class _Converted(Argument):
    """Arguments, turned into something else at each execution."""

    inherit_cache = True

    def __init__(self, convert: Callable[..., Any], arguments: tuple[Argument, ...], type_: Any) -> None:
        fetch = composed(convert, *(argument.fetch for argument in arguments))
        super().__init__(fetch, type_, arguments[0].path)
        self._convert = convert
        self._arguments = arguments

    def is_made_of(self, identities: Collection[object]) -> bool:
        return super().is_made_of(identities) or any(part.is_made_of(identities) for part in self._arguments)

    def recipe(self, identities: Collection[object]) -> Recipe:
        if self.identity in identities:
            return super().recipe(identities)
        convert, recipes = self._convert, [argument.recipe(identities) for argument in self._arguments]

        def make(others: Mapping[object, Argument]) -> tuple[Fetch, Path]:
            found = [recipe(others) for recipe in recipes]
            return composed(convert, *(fetch for fetch, _path in found)), found[0][1]

        return make


def composed(convert: Callable[..., Any], *fetches: Fetch) -> Fetch:
    """Return what fetches by *fetches* and converts that; at once, where it will always be the same."""
    coordinate = next((found for fetch in fetches if (found := getattr(fetch, "coordinate", ""))), "")
    if constants := [fetch.value for fetch in fetches if isinstance(fetch, Constant)]:
        with suppress(BadArgumentError):  # to be raised at each execution
            if len(constants) == len(fetches):
                return Constant(convert(*constants), coordinate)
    return _Composed(convert, fetches, coordinate)


def bind(convert: Callable[..., Any], *arguments: Any, type_: Any = None) -> Argument:
    """Return *arguments* turned into something else by *convert*, at each execution.

    Arguments are typed as the API types them; in a plan each is an `Argument`. *convert* may raise `BadArgumentError`.
    """
    return _Converted(convert, arguments, type_ or arguments[0].type)


def arguments_in(value: Any) -> Iterator[Argument]:
    """Yield the arguments in *value*: a decoded argument of a field, or all of them by name."""
    if isinstance(value, Argument):
        yield value
    for part in _parts(value):
        yield from arguments_in(part)


def outline(value: Any) -> Any:
    """Return what SQL depends on in the decoded argument *value*: all of it but what is bound at each execution."""
    if isinstance(value, Argument):
        return Argument
    parts = _parts(value)
    return tuple(map(outline, parts)) if parts else value


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return [getattr(value, part.name) for part in fields(value)] if is_dataclass(value) else []


def of_caller(take: Callable[[Caller], Any], type_: Any) -> Argument:
    """Return a parameter that *take* takes from the `Caller`."""
    return Argument(lambda inputs: take(inputs.caller), type_)


class Outcome:
    """The row of a success type: what the mutation has put into the success object, as arguments.

    A body says that it takes the success object itself: its attributes have the same names.
    """

    def __getattr__(self, name: str) -> Argument:
        """Return the attribute *name* of the success object."""
        return Argument(attrgetter(f"outcome.{name}"), sa.Text())


def refuse(message: str, *, code: str = "BAD_USER_INPUT") -> NoReturn:
    """Raise `BadArgumentError`; for converters that are expressions."""
    raise BadArgumentError(message, code=code)
