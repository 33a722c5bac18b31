"""A mailed token is bound to its purpose, its row, the salt of the row and the secret key."""

from __future__ import annotations

import base64
import hmac
import re

from hypothesis import assume, given
from hypothesis import strategies as st

from db.enums import TokenPurpose
from db.ids import new_id
from db.models import MailedToken
from resolvers.mails.composition import Keys
from resolvers.rules.tokens import digest, mailed, new_salt
from tests.db.rows import NOW

KEY, SALT, ROW = b"k" * 32, b"s" * 32, "tok_01HV2JCC9T33QXEAXPHCJEC4FA"
PURPOSES = st.sampled_from([*TokenPurpose])
BYTES = st.binary(min_size=32, max_size=64)
IDS = st.from_regex(r"tok_[0-7][0-9A-HJKMNP-TV-Z]{25}", fullmatch=True)


def a_row(key: bytes) -> MailedToken:
    """Return a row whose token *key* has made."""
    row_id, purpose, salt = new_id(MailedToken.letters, NOW), TokenPurpose.PASSWORD_RESET, new_salt()
    return MailedToken(
        id=row_id,
        channel_id="chn_01HV2JCC9T33QXEAXPHCJEC4FA",
        purpose=purpose,
        subject_id="usr_01HV2JCC9T33QXEAXPHCJEC4FA",
        email_address="hans.muster@corp.com",
        salt=salt,
        token_sha256=digest(mailed(key, purpose, row_id, salt)),
        created_at=NOW,
        expires_at=NOW,
    )


def test_a_token_needs_no_escaping_and_holds_256_bits() -> None:
    token = mailed(KEY, TokenPurpose.PASSWORD_RESET, ROW, SALT)

    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", token)
    assert len(base64.urlsafe_b64decode(token + "=")) == 32


def test_a_token_is_what_the_design_says_it_is_made_of() -> None:
    parts = b"PASSWORD_RESET\0" + ROW.encode() + b"\0" + SALT
    made = base64.urlsafe_b64encode(hmac.digest(KEY, parts, "sha256")).rstrip(b"=").decode()

    assert mailed(KEY, TokenPurpose.PASSWORD_RESET, ROW, SALT) == made


@given(BYTES, PURPOSES, IDS, BYTES)
def test_the_same_row_has_the_same_token_at_each_try(key: bytes, purpose: TokenPurpose, row: str, salt: bytes) -> None:
    assert mailed(key, purpose, row, salt) == mailed(key, purpose, row, salt)


@given(st.tuples(BYTES, PURPOSES, IDS, BYTES), st.tuples(BYTES, PURPOSES, IDS, BYTES), st.integers(0, 3))
def test_a_token_is_another_one_if_any_part_is(
    parts: tuple[bytes, TokenPurpose, str, bytes], others: tuple[bytes, TokenPurpose, str, bytes], changed: int
) -> None:
    assume(parts[changed] != others[changed])
    mixed = list(parts)
    mixed[changed] = others[changed]

    assert mailed(*parts) != mailed(*mixed)  # type: ignore[arg-type]  # in the order of the parts


def test_salts_differ() -> None:
    assert len({new_salt() for _ in range(100)}) == 100
    assert {len(new_salt()) for _ in range(100)} == {32}


@given(st.lists(BYTES, min_size=1, max_size=4, unique=True), st.data())
def test_any_of_the_keys_makes_the_token_that_it_made(keys: list[bytes], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(keys))
    row = a_row(key)

    assert Keys(keys).token(row) == mailed(key, row.purpose, row.id, row.salt)


@given(BYTES, BYTES)
def test_a_key_that_is_gone_makes_nothing(key: bytes, other: bytes) -> None:
    assume(key != other)

    assert Keys([other]).token(a_row(key)) is None


def test_a_row_that_was_tampered_with_has_no_token() -> None:
    row = a_row(KEY)
    row.purpose = TokenPurpose.EMAIL_CONFIRMATION

    assert Keys([KEY]).token(row) is None


def test_the_first_key_makes_new_tokens() -> None:
    purpose = TokenPurpose.EMAIL_CONFIRMATION

    assert Keys([KEY, b"o" * 32]).new(purpose, ROW, SALT) == mailed(KEY, purpose, ROW, SALT)
