# SPDX-License-Identifier: BSD-2-Clause
"""Real sockets on loopback."""

from __future__ import annotations

import io
import socket
from collections.abc import Iterator
from selectors import DefaultSelector

import pytest

from clusto.service.config import Address
from clusto.service.log import Log
from clusto.snmp.engine import Engine
from clusto.snmptrapd.front import Front
from clusto.snmptrapd.intake import Arrival
from clusto.snmptrapd.listener import BindError, Listener
from clusto.snmptrapd.reception import Reception
from clusto.snmptrapd.report import Report
from tests.unit.snmp import captures

HOSTS = ("127.0.0.1", "::1")


@pytest.fixture(params=HOSTS)
def address(request: pytest.FixtureRequest) -> Address:
    """One that is free at the moment."""
    host: str = request.param
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind((host, 0))
        return Address(host, one.getsockname()[1])


@pytest.fixture
def near(address: Address) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET6 if ":" in address.host else socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.settimeout(30)
        one.connect(tuple(address))
        yield one


class Run:
    def __init__(self) -> None:
        self.log = io.StringIO()
        self.report = Report(Log(self.log, "text"), 300)
        self.selector = DefaultSelector()
        self.front = Front(self.selector, self.report)
        self.put: list[Arrival] = []
        engine = Engine(b"\x80ours", 1, [], started=0, salt=0)
        self.front.receive_by(Reception(["public"], engine), self.put.extend)

    def turn(self) -> None:
        for key, _ in self.selector.select(30):
            self.front.take(key.data, 10)


@pytest.fixture
def run() -> Iterator[Run]:
    made = Run()
    yield made
    made.front.close()
    made.selector.close()


def test_informs_are_put_and_answered(run: Run, address: Address, near: socket.socket) -> None:
    run.front.listen([address])
    near.send(captures.INFORM_V2C)
    run.turn()
    (arrival,) = run.put
    assert arrival.accepted.switch == address.host
    assert arrival.accepted.response
    arrival.answer(arrival.accepted.response)
    assert near.recv(65536) == arrival.accepted.response


def test_reports_are_sent_at_once(run: Run, address: Address, near: socket.socket) -> None:
    run.front.listen([address])
    near.send(captures.DISCOVERY)
    run.turn()
    assert b"\x80ours" in near.recv(65536)
    assert run.put == []
    assert run.log.getvalue() == ""  # it is no fault


def test_what_is_refused_is_told_once(run: Run, address: Address, near: socket.socket) -> None:
    run.front.listen([address])
    for _ in range(3):
        near.send(b"garbage")
    while sum(run.report.refused.values()) < 3:
        run.turn()
    assert run.log.getvalue().count("refused: malformed") == 1


def test_all_that_waits_is_drained(run: Run, address: Address, near: socket.socket) -> None:
    run.front.listen([address])
    for _ in range(20):
        near.send(captures.TRAP_V2C)
    run.front.drain()
    assert len(run.put) == 20


def test_what_is_no_longer_wanted_is_closed(run: Run, address: Address) -> None:
    run.front.listen([address])
    with pytest.raises(BindError, match="Address already in use"):
        Listener(address)
    run.front.keep([])
    Listener(address).close()


def test_what_the_kernel_had_no_room_for_is_counted(run: Run, address: Address, near: socket.socket) -> None:
    run.front.listen([address])
    (key,) = run.selector.get_map().values()
    key.data.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    for _ in range(100):
        near.send(captures.TRAP_V2C)
    assert 0 < run.front.dropped < 100
    run.front.close()
    assert run.front.dropped > 0


def test_an_address_of_others() -> None:
    with pytest.raises(BindError, match=r"^listen 192.0.2.99:16200: Cannot assign requested address$"):
        Listener(Address("192.0.2.99", 16200))
