from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.enums import AdminScope, Permission
from resolvers.rules.rights import contained, granting

P, S = Permission, AdminScope
PAIRS = st.one_of(
    *(st.tuples(*[st.frozensets(st.sampled_from(kind))] * 2) for kind in (Permission, AdminScope))  # never mixed
)


@pytest.mark.parametrize(
    ("right", "expected"),
    [
        (P.ORDERS_READ, {P.ORDERS_READ_OWN}),
        (P.PAYMENT_INSTRUMENTS_DELETE, {P.PAYMENT_INSTRUMENTS_READ}),
        (P.USERS_MANAGE, {P.USERS_READ}),
        (P.ACCESS_REQUESTS_APPROVE, {P.USERS_READ}),
        (P.ACCESS_SETTINGS_MANAGE, set()),
        (S.ORDERS_WRITE, {S.ORDERS_READ, S.CUSTOMERS_READ}),
        (S.SETTINGS, {S.CUSTOMERS_READ}),
        (S.CLIENT_FORWARDING, set()),
    ],
)
def test_a_right_contains_what_it_is_no_use_without(right: Permission, expected: set[Permission]) -> None:
    assert contained({right}) == {right} | expected


@given(PAIRS)
def test_what_is_contained_is_contained_once_and_for_all(
    pair: tuple[frozenset[Permission], frozenset[Permission]],
) -> None:
    some, more = pair
    assert some <= contained(some) == contained(contained(some))
    assert contained(some) | contained(more) == contained(some | more)


@given(st.sampled_from(AdminScope), st.sampled_from(AdminScope))
def test_a_scope_is_granted_by_those_that_contain_it(scope: AdminScope, held: AdminScope) -> None:
    assert (held in granting(scope)) == (scope in contained({held}))
