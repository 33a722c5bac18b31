from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa
from graphql import GraphQLInterfaceType, GraphQLObjectType, build_schema

from db import models as tables
from resolvers.caller.visibility import visible
from resolvers.operations.secrets import is_secret, named_members, takes_secret
from resolvers.planner.declare import TYPE_OF_MODEL
from resolvers.schema import schema
from tests.schema import SDL
from tests.schema.rules import certain_roots, odd_errors, odd_ids, odd_inputs, odd_results, undescribed

if TYPE_CHECKING:
    from tests.schema.rules import Rule

SCHEMA = build_schema(SDL)

# Every rule broken in every way.
PLANTED = build_schema('''
"""Described."""
directive @planted(bare: Int) on FIELD_DEFINITION
directive @bare on FIELD_DEFINITION

"""Described."""
interface UserError {
  """Described."""
  message: String
}

"""Described."""
type WrongError {
  """Not a sentence"""
  message: String
}

"""Described."""
type Fault implements UserError {
  message: String
}

"""Described."""
enum Planted { BARE }

type Query {
  """Described."""
  addressId: String
  """Described."""
  address(address: ID, addressIds: [ID!]): ID
}

"""Described."""
input FirstInput { bare: Int }
"""Described."""
type FirstSuccess {
  """Described."""
  id: ID
}
"""Described."""
union FirstResult = FirstSuccess | Fault
"""Described."""
union SecondResult = FirstSuccess | Fault
"""Described."""
union ThirdResult = Fault | ThirdSuccess
"""Described."""
type ThirdSuccess {
  """Described."""
  ok: Boolean
}
"""Described."""
union FourthResult = FourthSuccess | WrongError
"""Described."""
type FourthSuccess {
  """Described."""
  ok: Boolean
}

"""Described."""
type Mutation {
  """Described."""
  first(
    """Described."""
    input: FirstInput!
  ): FirstResult
  """Described."""
  second(
    """Described."""
    input: FirstInput!
  ): SecondResult
  """Described."""
  third(
    """Described."""
    input: FirstInput
  ): ThirdResult
  """Described."""
  fourth: FourthResult
  """Described."""
  fifth(
    """Described."""
    input: FirstInput!
    """Described."""
    more: Int
  ): FirstResult!
}
''')


@pytest.mark.parametrize("rule", [undescribed, odd_inputs, odd_results, odd_errors, odd_ids])
def test_the_sdl_keeps_the_rule(rule: Rule) -> None:
    assert rule(SCHEMA) == [], rule.__doc__


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        (
            undescribed,
            {
                "@bare",
                "WrongError.message",
                "Fault.message",
                "Planted.BARE",
                "Query",
                "Query.address(address:)",
                "Query.address(addressIds:)",
                "FirstInput.bare",
            },
        ),
        (odd_inputs, {"Mutation.second", "Mutation.third", "Mutation.fourth", "Mutation.fifth"}),
        (odd_results, {"Mutation.second", "Mutation.third", "Mutation.fourth", "Mutation.fifth"}),
        (odd_errors, {"WrongError", "Fault"}),
        (odd_ids, {"Query.addressId", "Query.address", "Query.address(address:)"}),
    ],
)
def test_a_rule_finds_what_breaks_it(rule: Rule, broken: set[str]) -> None:
    found = rule(PLANTED)

    assert (set(found), len(found)) == (broken, len(broken))


def test_the_letters_of_ids_tell_the_type() -> None:
    nodes = [model for model in TYPE_OF_MODEL if issubclass(model, tables.Entity)]
    letters = {model.letters for model in nodes}

    assert len(letters) == len(nodes)
    implementations = SCHEMA.get_implementations(SCHEMA.type_map["Node"]).objects  # type: ignore[arg-type]  # an interface
    assert {TYPE_OF_MODEL[model].__name__ for model in nodes} == {type_.name for type_ in implementations}


def test_a_root_field_is_nullable_unless_everyone_sees_what_it_reads() -> None:
    models = {type_.__name__: model for model, type_ in TYPE_OF_MODEL.items()}
    certain = {name: models[type_.name] for name, type_ in certain_roots(SCHEMA).items()}
    conditions = {name: str(sa.select(visible(model, model))) for name, model in certain.items()}

    assert conditions
    assert [name for name, condition in conditions.items() if "viewer" in condition] == []


def test_what_is_named_as_a_secret_is_one() -> None:
    """By such a name it is told whether a text holds a secret."""
    types = schema._schema.type_map.values()  # noqa: SLF001 - Strawberry offers no other way
    members = [member for type_ in types for found in named_members(type_) for member in found.items()]
    secrets = {name for name, definition in members if is_secret(definition)}

    assert secrets >= {"password", "token"}
    assert [name for name, definition in members if name in secrets and not is_secret(definition)] == []


def test_none_but_a_root_field_takes_a_secret() -> None:
    """What takes one in a URL is looked for among root fields alone."""
    types = schema._schema.type_map.values()  # noqa: SLF001 - Strawberry offers no other way
    composite = [type_ for type_ in types if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)]
    taking = {type_.name for type_ in composite for field in type_.fields.values() if takes_secret(field)}

    assert taking == {"Query", "Mutation"}
