"""Links: how the token is added, as the shop's page reads it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest

from resolvers.links import with_token


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("https://shop.example", "https://shop.example?token=t"),
        ("https://shop.example/a", "https://shop.example/a?token=t"),
        ("https://shop.example/a?", "https://shop.example/a?token=t"),
        ("https://shop.example/a?b", "https://shop.example/a?b&token=t"),
        ("https://shop.example/a?b=1", "https://shop.example/a?b=1&token=t"),
        ("https://shop.example/a?b=1&", "https://shop.example/a?b=1&token=t"),
        ("https://shop.example/a?b=1?", "https://shop.example/a?b=1?&token=t"),
        ("https://shop.example/a??", "https://shop.example/a??&token=t"),
    ],
)
def test_the_token_is_a_parameter_of_its_own(page: str, link: str) -> None:
    assert with_token(page, "t") == link
    assert parse_qs(urlsplit(link).query)["token"] == ["t"]
