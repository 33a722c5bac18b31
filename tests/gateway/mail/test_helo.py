from __future__ import annotations

import socket

import pytest
from pydantic import SecretStr

from gateway.mail.transport import helo_name
from gateway.operator.helo import helo_of, parse_helo
from gateway.operator.settings import Settings

DOMAIN = "shop.example"


@pytest.mark.parametrize(
    "name", ["gateway.shop.example", "a.b", "[192.0.2.1]", "[IPv6:2001:db8::1]", "xn--bcher-kva.ch"]
)
def test_names_that_a_server_may_be_greeted_by(name: str) -> None:
    assert parse_helo(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "localhost",
        "gateway",
        "gateway.",
        ".ch",
        "a..ch",
        "-a.ch",
        "a_b.ch",
        "bücher.ch",
        "a.ch\r\nMAIL FROM:<x@y.ch>",
        "a.ch x",
        "192.0.2.1",
        "[192.0.2]",
        "[2001:db8::1]",
        "[IPv6:192.0.2.1]",
        f"{'a.' * 127}ch",
    ],
)
def test_names_that_it_may_not(name: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_helo(name)


def test_the_full_name_of_the_machine_is_taken() -> None:
    assert helo_of("web1.paloma.ch", DOMAIN) == "web1.paloma.ch"


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "web1",
        "gateway-7d9f-x2k",
        "web1.local",
        "ip-10-0-0-1.eu-central-1.compute.internal",
        "a.LAN",
        "",
        "10.0.0.1",
    ],
)
def test_the_domain_of_the_sender_takes_the_place_of_a_name_that_nobody_else_knows(host: str) -> None:
    assert helo_of(host, DOMAIN) == DOMAIN


def test_the_setting_goes_before_all_others() -> None:
    settings = Settings(secret_key=(SecretStr("k" * 32),), mail_from=f"post@{DOMAIN}")
    named = settings.model_copy(update={"smtp_helo": "gateway.paloma.ch"})

    assert helo_name(named) == "gateway.paloma.ch"
    assert helo_name(settings) == helo_of(socket.gethostname(), DOMAIN)
