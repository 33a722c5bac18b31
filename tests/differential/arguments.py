"""The home of generated arguments: literals, variables and everything in between."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.differential import values
from tests.differential.kinds import Kind, Omitted, Run, literal

if TYPE_CHECKING:
    from random import Random

    from graphql import GraphQLField

    from tests.differential.callers import Focus


@dataclass
class Variable:
    """A declared variable and what it is given."""

    kind: Kind
    declared: str
    has_default: bool
    nullable: bool


def given(variable: Variable, run: Run) -> Any:
    """Choose the value of a variable for one sending."""
    if (variable.has_default or variable.nullable) and run.often(0.15):
        return run.saw("variable omitted", Omitted())
    if variable.nullable and not variable.kind.required and run.often(0.08):
        return run.saw("variable null", None)
    if variable.nullable and variable.kind.has_default and run.often(0.04):
        return run.saw("null for a non-null argument", None)
    return variable.kind.make(run)


class ArgumentWriter:
    """Writes arguments, and remembers the variables that they need."""

    def __init__(self, focus: Focus, random: Random) -> None:
        """Write literals that *focus* would send."""
        self.random = random
        self.run = Run(random, focus)
        self.features = self.run.features
        self.variables: dict[str, Variable] = {}
        self.defaults: dict[str, Any] = {}
        self.serial = 0

    def often(self, share: float) -> bool:
        """Tell whether something that happens in *share* of the cases happens now."""
        return self.random.random() < share

    def next(self, prefix: str) -> str:
        """Return a name that nothing has yet."""
        self.serial += 1
        return f"{prefix}{self.serial}"

    def arguments(self, field_name: str, field: GraphQLField) -> str:
        """Write the arguments of a field."""
        written: dict[str, str] = {}
        for name, kind, share in self._kinds(field_name, written):
            if (kind.required and not kind.has_default) or self.often(share):
                self.features.add(f"{field_name}({name})")
                written[name] = self.expression(kind)
        assert set(written) <= set(field.args), field_name
        pairs = list(written.items())
        self.random.shuffle(pairs)
        return f"({', '.join(f'{name}: {text}' for name, text in pairs)})" if pairs else ""

    def _kinds(self, field_name: str, written: dict[str, str]) -> list[tuple[str, Kind, float]]:  # noqa: C901, PLR0911 - a table
        match field_name:
            case "Query.node":
                return [("id", values.NODE_ID, 1)]
            case "Query.customer":
                return [("id", values.CUSTOMER_ID, 0.25)]
            case "Query.customers":
                return self._window(values.CUSTOMERS_CURSOR, [("filter", values.CUSTOMER_FILTER, 0.5)])
            case "Query.orders":
                return self._window(self._orders_cursor(written), [("filter", values.FILTER, 0.5)])
            case "Query.passwordResetToken":
                return [("token", values.MAILED_TOKEN, 1)]
            case "Query.addressRules":
                return [("country", values.COUNTRY, 1)]
            case "Customer.addresses":
                return [("type", values.ADDRESS_TYPE, 0.5)]
            case "Customer.defaultAddress":
                return [("type", values.DEFAULT_TYPE, 1)]
            case "Customer.order":
                return [("orderNumber", values.ORDER_NUMBER, 1)]
            case "Customer.orders":
                return self._window(
                    self._orders_cursor(written), [("orderBy", values.SORT, 0.5), ("filter", values.FILTER, 0.5)]
                )
            case "Customer.users":
                return self._window(values.USERS_CURSOR, [])
            case "Customer.orderPage":
                return [
                    ("page", values.PAGE, 0.7), ("size", values.SIZE, 0.8),
                    ("orderBy", values.SORT, 0.5), ("filter", values.FILTER, 0.5),
                ]  # fmt: skip
        return []

    def _window(self, cursor: Kind, before: list[tuple[str, Kind, float]]) -> list[tuple[str, Kind, float]]:
        chance = self.random.random()
        lengths = [("first", 0.55), ("last", 0.35), ("first last", 0.015), ("", 0.085)]
        names = self.random.choices([name for name, _ in lengths], [share for _, share in lengths])[0].split()
        if len(names) > 1:
            self.features.add("first and last together")
        return [
            *before,
            *((name, values.LENGTH, 1) for name in names),
            ("after", cursor, 0.35 if chance < 0.8 else 0),
            ("before", cursor, 0.25 if chance < 0.8 else 0),
        ]

    def _orders_cursor(self, written: dict[str, str]) -> Kind:
        """Return cursors for the order that was written beside them, even if that is a variable."""

        def sort(run: Run) -> dict[str, Any] | None:
            return self._sort_of(written.get("orderBy"), run)

        return Kind(self.next("orders cursor "), "String", values.orders_cursor(sort))

    def _sort_of(self, text: str | None, run: Run) -> dict[str, Any] | None:
        """Return the sort that *text* (an orderBy as written) means when *run* is sent."""
        if text is None or text == "null":
            return None
        if text.startswith("$"):
            return self._value_of(text, run)  # type: ignore[no-any-return]
        members = [member.split(": ") for member in text.strip("{}").split(", ") if member]
        chosen = {name: self._value_of(value, run) for name, value in members}
        return {name: str(value) for name, value in chosen.items() if value is not None}

    def _value_of(self, text: str, run: Run) -> Any:
        if not text.startswith("$"):
            return text
        name = text[1:]
        if name in run.variables:
            return run.variables[name]
        return self.defaults.get(name)

    def expression(self, kind: Kind, inside: bool = False) -> str:  # noqa: FBT001, FBT002 - recursion only
        """Write a value for *kind*: a variable, a literal or something in between."""
        if self.often(0.4):
            return self.variable(kind, inside=inside)
        if not kind.required and self.often(0.05):
            self.features.add("null literal")
            return "null"
        if kind.parts is not None:
            members = {name: part for name, part in kind.parts.items() if self.often(0.45)}
            texts = {name: self.expression(part, inside=True) for name, part in members.items()}
            return "{" + ", ".join(f"{name}: {text}" for name, text in texts.items()) + "}"
        if kind.item is not None and self.often(0.6):
            if self.often(0.35):
                self.features.add("single value for a list")
                return literal(kind.item.make(self.run), self.random)
            self.features.add("list with expressions")
            return (
                "[" + ", ".join(self.expression(kind.item, inside=True) for _ in range(self.random.randint(0, 3))) + "]"
            )
        return literal(kind.make(self.run), self.random)

    def variable(self, kind: Kind, inside: bool = False) -> str:  # noqa: FBT001, FBT002 - recursion only
        """Write a variable, new or declared already."""
        same = [name for name, variable in self.variables.items() if variable.kind.name == kind.name]
        if inside:
            self.features.add("variable inside an input object")
        if kind.parts is not None:
            self.features.add("variable for a whole input object")
        if same and self.often(0.3):
            self.features.add("variable used twice")
            return f"${self.random.choice(same)}"
        name, default = self.next(self.random.choice(["v", "first", "id", "_"])), None
        form = self.random.random()
        if form < 0.35:
            default = kind.make(self.run)
            self.features.add("variable with a default")
        nullable = form < 0.25 or (form >= 0.35 and form < 0.8 and (not kind.required or kind.has_default))
        declared = kind.type + ("" if nullable else "!")
        if default is not None:
            self.defaults[name] = default
            declared += f" = {literal(default, self.random)}"
        self.variables[name] = Variable(kind, declared, default is not None, nullable)
        return f"${name}"
