from __future__ import annotations

from dataclasses import asdict, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

import orjson
import pytest
import strawberry
from graphql import (
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    Undefined,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from resolvers.planner.arguments import Argument, BadArgumentError, Caller, Inputs, bind
from resolvers.planner.decoding import Decoder, Symbol, ids, shape, symbolize
from resolvers.sdl.descriptions import api_input


@strawberry.enum
class Colour(Enum):
    RED = "RED"
    BLUE = "BLUE"


@api_input
class Inner:
    text: str | None = None
    words: list[str] | None = None
    colour: Colour | None = None


@api_input
class Outer:
    inner: Inner | None = None
    must: bool | None = None
    how_many: int | None = None


@strawberry.type
class Query:
    @strawberry.field
    def found(self, outer: Outer) -> int:
        return outer.how_many or 0


TYPES = strawberry.Schema(query=Query)._schema.type_map  # noqa: SLF001 - Strawberry offers no other way
OUTER: Any = TYPES["Outer"]
COLOUR: Any = TYPES["Colour"]
KNOWN = "cus_01HV2JCC9T33QXEAXPHCJEC4FG"
CALLER = Caller(channel_id="cha", now=datetime(2026, 3, 14, tzinfo=UTC))
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)


def partly(fields: dict[str, st.SearchStrategy[Any]]) -> st.SearchStrategy[dict[str, Any]]:
    """Objects any of whose members are missing or null."""
    return st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in fields.items()})


INNER_VALUES = partly({"text": TEXTS, "words": st.lists(TEXTS, max_size=3), "colour": st.sampled_from(Colour)})
OUTER_VALUES = partly({"inner": INNER_VALUES, "must": st.booleans(), "howMany": st.integers(-(2**31), 2**31 - 1)})


def inputs(value: Any) -> Inputs:
    return Inputs(CALLER, {"value": value})


def symbols(value: Any, type_: GraphQLInputType = OUTER) -> Any:
    return symbolize(value, type_, lambda inputs: inputs.variables["value"])


def fetched(decoded: Any, value: Any = None) -> Any:
    """Return what a body gets, with each argument fetched."""
    if is_dataclass(decoded) and not isinstance(decoded, type):
        return {name: fetched(getattr(decoded, name), value) for name in decoded.__dataclass_fields__}
    return decoded.fetch(inputs(value)) if isinstance(decoded, Argument) else decoded


@settings(deadline=None, max_examples=200)
@given(value=OUTER_VALUES)
def test_a_variable_is_decoded_as_the_same_constant_is(value: dict[str, Any]) -> None:
    from_variable = Decoder(("key",)).decode(symbols(value), OUTER)
    from_constant = Decoder(("key",)).decode(value, OUTER)

    assert fetched(from_variable, value) == fetched(from_constant)


@settings(deadline=None, max_examples=200)
@given(planned=OUTER_VALUES, bound=OUTER_VALUES)
def test_a_plan_serves_every_variable_of_its_shape(planned: dict[str, Any], bound: dict[str, Any]) -> None:
    decoded = Decoder(("key",)).decode(symbols(planned), OUTER)
    if shape(planned, OUTER) == shape(bound, OUTER):
        assert fetched(decoded, bound) == fetched(Decoder(("key",)).decode(bound, OUTER))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"howMany": 1}, {"howMany": 2}),
        ({"inner": {"text": "a"}}, {"inner": {"text": ""}}),
        ({"inner": {"words": []}}, {"inner": {"words": ["a", "b"]}}),
        ({"must": True, "howMany": 1}, {"howMany": 2, "must": True}),
    ],
)
def test_scalars_and_the_length_of_lists_are_no_shape(one: Any, other: Any) -> None:
    assert shape(one, OUTER) == shape(other, OUTER)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"must": True}, {"must": False}),
        ({"must": True}, {"must": None}),
        ({"howMany": 0}, {"howMany": None}),
        ({"inner": {}}, {"inner": None}),
        ({"inner": {"text": ""}}, {"inner": {"text": None}}),
        ({"inner": {"words": []}}, {"inner": {"words": None}}),
        ({"inner": {"colour": Colour.RED}}, {"inner": {"colour": Colour.BLUE}}),
        ({"must": False}, {"howMany": 0}),
    ],
)
def test_enums_booleans_and_nulls_are_the_shape(one: Any, other: Any) -> None:
    assert shape(one, OUTER) != shape(other, OUTER)
    assert hash(shape(one, OUTER)) is not None


@settings(deadline=None)
@given(value=OUTER_VALUES)
def test_symbols_stand_for_scalars_and_lists_alone(value: dict[str, Any]) -> None:
    made = symbols(value)

    assert made.keys() == value.keys()
    assert made.get("must") is value.get("must")
    assert isinstance(made.get("howMany"), Symbol) is (value.get("howMany") is not None)
    inner, given_inner = made.get("inner") or {}, value.get("inner") or {}
    assert inner.get("colour") is given_inner.get("colour")
    assert isinstance(inner.get("words"), Symbol) is (given_inner.get("words") is not None)


@pytest.mark.parametrize("value", [{}, {"inner": None, "must": None, "howMany": None}])
def test_what_is_null_or_left_out_is_none(value: Any) -> None:
    decoded = Decoder(("key",)).decode(symbols(value), OUTER)

    assert asdict(decoded) == {"inner": None, "must": None, "how_many": None}
    assert Decoder(("key",)).decode(Undefined, OUTER) is None


def test_a_list_is_one_json_parameter() -> None:
    decoder = Decoder(("key",))
    decoded = decoder.decode(["a", 'ä"', ""], GraphQLList(GraphQLString))

    assert orjson.loads(fetched(decoded)) == ["a", 'ä"', ""]
    assert decoder.made == [decoded]


def test_variables_may_stand_inside_a_list() -> None:
    type_ = GraphQLNonNull(GraphQLList(GraphQLNonNull(GraphQLString)))
    symbol = symbols("from a variable", GraphQLString)

    decoded = Decoder(("key",)).decode(["first", symbol, "last", symbol], type_)

    assert orjson.loads(fetched(decoded, "new")) == ["first", "new", "last", "new"]


def test_a_variable_that_is_a_list_may_change_its_length() -> None:
    decoded = Decoder(("key",)).decode(symbols(["a"], GraphQLList(GraphQLString)), GraphQLList(GraphQLString))

    assert fetched(decoded, ["a", "b", "c"]) == '["a","b","c"]'
    assert fetched(decoded, []) == "[]"


@pytest.mark.parametrize("given", ["", "x", "cus_", f"{KNOWN} ", "\0", KNOWN.upper()])
def test_what_is_no_id_is_refused_alone_and_in_a_list(given: str) -> None:
    for value, type_ in ((given, GraphQLID), ([KNOWN, given], GraphQLList(GraphQLNonNull(GraphQLID)))):
        [decoded] = ids(symbols(value, type_), type_, ("key",))

        assert fetched(decoded, KNOWN if type_ is GraphQLID else [KNOWN])
        with pytest.raises(BadArgumentError, match="not an id"):
            fetched(decoded, value)


def test_of_what_a_mutation_takes_the_ids_are_looked_at_at_any_depth() -> None:
    inner = GraphQLInputObjectType("InnerIds", {"many": GraphQLInputField(GraphQLList(GraphQLID))})
    fields: dict[str, Any] = {"one": GraphQLID, "inner": inner, "text": GraphQLString, "none": GraphQLID}
    type_ = GraphQLInputObjectType("Ids", {name: GraphQLInputField(found) for name, found in fields.items()})
    value = {"one": KNOWN, "inner": {"many": [KNOWN]}, "text": "any", "none": None}

    found = list(ids(symbols(value, type_), GraphQLNonNull(type_), ("key",)))

    assert [fetched(argument, value) for argument in found] == [KNOWN, f'["{KNOWN}"]']
    assert {argument.path for argument in found} == {("key",)}


def test_an_enum_is_known_when_a_plan_is_made() -> None:
    assert symbols(Colour.RED, COLOUR) is Colour.RED
    assert Decoder(("key",)).decode(Colour.RED, COLOUR) is Colour.RED


def test_nul_is_refused_before_it_reaches_a_driver() -> None:
    decoded = Decoder(("key",)).decode(symbols("a", GraphQLString), GraphQLString)

    with pytest.raises(BadArgumentError, match="NUL"):
        fetched(decoded, "a\0b")


def test_a_bound_argument_is_converted_at_each_execution() -> None:
    first, second = (Decoder(("key",)).decode(symbols("a", GraphQLString), GraphQLString) for _ in range(2))

    joined = bind(lambda one, other: one + other, first, second)

    assert [joined.fetch(inputs(text)) for text in ("a", "b")] == ["aa", "bb"]
    assert joined.path == ("key",)
