"""The policy is complete: no field without a rule, no rule without a field."""

from __future__ import annotations

from tests.authorization.paths import SCHEMA, object_types
from tests.authorization.policy import POLICY, named_twice


def test_every_field_of_the_schema_has_a_rule_and_every_rule_a_field() -> None:
    fields = {f"{type_.name}.{name}" for type_ in object_types(SCHEMA) for name in type_.fields}

    assert sorted(fields - POLICY.keys()) == [], "fields without a rule"
    assert sorted(POLICY.keys() - fields) == [], "rules without a field"
    assert named_twice() == []
