"""The home of tokens: 256 bits for the caller, their SHA-256 for the database. Pure."""

from __future__ import annotations

import hmac
import secrets
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

_RANDOM_BYTES = 32

OF_ADMIN: Final = "ads_"
"""Begins the token of an admin's session."""
OF_API_KEY: Final = "api_"
"""Begins an API key that reads and writes."""
OF_FORWARDING: Final = "fwd_"
"""Begins an API key that says for which visitor a shop's own server calls, and does nothing else."""


def new_token(prefix: str = "") -> str:
    """Return a token that nobody can guess, in characters that headers and URLs take as they are.

    A *prefix* tells before anything is looked up what a token is, or pretends to be: it is hashed with the rest.
    """
    return prefix + secrets.token_urlsafe(_RANDOM_BYTES)


def new_salt() -> bytes:
    """Return what makes the mailed token of a row differ from all others."""
    return secrets.token_bytes(_RANDOM_BYTES)


def mailed(key: bytes, purpose: str, row_id: str, salt: bytes) -> str:
    """Return the token of a row: the sender makes the same one again after a crash, and the database yields none."""
    made = hmac.digest(key, b"\0".join((purpose.encode(), row_id.encode(), salt)), "sha256")
    return urlsafe_b64encode(made).rstrip(b"=").decode()


def digest(token: str) -> bytes:
    """Return what is stored and looked up: who reads the database can't sign in with it.

    A fast hash does, because there is nothing to guess in 256 random bits. Any text has a digest, also one that no
    header should hold: a strange token is an unknown token.
    """
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
