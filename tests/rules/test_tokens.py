from __future__ import annotations

import re
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from resolvers.rules.tokens import digest, new_token


def test_a_token_is_256_random_bits_that_need_no_escaping() -> None:
    made = {new_token() for _ in range(100)}

    assert len(made) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in made)


def test_the_sha_256_is_stored() -> None:
    assert digest("abc") == sha256(b"abc").digest()


@given(st.text())
def test_whatever_a_header_holds_has_a_digest(text: str) -> None:
    assert len(digest(text)) == 32
