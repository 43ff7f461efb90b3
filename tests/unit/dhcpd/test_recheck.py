# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from queue import Queue
from threading import Event

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


def test_a_client_has_one_look_at_a_time() -> None:
    now = [0.0]
    recheck = Recheck(lambda: None, lambda _: None, lambda: now[0])
    assert recheck.ask(arrival(1))
    assert not recheck.ask(arrival(1))
    assert recheck.ask(arrival(2))
    now[0] = AGAIN
    assert recheck.ask(arrival(1))


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
    assert len(looks) == 2
    recheck.stop()
