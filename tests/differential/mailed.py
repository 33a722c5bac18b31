"""The home of the generated tokens of mails: good ones, and every way of not being good."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from db import models
from db.enums import TokenPurpose
from tests.differential.words import NOW, TIMES

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random


def clear(token_id: str) -> str:
    """Return the token that the mail with the row *token_id* carried."""
    return f"mailed {token_id}"


def tokens_of(
    account: models.Account, other_channel: str, new_id: Callable[[str], str], random: Random
) -> list[models.MailedToken]:
    """Return tokens that were mailed to *account*: one that is good, and some with a fault each."""
    faults: list[dict[str, Any]] = [
        {"purpose": random.choice([purpose for purpose in TokenPurpose if purpose != TokenPurpose.PASSWORD_RESET])},
        {"channel_id": other_channel},
        {"email_address": f"former.{account.email_address}"},
        {"spent_at": random.choice([NOW, NOW - timedelta(microseconds=1)])},
        {"expires_at": random.choice([NOW, NOW, NOW - timedelta(days=1)])},
    ]
    chosen = random.sample(faults, random.choice([1, 2, 4]))
    return [_token(account, new_id("tok"), fault, random) for fault in [{}, *chosen]]


def _token(account: models.Account, token_id: str, fault: dict[str, Any], random: Random) -> models.MailedToken:
    values: dict[str, Any] = {
        "channel_id": account.channel_id,
        "purpose": TokenPurpose.PASSWORD_RESET,
        "email_address": account.email_address,
        "expires_at": NOW + random.choice([timedelta(microseconds=1), timedelta(minutes=59)]),
    }
    return models.MailedToken(
        id=token_id,
        subject_id=account.id,
        salt=random.randbytes(32),
        token_sha256=hashlib.sha256(clear(token_id).encode()).digest(),
        created_at=random.choice(TIMES[:3]),
        **(values | fault),
    )
