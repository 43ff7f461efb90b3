# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

import pytest

from clusto.core.errors import BatchError, ConflictError, ExhaustedError, NotFoundError, RefusedError, UnavailableError
from clusto.ensure.task import Outcome
from clusto.racks import Arrival
from clusto.service.log import Log
from clusto.snmptrapd.making import Maker, Why

PORTS = 8


class Factory:
    """A rack in memory: makes all or none, with so many names; some ports are in the way of something."""

    def __init__(self, names: int = PORTS, taken: Sequence[int] = (), error: Exception | None = None) -> None:
        self._names = names
        self._taken = taken
        self._error = error
        self.made: list[int] = []
        self.asked = 0

    def build(self, servers: Sequence[Arrival], *, devices: bool, rehearse: bool, describe: bool) -> Outcome:
        self.asked += 1
        assert not devices
        assert not describe
        if self._error:
            raise self._error
        ports = [int(one.switchport) for one in servers]
        refused: list[tuple[int, str, Exception]] = [
            (place, "", ConflictError("taken")) for place, port in enumerate(ports) if port in self._taken
        ]
        if not refused and len(ports) > self._names:
            refused = [(place, "", ExhaustedError("out of names")) for place in range(len(ports))]
        if refused:
            raise BatchError("servers", refused, len(ports))
        if not rehearse:
            self._names -= len(ports)
            self.made += ports
        names = [f"s{port}" for port in ports]
        after: dict[str, Any] = {name: {"rack": "r1", "ips": [{"ip": "192.0.2.1"}]} for name in names}
        return Outcome({}, after, {"devices": [{"name": name} for name in names], "servers": names})


def make(factory: Factory, *, dry_run: bool = False) -> tuple[list[Why], list[dict[str, Any]]]:
    stream = io.StringIO()
    log = Log(stream)
    whys = Maker(log, dry_run=dry_run).make(factory, [Arrival(switchport=port) for port in range(PORTS)])
    log.flush()
    return whys, [json.loads(line) for line in stream.getvalue().splitlines()]


def test_all_are_made_in_one_step() -> None:
    factory = Factory()
    whys, told = make(factory)
    assert (whys, factory.made, factory.asked) == ([None] * PORTS, list(range(PORTS)), 1)
    assert {line["message"] for line in told} == {"server made"}
    assert (told[3]["server"], told[3]["rack"], told[3]["ips"]) == ("s3", "r1", ["192.0.2.1"])


def test_what_is_refused_holds_no_other_up() -> None:
    factory = Factory(taken=(2, 5))
    whys, _ = make(factory)
    assert [str(why) if why else None for why in whys] == [None, None, "taken", None, None, "taken", None, None]
    assert factory.made == [0, 1, 3, 4, 6, 7]


@pytest.mark.parametrize("names", range(PORTS + 1))
def test_as_many_as_there_are_names(names: int) -> None:
    factory = Factory(names)
    whys, _ = make(factory)
    assert len(factory.made) == whys.count(None) == names
    assert all(isinstance(why, ExhaustedError) for why in whys if why)
    assert [n for n, why in enumerate(whys) if why is None] == sorted(factory.made)


def test_a_rehearsal_makes_nothing() -> None:
    factory = Factory()
    whys, told = make(factory, dry_run=True)
    assert (whys, factory.made) == ([None] * PORTS, [])
    assert {line["message"] for line in told} == {"server would be made"}


@pytest.mark.parametrize("error", [NotFoundError("no such manager"), RefusedError("400")])
def test_what_concerns_all_but_not_others(error: Exception) -> None:
    assert make(Factory(error=error))[0] == [error] * PORTS


def test_netbox_away_is_for_the_caller() -> None:
    with pytest.raises(UnavailableError):
        make(Factory(error=UnavailableError("refused")))


def test_nothing_to_make_asks_nothing() -> None:
    factory = Factory()
    assert Maker(Log(io.StringIO()), dry_run=False).make(factory, []) == []
    assert factory.asked == 0
