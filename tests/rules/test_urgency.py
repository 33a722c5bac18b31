from __future__ import annotations

import pytest

from db.enums import MailKind
from resolvers.mails.rules import Urgency, urgency_of

WAITED_FOR = {MailKind.REGISTRATION, MailKind.CONFIRMATION, MailKind.PASSWORD_RESET, MailKind.EMAIL_ADDRESS_CHANGE}


@pytest.mark.parametrize("is_own", [True, False])
def test_what_somebody_waits_for_at_a_screen_goes_before_all_else(is_own: bool) -> None:  # noqa: FBT001 - a parameter
    urgent = {urgency_of(kind, is_own=is_own) for kind in WAITED_FOR}
    others = {urgency_of(kind, is_own=own) for kind in set(MailKind) - WAITED_FOR for own in (True, False)}

    assert max(urgent) < min(others)


def test_what_the_gateway_knows_to_be_an_owners_goes_before_what_anybody_may_ask_for() -> None:
    own = {urgency_of(kind, is_own=True) for kind in WAITED_FOR}

    assert max(own) < min(urgency_of(kind, is_own=False) for kind in WAITED_FOR)


def test_links_for_accounts_go_before_those_to_addresses_that_anybody_may_have_typed() -> None:
    assert urgency_of(MailKind.PASSWORD_RESET, is_own=False) < urgency_of(MailKind.REGISTRATION, is_own=False)
    assert urgency_of(MailKind.PASSWORD_CHANGED, is_own=True) is Urgency.NOTICE
