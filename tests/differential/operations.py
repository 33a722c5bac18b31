"""The home of the generated operations: a walk over the schema that writes valid documents, each feature often."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_composite_type,
    is_list_type,
    is_non_null_type,
)

from tests.differential import values
from tests.differential.arguments import ArgumentWriter
from tests.differential.documents import Document, Fragment
from tests.differential.kinds import Kind
from tests.differential.scope import Scope
from tests.differential.weights import ALIKE, LISTS, MOST_ROWS, STOLEN_ALIASES, WEIGHTS
from tests.oracle.fields import knows

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from graphql import GraphQLSchema

    from tests.differential.callers import Focus


class Writer(ArgumentWriter):
    """Writes one document."""

    def __init__(self, schema: GraphQLSchema, focus: Focus, random: Random) -> None:
        """Write for *schema*, with literals that *focus* would send."""
        super().__init__(focus, random)
        self.schema = schema
        self.fragments: dict[str, Fragment] = {}
        self.budget = random.choice([8, 12, 20, 20, 30, 60])
        """Fields and fragments that are still to be written, more or less."""

    # ── Documents ─────────────────────────────────────────────────────────────────────────────────

    def document(self) -> Document:
        """Write a whole document."""
        query = self.schema.query_type
        assert query is not None
        scope, roots = Scope(), self.random.choice([1, 1, 1, 2, 3])
        body = self.selections(query, scope, depth=7, rows=1, count=roots)
        if len(scope.entries) > 1:
            self.features.add("several root fields")
        self._forget_unused(body)
        name = self.next("Read") if self.variables or self.often(0.5) else ""
        extra = []
        if name and self.often(0.05):
            self.features.add("several operations")
            extra = ["query Other { channel { id } }"]
        head = f"query {name}{self._declarations()} " if name else ""
        parts = [
            f"{head}{{ {body} }}",
            *(fragment.definition(name) for name, fragment in self.fragments.items()),
            *extra,
        ]
        if self.often(0.3):
            self.random.shuffle(parts)
        return Document("\n".join(parts), name if extra else None, self.variables, self.features)

    def _forget_unused(self, body: str) -> None:
        """Drop fragments that were written and then did not fit, and the variables that only they used."""
        reached, waiting = "", [body]
        while waiting:
            reached += (text := waiting.pop())
            spread = [name for name in re.findall(r"\.\.\. ?(Part\d+)", text) if f"fragment {name} " not in reached]
            for name in dict.fromkeys(spread):
                reached += f"fragment {name} "
                waiting.append(self.fragments[name].text)
        self.fragments = {name: fragment for name, fragment in self.fragments.items() if f"fragment {name} " in reached}
        used = set(re.findall(r"\$(\w+)", reached))
        self.variables = {name: variable for name, variable in self.variables.items() if name in used}

    def _declarations(self) -> str:
        declared = ", ".join(f"${name}: {variable.declared}" for name, variable in self.variables.items())
        return f"({declared})" if declared else ""

    # ── Selections ────────────────────────────────────────────────────────────────────────────────

    def selections(
        self, parent: GraphQLObjectType | GraphQLInterfaceType, scope: Scope, depth: int, rows: int, count: int = 0
    ) -> str:
        """Write what is selected of *parent*; at least one field."""
        written: list[str] = []
        wanted = (count or self.random.choice([1, 2, 2, 3, 3, 4, 6])) if self.budget > 0 else 1
        steps: dict[Callable[..., str], float] = {
            self._field: 10,
            self._typename: 0.7,
            self._inline: 1.2,
            self._spread: 1.2,
            self._merged: 2,
            self._many_keys: 0.03,
        }
        for _ in range(wanted * 4):
            if len(written) >= wanted:
                break
            step = self.random.choices(list(steps), list(steps.values()))[0]
            if self.budget <= 0 and step not in (self._field, self._typename):
                continue
            self.budget -= 1
            if text := step(parent, scope, depth if self.budget > 0 else 1, rows):
                written.append(text)
        return " ".join(written) or self._typename(parent, scope, depth, rows) or "__typename"

    def _typename(self, parent: Any, scope: Scope, depth: int, rows: int) -> str:  # noqa: ARG002
        self.features.add("__typename")
        key = self._key("__typename")
        return f"{_aliased(key, '__typename')}{self.directives()}" if scope.take(key, "__typename", "String!") else ""

    def _field(self, parent: Any, scope: Scope, depth: int, rows: int) -> str:
        if isinstance(parent, GraphQLInterfaceType) and self.often(0.85):
            return self._of_node(parent, scope, depth, rows)
        candidates = {
            name: field
            for name, field in parent.fields.items()
            if isinstance(parent, GraphQLInterfaceType) or knows(parent.name, name)
            if not is_composite_type(get_named_type(field.type)) or self._fits(parent.name, name, field, depth, rows)
        }
        if not candidates:
            return ""
        weights = [WEIGHTS.get(f"{parent.name}.{name}", 1) for name in candidates]
        name = self.random.choices(list(candidates), weights)[0]
        return self._write_field(parent, name, candidates[name], scope, depth, rows)

    def _fits(self, parent: str, name: str, field: GraphQLField, depth: int, rows: int) -> bool:
        return depth > 1 and rows * self._length(parent, name, field) <= MOST_ROWS

    def _length(self, parent: str, name: str, field: GraphQLField) -> int:
        if f"{parent}.{name}" in LISTS:
            return 6
        type_ = field.type.of_type if is_non_null_type(field.type) else field.type
        return 4 if is_list_type(type_) else 1

    def _write_field(  # noqa: PLR0913, PLR0917
        self, parent: Any, name: str, field: GraphQLField, scope: Scope, depth: int, rows: int
    ) -> str:
        key = self._key(name)
        written = name + self.arguments(f"{parent.name}.{name}", field)
        entry = scope.take(key, written, str(field.type))
        if entry is None:
            key = self.next("k")
            entry = scope.take(key, written, str(field.type))
            assert entry is not None
        text = f"{_aliased(key, written)}{self.directives()}"
        named = get_named_type(field.type)
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            return text
        rows *= self._length(parent.name, name, field)
        return f"{text} {{ {self.selections(named, entry.below, depth - 1, rows)} }}"

    def _key(self, name: str) -> str:
        chance = self.random.random()
        if chance < 0.7:
            return name
        self.features.add("alias")
        if chance < 0.85:
            return self.next("a")
        if chance < 0.92:
            self.features.add("alias that is another name")
            return self.random.choice(STOLEN_ALIASES)
        self.features.add("key of 64 bytes and more")
        # they differ after the 63rd byte only, where PostgreSQL cuts names
        return self.next("k" * self.random.choice([63, 64, 70, 130]))

    def _merged(self, parent: Any, scope: Scope, depth: int, rows: int) -> str:
        """Write a field again that stands here already, with other things below it."""
        fields = {
            key: entry
            for key, entry in scope.entries.items()
            if entry.written.split("(")[0] in parent.fields
            and str(parent.fields[entry.written.split("(")[0]].type) == entry.type
        }
        if not fields:
            return ""
        key, entry = self.random.choice(list(fields.items()))
        name = entry.written.split("(")[0]
        named = get_named_type(parent.fields[name].type)
        text = f"{_aliased(key, entry.written)}{self.directives()}"
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            self.features.add("leaf repeated")
            return text
        self.features.add("field merged")
        rows *= self._length(parent.name, name, parent.fields[name])
        return f"{text} {{ {self.selections(named, entry.below, depth - 1, rows, count=2)} }}" if depth > 1 else ""

    def _many_keys(self, parent: Any, scope: Scope, depth: int, rows: int) -> str:  # noqa: ARG002
        """Write more keys than a function of either database takes."""
        leaves = [
            name
            for name, field in parent.fields.items()
            if not is_composite_type(get_named_type(field.type))
            and (isinstance(parent, GraphQLInterfaceType) or knows(parent.name, name))
        ]
        # a count of the whole list, 130 times over, would only test patience
        if not leaves or rows > MOST_ROWS // 4 or parent.name.endswith(("Connection", "OrderPage")):
            return ""
        self.features.add("130 keys and more")
        texts = []
        for _ in range(self.random.choice([130, 140, 260])):
            key, name = self.next("m"), self.random.choice(leaves)
            scope.take(key, name, str(parent.fields[name].type))
            texts.append(f"{key}: {name}")
        return " ".join(texts)

    # ── Fragments ─────────────────────────────────────────────────────────────────────────────────

    def _inline(self, parent: Any, scope: Scope, depth: int, rows: int) -> str:
        condition = self.random.choice(["", f"on {parent.name} ", "on Node " if _is_node(parent) else ""])
        feature = {"": "inline fragment without condition", "on Node ": "inline fragment on Node"}
        self.features.add(feature.get(condition, "inline fragment on the type itself"))
        inner: Any = self.schema.type_map["Node"] if condition == "on Node " else parent
        directives = self.directives(0.2)
        inside = f" {{ {self.selections(inner, scope, depth, rows, count=2)} }}"
        return f"...{' ' + condition if condition else ''}{directives}{inside}"

    def _of_node(self, node: GraphQLInterfaceType, scope: Scope, depth: int, rows: int) -> str:
        """Write an inline fragment on one of the types behind an interface."""
        if self.often(0.1):
            return self._alike(scope)
        behind = [type_ for type_ in self.schema.get_possible_types(node) if knows(type_.name, "id")]
        concrete = self.random.choices(behind, [values.NODE_WEIGHTS.get(type_.name, 1) for type_ in behind])[0]
        self.features.add("inline fragment on a type behind the interface")
        if self.often(0.15) and (spread := self._spread(concrete, scope, depth, rows)):
            return spread
        return f"... on {concrete.name}{self.directives()} {{ {self.selections(concrete, scope, depth, rows)} }}"

    def _alike(self, scope: Scope) -> str:
        """Write one key for different fields of different types."""
        self.features.add("one key for different fields of different types")
        key = self.next("v")
        scope.take(key, "different fields", "String!")
        chosen = self.random.sample(ALIKE, self.random.randint(2, len(ALIKE)))
        return " ".join(f"... on {type_} {{ {key}: {name} }}" for type_, name in chosen)

    def _spread(self, parent: Any, scope: Scope, depth: int, rows: int) -> str:
        conditions = {parent.name, "Node"} if _is_node(parent) else {parent.name}
        fitting = [
            name
            for name, fragment in self.fragments.items()
            if fragment.condition in conditions and fragment.depth <= depth and rows <= fragment.rows
            if scope.agrees(fragment.scope)
        ]
        if fitting and self.often(0.6):
            self.features.add("fragment spread again")
            name = self.random.choice(fitting)
        else:
            name = self._fragment(self.random.choice(sorted(conditions)), depth, rows)
        fragment = self.fragments[name]
        if not scope.agrees(fragment.scope):
            return ""
        scope.absorb(fragment.scope)
        return f"...{' ' if self.often(0.5) else ''}{name}{self.directives(0.2)}"

    def _fragment(self, condition: str, depth: int, rows: int) -> str:
        name = self.next("Part")
        self.features.add("named fragment" if condition != "Node" else "named fragment on Node")
        scope = Scope()
        type_: Any = self.schema.type_map[condition]
        spreads_before = set(self.fragments)
        text = self.selections(type_, scope, depth, rows)
        if set(self.fragments) - spreads_before:
            self.features.add("nested fragments")
        self.fragments[name] = Fragment(condition, text, scope, depth, rows)
        return name

    # ── Directives ────────────────────────────────────────────────────────────────────────────────

    def directives(self, share: float = 0.06) -> str:
        """Write @skip, @include, both or most often none."""
        if not self.often(share):
            return ""
        names = self.random.choice([["skip"], ["include"], ["include"], ["skip", "include"], ["include", "skip"]])
        return "".join(f" @{name}(if: {self._condition(name)})" for name in names)

    def _condition(self, name: str) -> str:
        keeps = name == "include"
        if self.often(0.5):
            self.features.add(f"@{name} with a literal")
            return str(keeps if self.often(0.7) else not keeps).lower()
        self.features.add(f"@{name} with a variable")
        kind = Kind(f"{name} if", "Boolean", lambda run: keeps if run.often(0.7) else not keeps, required=True)
        return self.variable(kind)


def _is_node(parent: Any) -> bool:
    return "Node" in {parent.name, *(interface.name for interface in parent.interfaces)}


def _aliased(key: str, written: str) -> str:
    return written if written.split("(", maxsplit=1)[0] == key else f"{key}: {written}"
