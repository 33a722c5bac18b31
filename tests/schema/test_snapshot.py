from __future__ import annotations

from resolvers.schema import schema
from tests.schema import SDL


def test_the_committed_sdl_is_that_of_the_code() -> None:
    same = schema.as_str() + "\n" == SDL

    assert same, "schema.graphql differs from the code: run `make schema`, review the difference and commit it"
