"""`gateway config`: what is in effect and where it comes from, never a secret, also where something is wrong."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import orjson
import pytest
from typer.testing import CliRunner, Result

from gateway.cli import app
from gateway.operator.config import without_password
from gateway.operator.settings import Settings, load
from tests.gateway.processes import environment

KEY = "hunter2-abcdefghijklmnopqrstuvwxyz0123456789"
NO_MAILS = "GATEWAY_SMTP_URL is not set: this process sends no mails. They wait for one that does: gateway mail run\n"


@pytest.fixture(autouse=True)
def _only_these(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in os.environ:
        if name.upper().startswith("GATEWAY_"):
            monkeypatch.delenv(name)


def run(*arguments: str, **settings: str) -> Result:
    environment = {f"GATEWAY_{name.upper()}": value for name, value in settings.items()}
    return CliRunner().invoke(app, ["config", *arguments], env=environment)


def values(result: Result) -> dict[str, str]:
    return dict(line.split("=", 1) for line in result.stdout.splitlines())


def test_it_prints_every_setting() -> None:
    result = run(secret_key=KEY)

    assert result.exit_code == 0
    assert values(result) == {
        "GATEWAY_DATABASE_URL": "sqlite:///gateway.db",
        "GATEWAY_SECRET_KEY": "***",
        "GATEWAY_DEFAULT_CHANNEL": "",
        "GATEWAY_HOST": "127.0.0.1",
        "GATEWAY_PORT": "8000",
        "GATEWAY_WORKERS": "1",
        "GATEWAY_DRAIN_SECONDS": "0",
        "GATEWAY_KEEP_ALIVE_SECONDS": "75",
        "GATEWAY_TRUSTED_PROXIES": "",
        "GATEWAY_PLAYGROUND": "false",
        "GATEWAY_CORS_ORIGINS": "",
        "GATEWAY_LOG_LEVEL": "info",
        "GATEWAY_SMTP_URL": "",
        "GATEWAY_MAIL_FROM": "",
        "GATEWAY_SMTP_HELO": "",
        "GATEWAY_MAILBOX_PUBLIC": "false",
        "GATEWAY_MAILBOX": "false",
        "GATEWAY_FREE_PASSWORD_TRIES": "5",
        "GATEWAY_TRIES_PER_NETWORK": "100",
        "GATEWAY_TRIES_PER_ACCOUNT": "50",
        "GATEWAY_MAILS_PER_ADDRESS": "3",
        "GATEWAY_ALL_MAILS_PER_ADDRESS": "6",
        "GATEWAY_MAILS_PER_NETWORK": "20",
        "GATEWAY_MAILS_PER_CHANNEL": "2000",
        "GATEWAY_SIGN_INS_AT_ONCE": "2",
        "GATEWAY_NEW_DOCUMENTS_SECONDS": "2.0",
    }
    assert result.stderr == NO_MAILS


def test_it_tells_where_each_comes_from() -> None:
    result = run("--json", "--port=9001", secret_key=KEY, port="9000", host="10.0.0.1", default_channel="")

    found = orjson.loads(result.stdout)
    assert found["GATEWAY_PORT"] == {"value": "9001", "source": "option"}
    assert found["GATEWAY_HOST"] == {"value": "10.0.0.1", "source": "environment"}
    assert found["GATEWAY_DEFAULT_CHANNEL"] == {"value": "", "source": "default"}
    assert "hunter2" not in result.output


def test_of_a_mail_server_it_prints_only_that_there_is_one() -> None:
    result = run(secret_key=KEY, smtp_url="smtp://hunter2:hunter2@hunter2.example", mail_from="noreply@shop.example")

    assert result.exit_code == 0
    assert values(result)["GATEWAY_SMTP_URL"] == "***"
    assert values(result)["GATEWAY_MAIL_FROM"] == "noreply@shop.example"
    assert "hunter2" not in result.output


def test_a_mail_server_that_is_wrong_is_not_printed_either() -> None:
    result = run(secret_key=KEY, smtp_url="smtp://hunter2", mail_from="hunter2")
    wrong = run(secret_key=KEY, smtp_url="hunter2")

    assert result.exit_code == wrong.exit_code == 1
    assert values(wrong)["GATEWAY_SMTP_URL"] == ""
    assert values(result)["GATEWAY_MAIL_FROM"] == ""
    assert "hunter2" not in result.output + wrong.output


def test_a_variable_in_small_letters_counts_as_it_does_for_serve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("gateway_port", "9000")
    monkeypatch.setenv("GATEWAY_SECRET_KEY", KEY)

    assert load(Settings).port == 9000
    assert values(run())["GATEWAY_PORT"] == "9000"


def test_where_something_is_wrong_it_prints_the_rest_and_what_mends_it() -> None:
    result = run(port="hunter2", host="10.0.0.1")

    assert result.exit_code == 1
    assert values(result)["GATEWAY_HOST"] == "10.0.0.1"
    assert values(result)["GATEWAY_PORT"] == ""
    assert [line.partition(". Set it to ")[0] for line in result.stderr.splitlines()] == [
        "GATEWAY_SECRET_KEY is missing",
        "GATEWAY_PORT is wrong",
    ]
    assert "hunter2" not in result.output


def test_json_says_what_is_wrong_too() -> None:
    found = orjson.loads(run("--json", secret_key=KEY, port="hunter2").stdout)

    assert found["GATEWAY_PORT"]["complaint"].startswith("GATEWAY_PORT is wrong. Set it to ")


def test_a_url_that_can_not_be_read_is_told() -> None:
    result = run(secret_key=KEY, database_url="postgresql://u:hun/ter2@h/db")

    assert result.exit_code == 1
    assert result.stderr.startswith("GATEWAY_DATABASE_URL can't be read: inside a user or password write / ")


def test_a_misspelt_variable_is_told() -> None:
    result = run(secret_key=KEY, trusted_proxy="hunter2")

    told = "GATEWAY_TRUSTED_PROXY is no setting. Did you mean GATEWAY_TRUSTED_PROXIES?\n"
    assert (result.exit_code, result.stderr) == (0, told + NO_MAILS)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:///gateway.db", "sqlite:///gateway.db"),
        ("postgresql://h/db", "postgresql://h/db"),
        ("postgresql://u@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("postgresql://u:hunter2@h:5432/db", "postgresql://u:***@h:5432/db"),
        ("postgresql://u:hunter2@[::1]/db", "postgresql://u:***@[::1]/db"),
        ("postgresql:///db?host=/run/pg&user=u", "postgresql:///db?host=/run/pg&user=u"),
        ("postgresql://h/db?password=hunter2&sslmode=require", "postgresql://h/db?password=***&sslmode=require"),
        ("postgresql://h/db?sslpassword=hunter2", "postgresql://h/db?sslpassword=***"),
        ("postgresql://h/db?hunter2", "postgresql://h/db"),
        ("postgresql://u:hun/ter2@h/db", "postgresql://***"),
        ("postgresql://u:hun?ter2@h/db", "postgresql://***"),
        ("postgresql://u:hun#ter2@h/db", "postgresql://***"),
        ("postgresql://u:hun@ter2@h/db", "postgresql://***"),
        ("postgresql://u:12/34@h/db", "postgresql://***"),
        ("postgresql://u:12?34@h/db", "postgresql://***"),
        ("postgresql://h/db?x=1&password=hun@ter2", "postgresql://***"),
    ],
)
def test_a_url_is_shown_without_its_password(url: str, shown: str) -> None:
    assert without_password(url) == shown
    assert values(run(secret_key=KEY, database_url=url))["GATEWAY_DATABASE_URL"] == shown


def test_a_terminal_gets_a_table(tmp_path: Path) -> None:
    printed = in_terminal("config", GATEWAY_SECRET_KEY=KEY, directory=tmp_path)

    assert "│ GATEWAY_SECRET_KEY" in printed
    assert "│ environment" in printed
    assert "hunter2" not in printed


def in_terminal(*arguments: str, directory: Path, **settings: str) -> str:
    """Run `gateway` in a terminal; return what it prints there."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway.cli", *arguments]
    subprocess.run(command, cwd=directory, env=environment() | settings, stdout=theirs, stderr=theirs, check=True)  # noqa: S603 - our own
    os.close(theirs)
    printed = b""
    with suppress(OSError):  # how Linux tells the end
        while piece := os.read(ours, 65536):
            printed += piece
    os.close(ours)
    return printed.decode()
