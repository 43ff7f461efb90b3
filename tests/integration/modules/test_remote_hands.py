# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests to the people in a datacenter, by mail through a real mail server."""

from __future__ import annotations

import socket

import pytest
from aiosmtpd.smtp import AuthResult

from clusto.core.errors import ClustoError, InvalidError
from clusto.drivers import Datacenter, EquinixDatacenter, Pool, Session
from tests.smtp import mail_server

TEXT = "Turn on power for new racks in my cage"
HANDS, US = "hands@colo.example", "clusto@example.com"


@pytest.fixture
def colo(client, unique):
    """A datacenter whose pool tells most of how to ask, and which tells the rest itself."""
    session = Session(client)
    session.use()
    pool = Pool(unique("colos"), attributes={"remote_hands": {"mail_from": US, "mail_server": "127.0.0.1"}})
    made = EquinixDatacenter(unique("eqix"), attributes={"remote_hands": {"mail_to": [HANDS, "noc@colo.example"]}})
    pool.insert(made)
    return made


def test_the_seed_s_call_mails_the_request(colo):
    with mail_server() as mailbox:
        colo.set_attr("remote_hands", mailbox.port, subkey="mail_port")
        sent = Datacenter.get(colo.name).remote_hands(TEXT, priority="high")
    ((envelope, mail),) = mailbox.received
    assert (envelope.mail_from, envelope.rcpt_tos) == (US, [HANDS, "noc@colo.example"])
    assert (mail["To"], mail["From"]) == (f"{HANDS}, noc@colo.example", US)
    assert mail["Subject"] == f"Remote hands request: high priority, {colo.name}"
    assert (mail["Importance"], mail["Message-ID"]) == ("high", sent["message_id"])
    assert mail.get_content().splitlines() == [TEXT, "", f"Site: {colo.name}", "Priority: high"]


def test_the_module_sends_once_a_run_and_never_in_check_mode(modules, colo):
    with mail_server() as mailbox:
        options = {"datacenter": colo.name, "message": TEXT, "mail_port": mailbox.port, "mail_to": [HANDS]}
        rehearsal = modules.run("remote_hands", check=True, **options)
        assert mailbox.received == []
        written = modules.changes()
        answers = [modules.run("remote_hands", **options) for _ in range(2)]
        assert modules.changes() == written
    assert rehearsal["changed"]
    assert rehearsal["diff"] == answers[0]["diff"]
    expected = {
        "datacenter": colo.name,
        "message": TEXT,
        "priority": "low",
        "to": [HANDS],
        "from": US,
        "subject": f"Remote hands request: low priority, {colo.name}",
        "mail_server": f"127.0.0.1:{mailbox.port}",
    }
    assert rehearsal["request"] == expected
    ids = [mail["Message-ID"] for _, mail in mailbox.received]
    assert [answer["request"] for answer in answers] == [{**expected, "message_id": one} for one in ids]
    assert len({*ids}) == 2


def test_what_the_mail_server_says_is_told_and_no_password_ever(modules, colo):
    def knows(server, session, envelope, mechanism, data):
        return AuthResult(success=data.password == b"hush-hush", handled=False)

    login = {"mail_user": "clusto", "mail_password": "not-this-one", "mail_tls": "none"}
    options = {"datacenter": colo.name, "message": TEXT, **login}
    with mail_server(authenticator=knows, auth_require_tls=False) as mailbox:
        way = f"through 127.0.0.1:{mailbox.port}: not sent"
        options["mail_port"] = mailbox.port
        answer = modules.run("remote_hands", **options)
        assert f"{way}; 535 5.7.8 Authentication credentials invalid" in answer["msg"]
        assert "not-this-one" not in str(answer)
        options |= {"mail_password": "hush-hush", "mail_to": ["nobody@colo.example"]}
        answer = modules.run("remote_hands", **options)
        assert f"{way}; nobody@colo.example was refused: 550 no such user" in answer["msg"]
        sent = modules.run("remote_hands", **options | {"mail_to": [HANDS]})
        assert sent["request"]["message_id"] == mailbox.received[0][1]["Message-ID"]
        assert "hush-hush" not in str(sent)
    assert f"{way}; [Errno 111] Connection refused" in modules.run("remote_hands", **options)["msg"]


def test_what_cannot_be_asked_is_refused_in_check_mode_too(modules, client, colo, unique):
    def refused(**options):
        return modules.refuse("remote_hands", **{"datacenter": colo.name, "message": TEXT, **options})

    plain = Datacenter(unique("plain"))
    assert "expected equinixdatacenter, or one of your own whose file is in drivers_path" in refused(
        datacenter=plain.name
    )
    assert "priority 'urgent'; expected one of low, normal, high" in refused(priority="urgent")
    assert "mail_to 'hands': expected one mail address" in refused(mail_to=["hands"])
    colo.set_attr("remote_hands", "x", subkey="mailto")
    assert f"remote hands of datacenter '{colo.name}': unknown mailto; expected mail_server" in refused()
    colo.del_attrs("remote_hands", "mailto")
    colo.set_attr("remote_hands", "secret", subkey="mail_password")
    message = refused()
    assert "mail_password is an attribute, which everybody reads" in message
    assert "secret" not in message
    colo.del_attrs("remote_hands")
    assert "no mail_to; give it, or set the attribute remote_hands, subkey mail_to" in refused()


def test_a_driver_that_takes_no_such_option_says_so(modules, client, unique):
    from ansible_collections.clusto.datacenter.plugins.module_utils.drivers import Datacenter as Theirs

    class DeskDatacenter(Theirs):
        _driver_name = unique("desk")

        def remote_hands(self, message, priority="low"):
            return None

    name = unique("dc")
    modules.run("datacenter", name=name, driver=unique("desk"))
    message = modules.refuse("remote_hands", datacenter=name, message=TEXT, mail_server="127.0.0.1")
    assert "remote_hands of DeskDatacenter: got an unexpected keyword argument 'mail_server'" in message
    answer = modules.run("remote_hands", datacenter=name, message=TEXT)
    assert answer["request"] == {"datacenter": name, "message": TEXT, "priority": "low"}


def test_a_mail_server_that_is_away_is_an_error_in_python_too(colo):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ClustoError, match=rf"mail to {HANDS}, noc@colo.example through 127.0.0.1:{port}: not sent"):
        colo.remote_hands(TEXT, mail_port=port)
    with pytest.raises(InvalidError, match="unknown mail_sever"):
        colo.remote_hands(TEXT, mail_sever="127.0.0.1")
