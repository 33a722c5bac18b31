"""Settings come from the environment; what is wrong with them is told with its name and what mends it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.operator.settings import DatabaseSettings, DemoSettings, OperatorError, Settings, hand_down, load
from resolvers.throttling.counters import TryLimits

KEY = "k" * 32
OTHER_KEY = "o" * 40


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.startswith("GATEWAY_"):
            monkeypatch.delenv(name)


def keys(settings: Settings) -> list[str]:
    return [key.get_secret_value() for key in settings.secret_key]


def test_a_secret_key_is_all_that_must_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)

    settings = load(Settings)

    assert keys(settings) == [KEY]
    assert (settings.database_url, settings.default_channel) == ("sqlite:///gateway.db", None)
    assert (settings.host, settings.port, settings.workers) == ("127.0.0.1", 8000, 1)
    assert settings.trusted_proxies == ()
    assert settings.playground is settings.mailbox is False
    assert (settings.smtp_url, settings.mail_from) == (None, None)


@pytest.mark.parametrize("written", [f"{KEY},{OTHER_KEY}", f" {KEY} , {OTHER_KEY}", f'["{KEY}", "{OTHER_KEY}"]'])
def test_several_secret_keys_are_taken_in_their_order(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", written)

    assert keys(load(Settings)) == [KEY, OTHER_KEY]


def test_what_is_given_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    monkeypatch.setenv("GATEWAY_PORT", "9000")
    monkeypatch.setenv("GATEWAY_HOST", "10.0.0.1")

    settings = load(Settings, port=9001, host=None)

    assert (settings.host, settings.port) == ("10.0.0.1", 9001)


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_DATABASE_URL", "")

    assert load(DatabaseSettings).database_url == "sqlite:///gateway.db"


def test_a_missing_secret_key_is_told_with_what_makes_one() -> None:
    with pytest.raises(OperatorError, match=r"GATEWAY_SECRET_KEY is missing\. Set it to .*openssl rand -base64 32"):
        load(Settings)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://somebody:hunter2@host/shop"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("SECRET_KEY", "hunter2"),
        ("SECRET_KEY", f"{KEY},hunter2"),
        ("SECRET_KEY", "[hunter2"),
        ("SECRET_KEY", "[]"),
        ("SECRET_KEY", "[1]"),
        ("PORT", "65536"),
        ("PORT", "hunter2"),
        ("WORKERS", "0"),
        ("PLAYGROUND", "hunter2"),
        ("TRUSTED_PROXIES", "*"),
        ("TRUSTED_PROXIES", "10.0.0.1,hunter2"),
        ("TRUSTED_PROXIES", "0.0.0.0/0"),
        ("TRUSTED_PROXIES", "10.0.0.1,::/0"),
        ("TRUSTED_PROXIES", "::ffff:0:0/96"),
        ("TRUSTED_PROXIES", "::/64"),
        ("TRUSTED_PROXIES", "64:ff9b::/96"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "null"),
        ("CORS_ORIGINS", "shop.example"),
        ("CORS_ORIGINS", "https://shop.example/"),
        ("CORS_ORIGINS", "https://shop.example/hunter2"),
        ("CORS_ORIGINS", "https://hunter2@shop.example"),
        ("CORS_ORIGINS", "https://*.shop.example"),
        ("CORS_ORIGINS", "https://shop.example:65536"),
        ("CORS_ORIGINS", "https://shop.example:0"),
        ("CORS_ORIGINS", "https://shöp.example"),
        ("CORS_ORIGINS", "ftp://shop.example"),
        ("CORS_ORIGINS", "https://shop.example https://other.example"),
        ("LOG_LEVEL", "hunter2"),
        ("SMTP_URL", "hunter2"),
        ("SMTP_URL", "mail.example"),
        ("SMTP_URL", "http://mail.example"),
        ("SMTP_URL", "smtp://somebody:hunter2@mail.example:65536"),
        ("SMTP_URL", "smtp://somebody:hunter2@"),
        ("SMTP_URL", "smtp://somebody:hunter2@mail.example/path"),
        ("SMTP_URL", "smtps://somebody:hunter2@mail.example?starttls=never"),
        ("SMTP_URL", "smtp://mail.example\r\nhunter2"),
        ("MAIL_FROM", "hunter2"),
        ("MAIL_FROM", "Shop <hunter2@shop.example>"),
        ("MAIL_FROM", "a@shop.example,hunter2@shop.example"),
        ("MAILBOX", "hunter2"),
        ("MAILBOX_PUBLIC", "hunter2"),
        ("KEEP_ALIVE_SECONDS", "0"),
        ("KEEP_ALIVE_SECONDS", "3601"),
        ("FREE_PASSWORD_TRIES", "0"),
        ("FREE_PASSWORD_TRIES", "hunter2"),
        ("TRIES_PER_NETWORK", "0"),
        ("TRIES_PER_ACCOUNT", "-1"),
        ("MAILS_PER_ADDRESS", "1000001"),
        ("MAILS_PER_NETWORK", "1.5"),
        ("MAILS_PER_CHANNEL", "1"),
        ("SMTP_HELO", "localhost"),
        ("SMTP_HELO", "gateway.example\r\nQUIT"),
    ],
)
def test_what_is_wrong_is_named_and_never_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    monkeypatch.setenv(f"GATEWAY_{name}", value)

    with pytest.raises(OperatorError) as refused:
        load(Settings)

    assert str(refused.value).startswith(f"GATEWAY_{name} is wrong. Set it to ")
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__suppress_context__


@pytest.mark.parametrize("kind", [Settings, DemoSettings])
def test_every_setting_can_say_what_to_set_it_to(kind: type[Settings]) -> None:
    assert [name for name, field in kind.model_fields.items() if not field.description] == []


def test_everything_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_PORT", "none")

    with pytest.raises(OperatorError) as refused:
        load(Settings)

    assert [line.split()[0] for line in str(refused.value).splitlines()] == ["GATEWAY_SECRET_KEY", "GATEWAY_PORT"]


def test_settings_do_not_show_their_secrets() -> None:
    shown = repr(Settings(secret_key=(SecretStr(KEY),), database_url="postgresql://somebody:hunter2@host/shop"))

    assert KEY not in shown
    assert "hunter2" not in shown


def test_a_mail_server_needs_somebody_whom_mails_are_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    monkeypatch.setenv("GATEWAY_SMTP_URL", "smtp://somebody:hunter2@mail.example")

    with pytest.raises(OperatorError, match=r"^GATEWAY_MAIL_FROM is missing\. Set it to [^\n]+ GATEWAY_SMTP_URL\.$"):
        load(Settings)

    monkeypatch.setenv("GATEWAY_MAIL_FROM", "Noreply@Shop.Example")
    settings = load(Settings)
    assert settings.mail_from == "Noreply@shop.example"
    assert settings.smtp_url is not None
    assert settings.smtp_url.get_secret_value() == "smtp://somebody:hunter2@mail.example"
    assert "hunter2" not in repr(settings)


def test_mails_are_sent_or_shown_to_everybody_and_never_both(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    monkeypatch.setenv("GATEWAY_MAILBOX", "true")
    assert load(Settings).mailbox is True

    monkeypatch.setenv("GATEWAY_SMTP_URL", "smtp://mail.example")
    monkeypatch.setenv("GATEWAY_MAIL_FROM", "noreply@shop.example")
    with pytest.raises(OperatorError, match=r"^GATEWAY_MAILBOX can\'t be true beside GATEWAY_SMTP_URL[^\n]+\.$"):
        load(Settings)


@pytest.mark.parametrize("kind", [Settings, DemoSettings])
@pytest.mark.parametrize(
    ("name", "value", "reached"),
    [
        ("HOST", "127.0.0.1", False),
        ("HOST", "127.0.0.9", False),
        ("HOST", "localhost", False),
        ("HOST", "::1", False),
        ("HOST", "0.0.0.0", True),  # noqa: S104 - nothing listens
        ("HOST", "::", True),
        ("HOST", "192.168.1.7", True),
        ("HOST", "gateway.internal", True),
        ("TRUSTED_PROXIES", "127.0.0.1", True),
    ],
)
def test_mails_are_shown_to_others_only_where_that_is_said_twice(
    monkeypatch: pytest.MonkeyPatch, kind: type[Settings], name: str, value: str, *, reached: bool
) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    monkeypatch.setenv(f"GATEWAY_{name}", value)
    if kind is Settings:
        monkeypatch.setenv("GATEWAY_MAILBOX", "true")

    if reached:
        with pytest.raises(OperatorError, match=r"^GATEWAY_MAILBOX can\'t be true where [^\n]+ GATEWAY_MAILBOX_PUBLIC"):
            load(kind)
        monkeypatch.setenv("GATEWAY_MAILBOX_PUBLIC", "true")
    assert load(kind).mailbox is True

    monkeypatch.setenv("GATEWAY_MAILBOX", "false")
    monkeypatch.delenv("GATEWAY_MAILBOX_PUBLIC", raising=False)
    assert load(kind).mailbox is False


def test_the_demo_shows_no_mails_that_it_sends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SMTP_URL", "smtp://mail.example")
    monkeypatch.setenv("GATEWAY_MAIL_FROM", "noreply@shop.example")

    assert load(DemoSettings).mailbox is False


def test_how_often_something_may_be_tried_is_what_was_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    assert load(Settings).limits() == TryLimits()

    names = ("FREE_PASSWORD_TRIES", "TRIES_PER_NETWORK", "TRIES_PER_ACCOUNT", "MAILS_PER_ADDRESS", "MAILS_PER_NETWORK")
    for number, name in enumerate((*names, "ALL_MAILS_PER_ADDRESS")):
        monkeypatch.setenv(f"GATEWAY_{name}", str(number + 1))

    assert load(Settings).limits() == TryLimits(
        free_tries=1,
        tries_per_network=2,
        tries_per_account=3,
        mails_per_address=4,
        mails_per_network=5,
        all_mails_per_address=6,
    )


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    monkeypatch.setenv("GATEWAY_TRUSTED_PROXIES", "10.0.0.1, 10.1.0.0/16,::1,::ffff:10.2.0.1,::ffff:10.3.0.0/112")

    assert load(Settings).trusted_proxies == ("10.0.0.1/32", "10.1.0.0/16", "::1/128", "10.2.0.1/32", "10.3.0.0/16")


def test_origins_are_written_as_browsers_send_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    written = "https://Shop.example, http://localhost:3000,https://shop.example:443,http://[::1]:80"
    monkeypatch.setenv("GATEWAY_CORS_ORIGINS", written)

    expected = ("https://shop.example", "http://localhost:3000", "https://shop.example", "http://[::1]")
    assert load(Settings).cors_origins == expected


def test_the_demo_needs_nothing() -> None:
    settings = load(DemoSettings)

    assert keys(settings) == [Path("demo/secret.key").read_text("ascii")]
    assert (settings.database_url, settings.default_channel) == ("sqlite:///demo/gateway.db", "paloma")
    assert settings.playground is settings.mailbox is True


def test_the_demo_makes_no_key_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)

    assert keys(load(DemoSettings)) == [KEY]
    assert not Path("demo/secret.key").exists()


def test_other_processes_find_what_the_command_line_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)
    for name in ("HOST", "PORT", "WORKERS"):
        monkeypatch.setenv(f"GATEWAY_{name}", "1")  # and is put back at the end
    settings = load(Settings, host="0.0.0.0", port=9001, workers=3)  # noqa: S104 - nothing listens

    hand_down(settings)

    assert load(Settings) == settings
