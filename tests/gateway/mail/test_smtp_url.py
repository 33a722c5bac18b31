"""Which URLs name a mail server, and which server."""

from __future__ import annotations

import pytest

from gateway.operator.smtp_url import SmtpServer, parse_smtp_url


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", SmtpServer("localhost", 587, tls=False, starttls=None)),
        ("smtp://127.0.0.1:1025/", SmtpServer("127.0.0.1", 1025, tls=False, starttls=None)),
        ("smtp://[::1]:25", SmtpServer("::1", 25, tls=False, starttls=None)),
        ("smtp://mail.example?starttls=required", SmtpServer("mail.example", 587, tls=False, starttls=True)),
        ("smtp://mail.example?starttls=never", SmtpServer("mail.example", 587, tls=False, starttls=False)),
        ("smtps://mail.example", SmtpServer("mail.example", 465, tls=True, starttls=False)),
        ("smtps://u:p@mail.example:2465", SmtpServer("mail.example", 2465, True, False, "u", "p")),  # noqa: FBT003 - their order is shown above
    ],
)
def test_a_server_by_url(url: str, server: SmtpServer) -> None:
    assert parse_smtp_url(url) == server


def test_a_password_insists_on_tls_unless_the_operator_does_not() -> None:
    assert parse_smtp_url("smtp://u:p@mail.example").starttls is True
    assert parse_smtp_url("smtp://u:p@mail.example?starttls=never").starttls is False


@pytest.mark.parametrize(
    ("written", "username", "password"),
    [
        ("post%40shop.example:p%3A%2F%3F%23%40%25", "post@shop.example", "p:/?#@%"),
        ("post@shop.example:p@ss:w/rd", "post@shop.example", "p@ss:w/rd"),
        ("u:%C3%A4", "u", "ä"),
    ],
)
def test_user_and_password_are_percent_encoded(written: str, username: str, password: str) -> None:
    server = parse_smtp_url(f"smtp://{written}@mail.example:587")

    assert (server.host, server.username, server.password) == ("mail.example", username, password)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "SMTP://mail.example",
        "smtp://",
        "smtp://:25",
        "smtp://mail.example:0",
        "smtp://mail.example:65536",
        "smtp://mail.example:25a",
        "smtp://mail.example\n",
        "smtp://mail.example/path",
        "smtp://mail.example?starttls=maybe",
        "smtp://mail.example?timeout=5",
        "smtps://mail.example?starttls=never",
        "smtp://secret@mail.example",
        "smtp://:secret@mail.example",
        "smtp://u:@mail.example",
        "smtp://u:secret@",
        "smtp://mäil.example",
        f"smtp://{'a' * 64}.example",
        "smtp://a..example",
        "smtp://-a.example",
    ],
)
def test_other_texts_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(ValueError, match="an SMTP URL is") as error:
        parse_smtp_url(url)

    assert "secret" not in str(error.value)


def test_the_password_is_not_shown() -> None:
    assert "secret" not in repr(parse_smtp_url("smtp://u:secret@mail.example"))
