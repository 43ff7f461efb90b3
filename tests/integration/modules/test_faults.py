# SPDX-License-Identifier: BSD-2-Clause
"""What stands between a module and NetBox: each has a message that names it, and nothing is done."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest


class Html(BaseHTTPRequestHandler):
    """Somebody else's web server."""

    def do_GET(self) -> None:
        body = b"<html><title>It works!</title></html>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def html() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Html)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nothing listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def read_only(client) -> Iterator[str]:
    user = client.one("users/users", username="admin") or client.list("users/users")[0]
    made = client.create("users/tokens", {"user": user["id"], "version": 1, "write_enabled": False})
    yield made["token"]
    client.delete("users/tokens", made["id"])


def test_a_wrong_token(modules, unique):
    token = "f" * 40
    message = replace(modules, connection=modules.connection | {"token": token}).run("pool", name=unique("p"))["msg"]
    assert "token" in message
    assert token not in message
    assert modules.connection["api_url"] in message


def test_a_token_that_may_only_read(modules, unique, read_only):
    reader = replace(modules, connection=modules.connection | {"token": read_only})
    name = unique("pool")
    assert reader.run("pool", name=name, check=True)["changed"]
    assert "msg" not in reader.run("entity_info", types=["pool"])
    message = reader.run("pool", name=name)["msg"]
    assert "the token must be enabled for writing" in message
    assert read_only not in message
    assert modules.run("entity_info", entity=name)["entities"] == []


def test_nobody_listens(modules, unique, nobody):
    away = replace(modules, connection=modules.connection | {"api_url": nobody, "timeout": 1})
    message = away.run("rack", name=unique("rack"))["msg"]
    assert nobody in message


def test_another_web_server(modules, unique, html):
    message = replace(modules, connection=modules.connection | {"api_url": html}).run("rack", name=unique("r"))["msg"]
    assert html in message
    assert "html" in message.lower()


def test_a_certificate_authority_that_is_not_there(modules, unique):
    message = modules.run("rack", name=unique("rack"), ca_path="/nonexistent")["msg"]
    assert message == "ca_path '/nonexistent': no such file or directory"


def test_a_netbox_without_bootstrap(modules, client, unique):
    profile = client.one("extras/config-context-profiles", name="clusto pool")
    client.update("extras/config-context-profiles", profile["id"], {"name": unique("renamed")})
    try:
        message = modules.refuse("pool", name=unique("pool"))
        forecast = modules.run("bootstrap", check=True)
    finally:
        client.update("extras/config-context-profiles", profile["id"], {"name": profile["name"]})
    assert "run clusto.datacenter.bootstrap once" in message
    assert "config context profile clusto pool" in forecast["objects"]


def test_bootstrap_repairs_what_was_changed(modules, client):
    profile = client.one("extras/config-context-profiles", name="clusto pool")
    client.update("extras/config-context-profiles", profile["id"], {"schema": {"type": "object"}})
    answer = modules.run("bootstrap")
    assert answer["objects"] == ["config context profile clusto pool"]
    assert answer["diff"] == {
        "before": {"config context profile clusto pool": {"schema": {"type": "object"}}},
        "after": {"config context profile clusto pool": {"schema": profile["schema"]}},
    }
    assert modules.run("bootstrap")["changed"] is False
