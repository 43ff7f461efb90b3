# SPDX-License-Identifier: BSD-2-Clause
"""The real NetBox behind a way that fails: what the client says, and that nothing is done twice."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from clusto.core.errors import UnavailableError
from clusto.netbox.client import Client, Settings

Unique = Callable[[str], str]
TAGS = "extras/tags"


class Wire:
    """A TCP relay to NetBox that swallows the next `lost` answers: the request arrives, the connection is cut."""

    def __init__(self, netbox: str) -> None:
        there = urlsplit(netbox)
        self._target = (there.hostname, there.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.lost = 0
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}{there.path}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return  # closed
            threading.Thread(target=self._relay, args=(client,), daemon=True).start()

    def _relay(self, client: socket.socket) -> None:
        """One exchange to each connection: NetBox closes it when it has answered all."""
        with client, socket.create_connection(self._target) as server:
            threading.Thread(target=forward, args=(client, server), daemon=True).start()
            answer = b"".join(iter(lambda: server.recv(65536), b""))
            if self.lost:
                self.lost -= 1
            else:
                client.sendall(answer)
            client.shutdown(socket.SHUT_RDWR)


def forward(client: socket.socket, server: socket.socket) -> None:
    with contextlib.suppress(OSError):  # closed: the exchange is over
        while data := client.recv(65536):
            server.sendall(data.replace(b"Connection: keep-alive", b"Connection: close"))


@pytest.fixture
def wire(client: Client) -> Iterator[Wire]:
    wire = Wire(client.settings.api_url)
    yield wire
    wire.close()


@pytest.fixture
def through(client: Client, wire: Wire) -> Iterator[Client]:
    with Client(Settings(wire.url, client.settings.token)) as through:
        yield through


def test_a_read_whose_answer_is_lost_is_repeated(through: Client, wire: Wire) -> None:
    wire.lost = 2
    assert through.status()["netbox-version"]


def test_a_creation_whose_answer_is_lost_is_not_repeated(
    client: Client, through: Client, wire: Wire, unique: Unique
) -> None:
    name = unique("lost")
    wire.lost = 1
    with pytest.raises(UnavailableError, match=rf"POST {wire.url}/api/extras/tags/: no connection"):
        through.create(TAGS, {"name": name, "slug": name})
    made = client.list(TAGS, name=name)
    assert len(made) == 1
    client.delete(TAGS, made[0]["id"])


def test_a_deletion_whose_answer_is_lost_is_done(client: Client, through: Client, wire: Wire, unique: Unique) -> None:
    name = unique("lost")
    made = client.create(TAGS, {"name": name, "slug": name})
    wire.lost = 1
    through.delete(TAGS, made["id"])
    assert client.list(TAGS, name=name) == []


def test_a_swap_whose_answer_is_lost_is_not_done_twice(
    client: Client, through: Client, wire: Wire, unique: Unique
) -> None:
    name = unique("lost")
    made = client.create(TAGS, {"name": name, "slug": name, "description": "1"})
    calls = []

    def change(record: dict[str, str]) -> dict[str, str]:
        calls.append(record["description"])
        wire.lost = 1
        return {"description": record["description"] + "1"}

    with pytest.raises(UnavailableError, match="PATCH"):
        through.compare_and_swap(TAGS, made["id"], change)
    assert calls == ["1"]
    assert client.get(TAGS, made["id"]).record["description"] == "11"
    client.delete(TAGS, made["id"])
