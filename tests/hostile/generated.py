"""The home of generated documents: whatever the schema allows and does not, said again and again.

A document is written by choices, which are numbers in a list: who changes some of them gets a document that is much
like the one before. So what is dear can be bred.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_composite_type,
    is_leaf_type,
)

from resolvers.schema import schema

if TYPE_CHECKING:
    from graphql import GraphQLArgument, GraphQLInputType, GraphQLNamedType

CORE = schema._schema  # noqa: SLF001 - Strawberry offers no other way to graphql-core's schema
LONGEST = 64 * 1024
_TIMES = (1, 1, 1, 2, 3, 5, 10, 20, 30, 60, 100, 140, 300, 490, 900, 1900)
_TYPES = sorted(name for name, type_ in CORE.type_map.items() if is_composite_type(type_))
_STRINGS = ("", "x", "x" * 40, "x" * 2_000, "\\u0041" * 300, "ä" * 500)
_WRITTEN = {
    "leaf": ("__typename", "a#: __typename", "a: __typename"),
    "spread": ("...F0", "...F1", "...F#", "...F9"),
    "schema": ("__schema { types { name fields { name args { name } type { name ofType { name } } } } }",),
    "unknown": ("abc", "a#: abc", "abc { def }", "x" * 300),
}
_TEXTS = tuple(f'"{text}"' for text in _STRINGS)
_ID = '"cus_01HV2JCC9T33QXEAXPHCJEC4FA"'
_LITERALS = {
    "Int": ("1", "2", "20", "100"),
    "Boolean": ("true", "false"),
    "ID": (_ID,),
    "DateTime": ('"2020-01-01T00:00:00Z"',),
    "Date": ('"2020-01-01"',),
    "Decimal": ('"1.5"',),
    "JSON": ("1", "{a: [1, 2]}"),
}
_DIRECTIVES = (
    *("", "", "", "", "@skip(if: false)"),
    *("@include(if: $v0)", "@include(if: true) @skip(if: $v1)", "@a", "@a @a"),
)


class Choices:
    """Takes one choice after the other from *numbers*, and makes up more."""

    def __init__(self, numbers: Sequence[int], seed: int) -> None:
        self.numbers = list(numbers)
        self._chance = random.Random(seed)  # noqa: S311 - an order
        self._at = 0

    def one_of(self, options: Sequence[Any]) -> Any:
        """Return one of *options*."""
        if self._at == len(self.numbers):
            self.numbers.append(self._chance.randrange(2**16))
        found = options[self.numbers[self._at] % len(options)]
        self._at += 1
        return found

    def is_one_in(self, count: int) -> bool:
        """Tell whether what happens one time in *count* happens."""
        return bool(self.one_of((False,) * (count - 1) + (True,)))


def document(choices: Choices) -> str:
    """Return a document of at most 64 KiB."""
    return _Writer(choices).document().encode()[:LONGEST].decode(errors="ignore")


class _Writer:
    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._left = choices.one_of((200, 800, 1_900, 1_900, 1_900, 4_000))
        """Tokens that are still to be written, about."""
        self._is_right: bool = choices.one_of((True, True, False))
        """Whether only what may be valid is written: so that there is something to plan."""

    def document(self) -> str:
        operations = self._operation() if self._is_right else self._again(self._operation)
        fragments = "" if self._is_right or self._choices.is_one_in(2) else self._again(self._fragment)
        comment = "#" + "x" * 30_000 if self._choices.is_one_in(20) else ""
        return f"{operations} {fragments} {comment}"

    def _again(self, write: Any) -> str:
        """Write one thing, and say it as often as there is room for it: the same, or with another number each time."""
        before = self._left
        once: str = write()
        taken = max(1, before - self._left)
        times = min(self._choices.one_of(_TIMES), 1 + max(0, self._left) // taken)
        self._left -= (times - 1) * taken
        return " ".join(once.replace("#", str(at)) if "#" in once else once for at in range(times))

    def _operation(self) -> str:
        kind = self._choices.one_of(("query", "query", "query", "mutation", "subscription"))
        if self._is_right:
            kind = "query" if kind == "subscription" else kind
            return f"{kind} {self._selection(CORE.mutation_type if kind == 'mutation' else CORE.query_type, 0)}"
        name = self._choices.one_of(("", "Q#", "Q"))
        declared = self._choices.one_of(
            ("", "$v0: Boolean! $v1: Boolean = true", "$v#: Int", "$v0: ID! $v1: OrderFilter")
        )
        if declared and self._choices.is_one_in(3):
            declared = " ".join(declared.replace("#", str(at)) for at in range(min(self._choices.one_of(_TIMES), 400)))
        root = CORE.mutation_type if kind == "mutation" else CORE.query_type
        self._left -= 10
        return f"{kind} {name}{f'({declared})' if declared else ''} {self._directive()} {self._selection(root, 0)}"

    def _fragment(self) -> str:
        type_ = CORE.type_map[self._choices.one_of(_TYPES)]
        self._left -= 6
        name = self._choices.one_of(("F#", "F#", "F0"))
        spread = self._choices.one_of(("", "", "...F1", "...F0 ...F1 ...F2", "...F# "))
        return f"fragment {name} on {type_.name} {{ {spread} ... {self._selection(type_, 3)} }}"

    def _selection(self, type_: GraphQLNamedType | None, depth: int) -> str:
        parts = []
        for _ in range(self._choices.one_of((1, 1, 2, 3))):
            parts.append(self._again(lambda: self._selected(type_, depth)))
            if self._left <= 0:
                break
        return "{ " + " ".join(parts) + " }"

    def _selected(self, type_: GraphQLNamedType | None, depth: int) -> str:
        self._left -= 2
        rare = () if self._is_right else ("spread", "typed", "schema", "unknown", "leaf")
        kind = self._choices.one_of(("field",) * 8 + ("leaf", "inline", *rare))
        if kind == "field" or (kind == "schema" and depth):
            return self._field(type_, depth)
        if kind == "inline":
            return f"... {self._directive()} {self._selection(type_, depth)}"
        if kind == "typed":
            found = CORE.type_map[self._choices.one_of(_TYPES)]
            return f"... on {found.name} {self._selection(found, depth)}"
        return f"{self._choices.one_of(_WRITTEN[kind])} {self._directive()}"

    def _field(self, type_: Any, depth: int) -> str:
        fields = getattr(type_, "fields", None)
        if not fields:
            return "__typename"
        name = self._choices.one_of(sorted(fields))
        field = fields[name]
        inside = get_named_type(field.type)
        arguments = self._arguments(field.args)
        written = f"{self._alias()}{name}{arguments} {self._directive()}"
        if is_leaf_type(inside) or depth > 13 or self._left <= 0:
            return written if is_leaf_type(inside) else f"{written} {{ __typename }}"
        return f"{written} {self._selection(inside, depth + 1)}"

    def _alias(self) -> str:
        aliases = ("", "a#: ") if self._is_right else ("", "", "", "", "", "", "a: ", "b: ", "a#: ")
        return str(self._choices.one_of(aliases))

    def _directive(self) -> str:
        return str(self._choices.one_of(_DIRECTIVES[:5] if self._is_right else _DIRECTIVES))

    def _arguments(self, arguments: dict[str, GraphQLArgument]) -> str:
        given = [
            f"{name}: {self._value(argument.type, 0)}"
            for name, argument in arguments.items()
            if isinstance(argument.type, GraphQLNonNull) or self._choices.is_one_in(3)
        ]
        if arguments and not self._is_right and self._choices.is_one_in(20):
            given.append(self._again(lambda: "x#: 1"))
        return f"({' '.join(given)})" if given else ""

    def _value(self, type_: GraphQLInputType, depth: int) -> str:
        self._left -= 3
        if isinstance(type_, GraphQLNonNull):
            return self._value(type_.of_type, depth)
        if not self._is_right and self._choices.is_one_in(12):
            return str(self._choices.one_of(("$v0", "$v1", "null", "1", "{a: {a: {a: 1}}}", "[[1]]", '"x"')))
        if isinstance(type_, GraphQLList):
            item = self._again(lambda: self._value(type_.of_type, depth))
            return f"[{item}]"
        if isinstance(type_, GraphQLInputObjectType):
            return f"{{{' '.join(self._members(type_, depth))}}}" if depth < 5 else "{}"
        if isinstance(type_, GraphQLEnumType):
            return str(self._choices.one_of(sorted(type_.values)))
        return str(
            self._choices.one_of(_LITERALS.get(type_.name, _TEXTS) if self._is_right else (*_TEXTS, "1", "true"))
        )

    def _members(self, type_: GraphQLInputObjectType, depth: int) -> list[str]:
        members = []
        for name, field in type_.fields.items():
            if isinstance(field.type, GraphQLNonNull) or self._choices.is_one_in(2):
                member = f"{name}: {self._value(field.type, depth + 1)}"
                members.append(member if self._is_right else self._again(lambda member=member: self._taking(member)))
        if not self._is_right and self._choices.is_one_in(8):
            members.append(self._again(lambda: "x#: 1"))
        return members

    def _taking(self, text: str) -> str:
        self._left -= len(text) // 6 + 3
        return text
