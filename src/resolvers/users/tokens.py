"""The home of bearer tokens: 256 random bits for the caller, their SHA-256 for the database."""

from __future__ import annotations

import secrets
from hashlib import sha256

_RANDOM_BYTES = 32


def new_token() -> str:
    """Return a token that nobody can guess, in characters that headers and URLs take as they are."""
    return secrets.token_urlsafe(_RANDOM_BYTES)


def digest(token: str) -> bytes:
    """Return what is stored and looked up: who reads the database can't sign in with it.

    A fast hash does, because there is nothing to guess in 256 random bits. Any text has a digest, also one that no
    header should hold: a strange token is an unknown token.
    """
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
