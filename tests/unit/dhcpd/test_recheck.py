# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from queue import Queue
from threading import Event

import pytest

from clusto.dhcpd.journal import Arrival
from clusto.dhcpd.recheck import AGAIN, HELD, Recheck


def arrival(number: int) -> Arrival:
    return Arrival(bytes(28) + number.to_bytes(16), "eth0", (), broadcast=True)


def test_a_request_comes_back_after_the_inventory_was_refreshed() -> None:
    done: Queue[object] = Queue()
    recheck = Recheck(lambda: done.put("refreshed"), done.put)
    recheck.start()
    assert recheck.ask(arrival(1))
    assert [done.get(timeout=10), done.get(timeout=10)] == ["refreshed", arrival(1)]
    recheck.stop()


def test_a_clients_newest_request_is_held() -> None:
    back: Queue[Arrival] = Queue()
    recheck = Recheck(lambda: None, back.put)
    newer = arrival(1)._replace(interface="eth1")
    assert recheck.ask(arrival(1))
    assert recheck.ask(newer)
    assert recheck.ask(arrival(2))
    recheck.start()
    assert [back.get(timeout=10), back.get(timeout=10)] == [newer, arrival(2)]
    recheck.stop()


def test_a_client_that_had_its_look_waits_for_the_next() -> None:
    now, back = [0.0], Queue[Arrival]()
    recheck = Recheck(lambda: None, back.put, lambda: now[0])
    recheck.start()
    assert recheck.ask(arrival(1))
    back.get(timeout=10)
    assert not recheck.ask(arrival(1))
    now[0] = AGAIN
    assert recheck.ask(arrival(1))
    recheck.stop()


def test_a_fault_does_not_end_it(caplog: pytest.LogCaptureFixture) -> None:
    back: Queue[Arrival] = Queue()

    def refresh() -> None:
        raise RuntimeError("broken")

    recheck = Recheck(refresh, back.put)
    recheck.start()
    for number in (1, 2):
        recheck.ask(arrival(number))
        assert back.get(timeout=10) == arrival(number)
    recheck.stop()
    assert "broken" in caplog.text


def test_a_flood_is_not_held() -> None:
    recheck = Recheck(lambda: None, lambda _: None)
    assert [recheck.ask(arrival(number)) for number in range(HELD + 5)] == [True] * HELD + [False] * 5


def test_many_clients_share_one_look() -> None:
    started, go, looks, back = Event(), Event(), [], Queue[Arrival]()

    def refresh() -> None:
        looks.append(1)
        started.set()
        assert go.wait(10)

    recheck = Recheck(refresh, back.put)
    recheck.start()
    recheck.ask(arrival(0))
    assert started.wait(10)
    for number in range(1, 11):
        assert recheck.ask(arrival(number))
    go.set()
    assert [back.get(timeout=10) for _ in range(11)] == [arrival(number) for number in range(11)]
    assert len(looks) == 1
    recheck.stop()
