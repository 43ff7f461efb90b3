# SPDX-License-Identifier: BSD-2-Clause
"""Faults on the way to NetBox, each made by a real server on loopback."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
from pathlib import Path
from typing import Any

import pytest

from clusto.core.errors import ClustoError, InvalidError, UnavailableError
from clusto.netbox.client import Client
from clusto.netbox.transport import ATTEMPTS

CALLS = {
    "GET": lambda c: c.get("dcim/sites", 1),
    "list": lambda c: c.list("dcim/sites"),
    "GraphQL": lambda c: c.graphql("{site_list{id}}"),
    "PATCH": lambda c: c.update("dcim/sites", 1, {"name": "a"}),
    "bulk PATCH": lambda c: c.update_many("dcim/sites", [{"id": 1}]),
    "DELETE": lambda c: c.delete("dcim/sites", 1),
    "POST": lambda c: c.create("dcim/sites", {"name": "a"}),
    "action": lambda c: c.post("ipam/prefixes/1/available-ips", {}),
    "PATCH If-Match": lambda c: c.update("dcim/sites", 1, {"name": "a"}, etag='W/"1"'),
    "DELETE If-Match": lambda c: c.delete("dcim/sites", 1, etag='W/"1"'),
    "bulk DELETE": lambda c: c.delete_many("dcim/sites", [1]),
}
REPEATABLE = ["GET", "list", "GraphQL", "PATCH", "bulk PATCH", "DELETE"]
ONCE = [name for name in CALLS if name not in REPEATABLE]


def run(client: Client, call: str) -> str:
    """The message of the error that the call ends with."""
    with pytest.raises(ClustoError) as caught:
        CALLS[call](client)
    assert isinstance(caught.value, UnavailableError)
    return str(caught.value)


@pytest.mark.parametrize("call", REPEATABLE)
@pytest.mark.parametrize(
    "fault", [{"status": 429}, {"status": 502}, {"status": 503}, {"status": 504}, {"silent": True}]
)
def test_what_comes_to_the_same_twice_is_repeated(netbox, connect, answer, call: str, fault: dict[str, Any]) -> None:
    good = answer(body={"id": 1, "count": 0, "next": None, "results": [], "data": {}})
    server = netbox(answer(**fault), answer(**fault), good)
    CALLS[call](connect(server.url))
    assert len(server.asked) == 3


@pytest.mark.parametrize("call", ONCE)
@pytest.mark.parametrize("fault", [{"status": 503}, {"silent": True}, {"declared": 99}])
def test_what_does_not_is_sent_once(netbox, connect, answer, call: str, fault: dict[str, Any]) -> None:
    server = netbox(answer(**fault))
    run(connect(server.url), call)
    assert len(server.asked) == 1


@pytest.mark.parametrize("call", CALLS)
def test_refused_connections_are_tried_again_for_every_call(connect, watch, call: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    message = run(connect(f"http://127.0.0.1:{port}"), call)
    assert len(watch.slept) == ATTEMPTS - 1
    assert f"http://127.0.0.1:{port}/" in message
    assert "refused" in message
    assert f"tried {ATTEMPTS} times" in message


def test_the_pauses_grow_and_differ(connect, watch) -> None:
    with contextlib.suppress(UnavailableError):
        connect("http://127.0.0.1:1").status()
    assert all(0.15 * 2**n / 2 <= pause <= 0.15 * 2**n for n, pause in enumerate(watch.slept, start=1))


def test_an_unknown_name_is_said_to_be_one(connect) -> None:
    assert "netbox.invalid" in run(connect("http://netbox.invalid"), "GET")


def test_retry_after_in_seconds_is_waited_for(netbox, connect, answer, watch) -> None:
    server = netbox(answer(429, headers={"Retry-After": "7"}), answer())
    connect(server.url).status()
    assert watch.slept == [7]


@pytest.mark.parametrize("ahead", [0, 86400, -86400])
def test_retry_after_as_a_date_is_waited_for_by_the_clock_that_gave_it(netbox, connect, answer, watch, ahead) -> None:
    there = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=ahead)
    dates = {"Date": http_date(there), "Retry-After": http_date(there + dt.timedelta(seconds=20))}
    connect(netbox(answer(503, headers=dates), answer()).url).status()
    assert watch.slept == [20]


def test_retry_after_as_a_date_of_an_unknown_clock_is_not_gone_by(netbox, connect, answer, watch) -> None:
    date = http_date(dt.datetime.now(dt.UTC) + dt.timedelta(seconds=20))
    connect(netbox(answer(503, headers={"Date": "", "Retry-After": date}), answer()).url).status()
    assert watch.slept[0] < 1


def http_date(date: dt.datetime) -> str:
    return date.strftime("%a, %d %b %Y %H:%M:%S GMT")


def test_what_a_deadlock_took_back_is_done_again(netbox, connect, answer) -> None:
    deadlock = {"error": "deadlock detected\nDETAIL:  Process 20250 waits …", "exception": "OperationalError"}
    server = netbox(answer(500, deadlock), answer(201, {"id": 7}))
    assert connect(server.url).create("extras/config-contexts", {"name": "web"}) == {"id": 7}
    assert [asked.method for asked in server.asked] == ["POST", "POST"]


def test_retry_after_beyond_the_timeout_is_not_waited_for(netbox, connect, answer, watch) -> None:
    server = netbox(answer(503, {"detail": "Maintenance"}, headers={"Retry-After": "3600"}))
    assert "503 Service Unavailable: Maintenance" in run(connect(server.url), "GET")
    assert watch.slept == []


def test_all_attempts_together_end_with_the_timeout(netbox, connect, answer, watch) -> None:
    server = netbox(answer(503, headers={"Retry-After": "4"}))
    run(connect(server.url, timeout=10), "GET")
    assert watch.slept == [4, 4]


def test_a_server_that_does_not_answer_ends_with_the_timeout(netbox, connect, answer) -> None:
    server = netbox(answer(hang=True))
    message = run(connect(server.url, timeout=0.2), "GET")
    assert "no answer within 0.2 s" in message
    assert "tried" not in message


def test_an_answer_that_stops_half_way_is_asked_for_again(netbox, connect, answer) -> None:
    server = netbox(answer(body={"half": 1}, declared=999), answer(body={"whole": 1}))
    assert connect(server.url).status() == {"whole": 1}


def test_a_delete_whose_answer_was_lost_is_done_when_the_object_is_gone(netbox, connect, answer) -> None:
    gone = answer(404, {"detail": "No Site matches the given query."})
    connect(netbox(answer(silent=True), gone).url).delete("dcim/sites", 1)
    with pytest.raises(LookupError, match="No Site matches"):
        connect(netbox(gone).url).delete("dcim/sites", 1)


def test_what_is_no_json_is_not_sent(netbox, connect, answer) -> None:
    server = netbox(answer())
    for body in ({"weight": float("nan")}, {"weight": object()}):
        with pytest.raises(InvalidError, match="POST dcim/sites"):
            connect(server.url).create("dcim/sites", body)
    assert server.asked == []


def test_netrc_does_not_replace_the_token(netbox, connect, answer, tmp_path: Path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server = netbox(answer())
    connect(server.url).status()
    assert server.asked[0].headers["Authorization"].startswith("Token 0123")


def test_cookies_are_not_kept(netbox, connect, answer) -> None:
    server = netbox(answer(headers={"Set-Cookie": "sessionid=1; Path=/"}))
    client = connect(server.url)
    client.status()
    client.status()
    assert "Cookie" not in server.asked[1].headers


def test_the_base_path_is_kept(netbox, connect, answer) -> None:
    server = netbox(answer())
    connect(f"{server.url}/tools/netbox/api/").get("dcim/sites", 7)
    assert server.asked[0].path == "/tools/netbox/api/dcim/sites/7/"


# TLS


@pytest.fixture
def no_authorities_named(monkeypatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("no_authorities_named")
def test_a_certificate_of_an_unknown_authority_is_not_trusted(netbox, connect, answer, authority) -> None:
    server = netbox(answer(), certificate=authority[1])
    message = run(connect(server.url), "GET")
    assert server.url in message
    assert "CERTIFICATE_VERIFY_FAILED" in message
    assert "ca_path" in message
    assert "validate_certs" in message
    assert server.asked == []


@pytest.mark.usefixtures("no_authorities_named")
def test_the_authority_may_be_named(netbox, connect, answer, authority, monkeypatch) -> None:
    server = netbox(answer(body={"ok": 1}), certificate=authority[1])
    assert connect(server.url, ca_path=str(authority[0])).status() == {"ok": 1}
    for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        with monkeypatch.context() as patch:
            patch.setenv(variable, str(authority[0]))
            assert connect(server.url).status() == {"ok": 1}


@pytest.mark.usefixtures("no_authorities_named")
def test_validation_can_be_switched_off(netbox, connect, answer, authority, monkeypatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority[0].parent / "none.pem"))
    server = netbox(answer(body={"ok": 1}), certificate=authority[1])
    assert connect(server.url, validate_certs=False).status() == {"ok": 1}


@pytest.mark.usefixtures("no_authorities_named")
def test_a_certificate_for_another_host_is_not_trusted(netbox, connect, answer, authority) -> None:
    server = netbox(answer(), certificate=authority[1])
    url = server.url.replace("127.0.0.1", "localhost")
    assert "localhost" in run(connect(url, ca_path=str(authority[0])), "GET")


@pytest.mark.usefixtures("no_authorities_named")
def test_a_bundle_that_is_none_is_named(netbox, connect, answer, authority, tmp_path: Path) -> None:
    bundle = tmp_path / "ca.pem"
    bundle.write_text("no certificate")
    server = netbox(answer(), certificate=authority[1])
    assert str(bundle) in run(connect(server.url, ca_path=str(bundle)), "GET")


def test_tls_to_a_server_without_it_fails_with_advice(netbox, connect, answer) -> None:
    server = netbox(answer())
    assert "TLS" in run(connect(server.url.replace("http:", "https:")), "GET")
