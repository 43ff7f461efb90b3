# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from clusto.snmp import macnotify
from clusto.snmp.ber import OCTET_STRING, oid
from clusto.snmp.pdu import Binding, Kind, Notification
from tools.lab import newcomer
from tools.lab.errors import LabError

MAC = "00:11:22:33:44:66"
MADE = {
    "level": "info",
    "message": "server made",
    "server": "s0000",
    "rack": "sv3-002",
    "units": [2],
    "ips": ["192.168.1.4"],
    "macs": {"eth0": MAC},
    "pools": ["pxeboot-servers"],
}
WAITS = {"level": "warning", "message": "not done yet: NetBox is away", "mac": MAC}
MOVED = {"level": "warning", "message": "ignored: it is learnt elsewhere", "mac": MAC}
OTHER = {"level": "info", "message": "server made", "macs": {"eth0": "00:11:22:33:44:99"}}


def test_the_trap_says_what_the_mib_has_it_say() -> None:
    value = bytes.fromhex(newcomer.message(MAC, 2))
    binding = Binding(oid(newcomer.MESSAGE), OCTET_STRING, value)
    told = macnotify.read(Notification(Kind.TRAP, 1, oid(newcomer.NOTIFICATION), None, (binding,), b"", b""))
    assert told == (((macnotify.Operation.LEARNT, 442, MAC, 2),), ())


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"rack": "sv3-002, unit 2", "nic-eth 1": f"{MAC} → sw1 port2"}, []),
        (
            {"rack": "sv3-002, unit 3", "nic-eth 1": f"{MAC} → sw1 port2"},
            ["rack: sv3-002, unit 3, expected sv3-002, unit 2"],
        ),
        (
            {"nic-eth 1": f"{MAC} → sw1 port2", "nic-eth 2": "→ sw1 port3"},
            ["rack: nothing, expected sv3-002, unit 2", "nic-eth 2: → sw1 port3, expected nothing"],
        ),
    ],
)
def test_what_differs_is_told_from_both_sides(found: newcomer.State, expected: list[str]) -> None:
    wanted = {"rack": "sv3-002, unit 2", "nic-eth 1": f"{MAC} → sw1 port2"}
    assert newcomer.differences(found, wanted) == expected


@pytest.mark.parametrize(
    ("mac", "far", "text"),
    [
        (MAC, {"entity": "sw1", "port": "port2"}, f"{MAC} → sw1 port2"),
        (None, {"entity": "ts1", "port": "port2"}, "→ ts1 port2"),
        (MAC, None, MAC),
    ],
)
def test_a_port_in_a_few_words(mac: str | None, far: dict[str, str] | None, text: str) -> None:
    assert newcomer.end(mac, far) == text


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "snmptrapd.log"


def write(log: Path, *lines: dict[str, Any]) -> None:
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


@pytest.mark.parametrize("last", [MADE, MOVED])
def test_the_word_that_counts_is_the_last_one_about_the_address(log: Path, last: dict[str, Any]) -> None:
    write(log, OTHER, WAITS, last)
    assert newcomer.word(log, 0, MAC) == last


def test_what_was_said_before_the_trap_does_not_count(log: Path) -> None:
    write(log, MADE)
    before = log.stat().st_size
    with log.open("a") as more:
        more.write(f"{json.dumps(MOVED)}\n{json.dumps(MADE)[:40]}")
    assert newcomer.word(log, before, MAC) == MOVED


@pytest.mark.parametrize(("line", "reason"), [(WAITS, WAITS["message"]), (OTHER, f"no word of {MAC}")])
def test_where_nothing_comes_of_it_the_last_reason_is_told(log: Path, line: dict[str, Any], reason: str) -> None:
    write(log, line)
    hours: Iterator[float] = (float(tick) for tick in count(0, 60))
    with pytest.raises(LabError, match=reason):
        newcomer.word(log, 0, MAC, clock=lambda: next(hours))


def test_a_line_of_the_log_in_brief() -> None:
    assert newcomer.in_brief(MADE) == "server made server=s0000 rack=sv3-002 units=2 ips=192.168.1.4"
    assert newcomer.in_brief(MOVED) == MOVED["message"]
