# SPDX-License-Identifier: BSD-2-Clause
"""Requests to remote hands through a real mail server on loopback: what arrives, and what is said when it does not."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult, LoginPassword

from clusto.core.errors import ClustoError, InvalidError
from clusto.drivers.mail import address, letter
from clusto.drivers.mail import mail_server as way_to
from tests.smtp import Mailbox, mail_server

USER, PASSWORD = "clusto", "only-the-mail-server-may-see-this"
TO, FROM = "hands@colo.example", "clusto@example.com"


def knows(server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword) -> AuthResult:
    known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=known, handled=False)


@pytest.fixture
def start() -> Iterator[Callable[..., Mailbox]]:
    with ExitStack() as servers:
        yield lambda **options: servers.enter_context(mail_server(**options))


@pytest.fixture
def tls(authority: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1])
    return context


def request() -> EmailMessage:
    return letter(FROM, [TO], "Remote hands request", "Turn on power")


def test_a_mail_arrives_as_it_was_written(start: Callable[..., Mailbox]) -> None:
    server = start()
    to = ["Remote Hands <hands@colo.example>", "Åsa <asa@colo.example>"]
    message = letter("clusto <clusto@example.com>", to, "Strøm på", "Slå på strømmen\n.\nnå")
    way_to({"mail_server": "127.0.0.1", "mail_port": server.port}, "test", {}).send(message)
    ((envelope, received),) = server.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (FROM, [TO, "asa@colo.example"])
    assert (received["Subject"], received["From"]) == ("Strøm på", "clusto <clusto@example.com>")
    assert received["To"] == "Remote Hands <hands@colo.example>, Åsa <asa@colo.example>"
    assert received.get_content().splitlines() == ["Slå på strømmen", ".", "nå"]
    assert received["Message-ID"] == message["Message-ID"]
    assert received["Message-ID"].endswith("@example.com>")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it does not count implicit TLS
@pytest.mark.parametrize("mode", ["starttls", "implicit"])
def test_a_user_logs_in_over_tls(start: Callable[..., Mailbox], authority: Any, tls: ssl.SSLContext, mode: str) -> None:
    how = {"ssl_context": tls} if mode == "implicit" else {"tls_context": tls, "require_starttls": True}
    server = start(**how, authenticator=knows, auth_required=True, auth_require_tls=mode == "starttls")
    options = {
        "mail_server": "127.0.0.1",
        "mail_port": server.port,
        "mail_tls": mode,
        "mail_ca_path": str(authority[0]),
    }
    login = {"mail_user": USER, "mail_password": PASSWORD}
    way_to(options | login, "test", {}).send(request())
    assert len(server.received) == 1
    with pytest.raises(ClustoError, match=rf"mail to {TO} through 127.0.0.1:\d+: not sent; 535 5.7.8") as caught:
        way_to(options | login | {"mail_password": "wrong"}, "test", {}).send(request())
    assert "wrong" not in str(caught.value)
    with pytest.raises(ClustoError, match=r"not sent; 530 5.7.0 Authentication required"):
        way_to(options, "test", {}).send(request())
    untrusted = options | login | {"mail_ca_path": None}
    with pytest.raises(ClustoError, match=r"not sent; .*certificate verify failed"):
        way_to(untrusted, "test", {}).send(request())
    assert len(server.received) == 1


def test_a_password_does_not_go_over_an_open_line_unasked(start: Callable[..., Mailbox]) -> None:
    server = start(authenticator=knows, auth_require_tls=False)
    options = {"mail_server": "127.0.0.1", "mail_port": server.port, "mail_user": USER, "mail_password": PASSWORD}
    with pytest.raises(ClustoError, match=r"not sent; STARTTLS extension not supported by server"):
        way_to(options, "test", {}).send(request())
    way_to(options | {"mail_tls": "none"}, "test", {}).send(request())
    assert len(server.received) == 1


def test_who_was_refused_is_named_with_the_servers_words(start: Callable[..., Mailbox]) -> None:
    server = start()
    way = way_to({"mail_server": "127.0.0.1", "mail_port": server.port}, "test", {})
    with pytest.raises(ClustoError, match=r"not sent; nobody@colo.example was refused: 550 no such user"):
        way.send(letter(FROM, ["nobody@colo.example"], "s", "t"))
    with pytest.raises(ClustoError, match=r"sent, but not to all; nobody@colo.example was refused: 550 no such user"):
        way.send(letter(FROM, ["nobody@colo.example", TO], "s", "t"))
    assert [envelope.rcpt_tos for envelope, _ in server.received] == [[TO]]


def test_a_server_that_is_away_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ClustoError, match=rf"mail to {TO} through 127.0.0.1:{port}: not sent; .*refused"):
        way_to({"mail_server": "127.0.0.1", "mail_port": port}, "test", {}).send(request())


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ("none", 25)),
        ({"mail_user": USER, "mail_password": PASSWORD}, ("starttls", 587)),
        ({"mail_tls": "starttls"}, ("starttls", 587)),
        ({"mail_tls": "implicit"}, ("implicit", 465)),
        ({"mail_tls": "implicit", "mail_port": 2465}, ("implicit", 2465)),
    ],
)
def test_tls_and_port_by_default(options: dict[str, Any], expected: tuple[str, int]) -> None:
    way = way_to({"mail_server": "mail.example", **options}, "test", {})
    assert (way.tls, way.port) == expected


def test_the_password_may_be_in_the_environment_and_is_never_shown() -> None:
    options = {"mail_server": "mail.example", "mail_user": USER}
    way = way_to(options, "test", {"CLUSTO_MAIL_PASSWORD": PASSWORD})
    assert way.password == PASSWORD
    assert PASSWORD not in repr(way)
    assert way_to({"mail_server": "mail.example"}, "test", {"CLUSTO_MAIL_PASSWORD": PASSWORD}).password is None


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mail_server": None}, "no mail_server"),
        ({"mail_user": "u"}, "mail_user 'u' without mail_password"),
        ({"mail_tls": "ssl"}, "mail_tls 'ssl'; expected one of none, starttls, implicit"),
        ({"mail_port": 70000}, "mail_port 70000; expected 1 to 65535"),
        ({"mail_port": "25"}, "mail_port '25'"),
    ],
)
def test_what_cannot_be_a_mail_server_is_named(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidError, match=f"remote hands: {message}"):
        way_to({"mail_server": "mail.example", **options}, "remote hands", {})


@pytest.mark.parametrize("text", ["", "hands", "hands@", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidError, match=r"mail_to .*: expected one mail address"):
        address("mail_to", text)
