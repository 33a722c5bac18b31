"""URLs of PostgreSQL: those that libpq reads and hosters print lead to a server; of others the parameter is named."""

from __future__ import annotations

import ssl
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import DatabaseUnavailableError
from db.postgres import PostgresReader
from db.postgres_url import CONNECT_SECONDS, BadUrlError, PostgresAddress
from tests.conftest import FreshDatabase


def of(url: str, **environment: str) -> PostgresAddress:
    return PostgresAddress.of(url, environment)


def parameters(address: PostgresAddress) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(address.dsn).query))


# ── Parameters ────────────────────────────────────────────────────────────────────────────────────

LIBPQS_OWN = [
    "channel_binding=require",
    "channel_binding=prefer",
    "client_encoding=UTF8",
    "connect_timeout=10",
    "fallback_application_name=x",
    "gssencmode=disable",
    "gssencmode=prefer",
    "keepalives=1",
    "keepalives_count=3",
    "keepalives_idle=30",
    "keepalives_interval=10",
    "load_balance_hosts=random",
    "max_protocol_version=3.2",
    "min_protocol_version=3.0",
    "sslcertmode=allow",
    "sslcompression=0",
    "sslsni=1",
    "tcp_user_timeout=1000",
    "application_name=shop",
]


@pytest.mark.parametrize("parameter", LIBPQS_OWN)
def test_what_libpq_alone_does_is_left_out(parameter: str) -> None:
    assert parameters(of(f"postgresql://u:p@h/db?sslmode=require&{parameter}")) == {"sslmode": "require"}


@pytest.mark.anyio
async def test_all_of_it_together_opens(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        joined = "&".join(LIBPQS_OWN).replace("connect_timeout=10", "connect_timeout=60")
        postgres = url.replace("postgresql://", "postgres://")
        reader = PostgresReader(f"{postgres}{'&' if '?' in url else '?'}{joined}&target_session_attrs=read-write")

        assert await reader.read("SELECT current_setting('application_name')", ()) == ("shop",)
        await reader.close()


@pytest.mark.parametrize(
    "parameter", ["search_path=shop", "options=-c jit=on", "krbsrvname=x", f"sslrootcert={__file__}"]
)
def test_what_the_server_or_the_driver_does_is_kept(parameter: str) -> None:
    name, _, value = parameter.partition("=")

    assert parameters(of(f"postgresql://h/db?{name}={quote(value)}")) == {name: value}


@pytest.mark.parametrize("name", ["sslrootcert", "sslcert", "sslkey", "sslcrl"])
def test_a_file_that_is_not_there_is_named_by_its_parameter(name: str) -> None:
    with pytest.raises(BadUrlError, match=f"{name} names a file"):
        of(f"postgresql://h/db?sslmode=verify-full&{name}=/nowhere/typo.pem")


@pytest.mark.parametrize(
    "parameter",
    [
        "gssencmode=require",
        "pgbouncer=true",
        "replication=database",
        "require_auth=scram-sha-256",
        "requirepeer=postgres",
        "service=hunter2",
        "sslcrldir=hunter2",
        "statement_cache_size=0",
    ],
)
def test_what_can_not_be_done_is_named(parameter: str) -> None:
    with pytest.raises(BadUrlError, match=parameter.partition("=")[0]) as refused:
        of(f"postgresql://u:hunter2@h/db?{parameter}")

    assert "hunter2" not in str(refused.value)


@pytest.mark.anyio
async def test_what_nobody_knows_is_named_by_the_server(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        reader = PostgresReader(f"{url}{'&' if '?' in url else '?'}schema=public")
        with pytest.raises(DatabaseUnavailableError) as refused:
            await reader.read("SELECT 1", ())

        assert (refused.value.cause, refused.value.during) == ("42704", "connect")
        assert '"schema"' in str(refused.value.__cause__)
        await reader.close()


# ── Waiting ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("given_", "environment", "seconds"),
    [
        ("?connect_timeout=12", {}, 12),
        ("?connect_timeout=12", {"PGCONNECT_TIMEOUT": "3"}, 12),
        ("", {"PGCONNECT_TIMEOUT": "3"}, 3),
        ("", {}, CONNECT_SECONDS),
        ("?connect_timeout=0", {}, CONNECT_SECONDS),
        ("?connect_timeout=-1", {}, CONNECT_SECONDS),
        ("?connect_timeout=100000", {}, 60),
    ],
)
def test_a_host_is_waited_for_as_long_as_is_said(given_: str, environment: dict[str, str], seconds: float) -> None:
    assert of(f"postgresql://h/db{given_}", **environment).seconds == seconds


def test_a_time_that_is_none_is_named() -> None:
    with pytest.raises(BadUrlError, match="connect_timeout"):
        of("postgresql://h/db?connect_timeout=soon")


# ── Hosts ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("url", "hosts"),
    [
        ("postgresql://a,b/db", [("a", 5432), ("b", 5432)]),
        ("postgresql://u:p@a:1,b:2/db", [("a", 1), ("b", 2)]),
        ("postgresql://[::1]:1,127.0.0.1/db", [("::1", 1), ("127.0.0.1", 5432)]),
        ("postgresql://u@/db?host=a,b&port=1,2", [("a", 1), ("b", 2)]),
        ("postgresql://u@/db?host=a,b&port=7", [("a", 7), ("b", 7)]),
        ("postgresql://%2Frun%2Fa,%2Frun%2Fb/db", [("/run/a", 5432), ("/run/b", 5432)]),
        ("postgresql:///db?host=/run/a,b", [("/run/a", 5432), ("b", 5432)]),
    ],
)
def test_each_of_several_hosts_has_a_time_of_its_own(url: str, hosts: list[tuple[str, int]]) -> None:
    assert [(host["host"][0], host["port"][0]) for host in of(url).hosts] == hosts


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/db",
        "postgresql:///db",
        "postgresql://u:p@[::1]:1/db",
        "postgresql:///db?host=/run",
        "postgres://u:p%40%2F@h:5432/db",
        "postgresql://a,b/db?target_session_attrs=prefer-standby",
    ],
)
def test_otherwise_the_driver_finds_the_host(url: str) -> None:
    assert of(url).hosts == ({},)


def test_an_address_in_place_of_a_name_is_taken() -> None:
    assert parameters(of("postgresql:///db?hostaddr=192.0.2.1")) == {"host": "192.0.2.1"}
    assert parameters(of("postgresql://h/db?hostaddr=192.0.2.1")) == {}


@pytest.mark.anyio
async def test_the_next_host_is_tried_where_one_refuses(fresh_database: FreshDatabase) -> None:
    with fresh_database("postgresql") as url:
        there = dict(parse_qsl(urlsplit(url).query)).get("host") or urlsplit(url).hostname
        several = urlsplit(url)._replace(netloc=urlsplit(url).netloc.rpartition("@")[0] + "@", query="")
        port = urlsplit(url).port or 5432
        reader = PostgresReader(f"{several.geturl()}?host=127.0.0.1,{there}&port=1,{port}")

        assert await reader.read("SELECT 1", ()) == (1,)
        await reader.close()


# ── Certificates ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "environment"), [("?sslrootcert=system", {}), ("?sslmode=verify-full", {"PGSSLROOTCERT": "system"})]
)
def test_the_systems_authorities_verify_the_host_too(query: str, environment: dict[str, str]) -> None:
    address = of(f"postgresql://a,b/db{query}", **environment)

    assert parameters(address) == {}
    for host in address.hosts:
        assert (host["ssl"].verify_mode, host["ssl"].check_hostname) == (ssl.CERT_REQUIRED, True)


def test_the_systems_authorities_are_not_for_less() -> None:
    with pytest.raises(BadUrlError, match="verify-full"):
        of("postgresql://h/db?sslrootcert=system&sslmode=require")


# ── What can't be read ────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("separator", ["/", "?", "#", "@"])
@given(before=st.text("abc1=&:,", max_size=4), after=st.text("abc1:,%", max_size=4))
def test_a_password_that_is_not_encoded_is_told_and_not_shown(separator: str, before: str, after: str) -> None:
    url = f"postgresql://somebody:{before}hunter2{separator}{after}@127.0.0.1/shop"
    with pytest.raises(BadUrlError, match="%2F") as refused:
        of(url)

    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


@given(st.text(min_size=1).filter(lambda text: "\x00" not in text and text.isprintable()))
def test_a_password_that_is_encoded_arrives_as_it_is(password: str) -> None:
    encoded = quote(password, safe="")
    address = of(f"postgresql://somebody:{encoded}@127.0.0.1/shop?connect_timeout=1")

    assert urlsplit(address.dsn).password == encoded


def test_an_address_does_not_show_the_password() -> None:
    assert "hunter2" not in repr(of("postgresql://somebody:hunter2@127.0.0.1/shop"))


@pytest.mark.parametrize("port", ["0", "none", "65536", "99999999999", "-1", "²"])
def test_a_port_that_is_none_is_told(port: str) -> None:
    with pytest.raises(BadUrlError, match="port as a number"):
        of(f"postgresql://h:{port}/db")
