"""The home of gateways with a fault, as processes: `python -m tests.gateway.faulty raising` or `leaking`."""

from __future__ import annotations

import logging
import sys

from gateway.adapters.hashing import Argon2Hasher
from gateway.app import create_app
from gateway.operator.logs import request_lines
from gateway.operator.settings import Settings, load
from gateway.serve import serve_alone
from resolvers.ports import Verdict


class RaisingHasher:
    """A bug whose text holds the password."""

    async def hash(self, password: str, beside: str | None = None) -> str:  # noqa: ARG002 - the port's signature
        raise RuntimeError(password)

    async def verify(self, password_hash: str | None, password: str) -> Verdict:  # noqa: ARG002 - the port's
        raise RuntimeError(password) from ValueError(password)


class LeakingHasher(Argon2Hasher):
    """Logs every password."""

    async def hash(self, password: str, beside: str | None = None) -> str:
        logging.getLogger("shop").warning("Hashing %s.", password)
        return await super().hash(password, beside)


HASHERS = {"raising": RaisingHasher, "leaking": LeakingHasher}

if __name__ == "__main__":
    settings = load(Settings, port=0)
    app = create_app(settings, log=request_lines(settings.log_level), hasher=HASHERS[sys.argv[1]]())
    serve_alone(app, settings)
