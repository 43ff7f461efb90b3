# SPDX-License-Identifier: BSD-2-Clause
"""The sockets, on loopback and ports of their own; the whole life of the server is in tests/integration/dhcpd."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from select import select
from selectors import EVENT_READ

import pytest

from clusto.dhcp.reply import Destination
from clusto.dhcpd.backend import Backend
from clusto.dhcpd.config import validate
from clusto.dhcpd.journal import Arrival
from clusto.dhcpd.listener import BindError, Listener, Ports
from clusto.dhcpd.server import DRAIN, Server
from clusto.dhcpd.service import Reply
from clusto.service.log import Log

LOCALHOST = bytes([127, 0, 0, 1])


@pytest.fixture
def client() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as made:
        made.bind(("127.0.0.1", 0))
        made.settimeout(10)
        yield made


@pytest.fixture
def listener(client: socket.socket) -> Iterator[Listener]:
    made = Listener("lo", (LOCALHOST,), Ports(server=0, client=client.getsockname()[1]))
    yield made
    made.close()


def arrived(listener: Listener) -> Arrival:
    assert select([listener.udp], [], [], 10)[0]
    arrival = listener.receive()
    assert arrival is not None
    return arrival


def test_receive(listener: Listener, client: socket.socket) -> None:
    client.sendto(b"hello", ("127.0.0.1", listener.udp.getsockname()[1]))
    assert arrived(listener) == Arrival(b"hello", "lo", (LOCALHOST,), broadcast=False)
    assert listener.receive() is None


def test_an_empty_datagram_is_one(listener: Listener, client: socket.socket) -> None:
    client.sendto(b"", ("127.0.0.1", listener.udp.getsockname()[1]))
    assert arrived(listener).data == b""


def test_broadcasts_are_told_apart(listener: Listener, client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    client.sendto(b"hello", ("255.255.255.255", listener.udp.getsockname()[1]))
    assert arrived(listener).broadcast


def test_reply_to_an_address(listener: Listener, client: socket.socket) -> None:
    listener.send(Reply(b"reply", Destination(LOCALHOST, 68)))
    assert client.recvfrom(100) == (b"reply", ("127.0.0.1", listener.udp.getsockname()[1]))


def test_reply_to_a_relay_goes_to_its_port(listener: Listener, client: socket.socket) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as relay:
        relay.bind(("127.0.0.1", 0))
        relay.settimeout(10)
        listener.send(Reply(b"reply", Destination(LOCALHOST, relay.getsockname()[1])))
        assert relay.recv(100) == b"reply"


def test_without_raw_sockets_a_client_without_address_is_broadcast_to(
    listener: Listener, client: socket.socket
) -> None:
    if listener._raw:
        listener._raw.close()
        listener._raw = None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as everywhere:
        everywhere.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
        everywhere.bind(("", 0))
        everywhere.settimeout(10)
        listener._ports = Ports(client=everywhere.getsockname()[1])
        listener.send(Reply(b"reply", Destination(bytes([192, 0, 2, 1]), 68, bytes(6))))
        assert everywhere.recv(100) == b"reply"


def test_a_taken_port_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("", 0))
        port = taken.getsockname()[1]
        with pytest.raises(BindError, match=f"interface lo, UDP port {port}: Address already in use"):
            Listener("lo", (LOCALHOST,), Ports(server=port))


def test_an_interface_that_is_not_there_is_named() -> None:
    with pytest.raises(BindError, match="interface nowhere0, UDP port 0: No such device"):
        Listener("nowhere0", (LOCALHOST,), Ports(server=0))


# The end


class Flooded(Listener):
    """More comes than anybody can answer."""

    taken = 0

    def receive(self) -> Arrival:
        self.taken += 1
        return Arrival(b"x", self.interface, self.addresses, broadcast=True)


class Silence(Backend):
    """Answers nobody, and asks no NetBox."""

    def __init__(self) -> None:
        self.stopped = False

    def handle(self, _: Arrival) -> None:
        assert not self.stopped

    def stop(self) -> None:
        self.stopped = True


def test_at_the_end_what_waits_is_answered_and_what_goes_on_coming_is_not() -> None:
    config = validate({"api_url": "http://netbox", "token": "t"}, {}, "test")
    stream = io.StringIO()
    server = Server(config, Log(stream), lambda: config)
    flooded = Flooded("lo", (LOCALHOST,), Ports(server=0, client=0))
    server.listeners["lo"] = flooded
    server._selector.register(flooded.udp, EVENT_READ, flooded)
    server._backend = backend = Silence()
    server._started = True
    server.shutdown()
    assert flooded.taken == DRAIN
    assert backend.stopped
    assert flooded.udp.fileno() == -1
    assert '"message": "stopped"' in stream.getvalue()


def test_a_loop_that_hangs_is_found_however_often_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clusto.service.loop.ROUND", 0)
    config = validate({"api_url": "http://netbox", "token": "t"}, {}, "test")
    server = Server(config, Log(io.StringIO()), lambda: config)
    assert server.alive()  # it only starts
    server._started = True  # but nobody serves
    assert not any(server.alive() for _ in range(2000))  # nor does asking block, once the socket is full
    server.stop()
    server._started = False
    server.shutdown()
