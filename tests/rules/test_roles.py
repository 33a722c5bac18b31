from __future__ import annotations

from db.enums import Permission
from resolvers.rules.roles import BUILT_IN_ROLES


def test_every_role_reads_the_customer() -> None:
    assert all(Permission.CUSTOMER_READ in role.permissions for role in BUILT_IN_ROLES)


def test_the_customer_admin_may_do_everything() -> None:
    assert {role.code: len(role.permissions) for role in BUILT_IN_ROLES} == {
        "customer-admin": len(Permission),
        "buyer": 5,
        "viewer": 2,
    }
