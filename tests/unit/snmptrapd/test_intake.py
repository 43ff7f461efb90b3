# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

from clusto.service.log import Log
from clusto.snmp.macnotify import MacChange, Operation, Told
from clusto.snmptrapd.events import Message
from clusto.snmptrapd.intake import Arrival, Intake
from clusto.snmptrapd.journal import Journal, JournalError
from clusto.snmptrapd.recent import KEEP, MOST, Recent
from clusto.snmptrapd.reception import Accepted
from clusto.snmptrapd.report import Report

CHANGE = MacChange(Operation.LEARNT, 442, "02:00:00:00:00:01", 1)


class Broken(Journal):
    def append(self, messages: Sequence[Message]) -> list[int]:
        raise JournalError(f"no room for {len(messages)}")


class Run:
    """Keeps arrivals in one batch, and notes what was acknowledged and handed over, in which order."""

    def __init__(self, directory: Path, kind: type[Journal] = Journal, recent: Recent | None = None) -> None:
        self.journal = kind(directory, 1 << 20)
        self.journal.open()
        self.log = io.StringIO()
        self.report = Report(Log(self.log, "text"), 300)
        self.handed: list[tuple[int, bytes]] = []
        self.answered: list[bytes] = []
        self.recent = recent or Recent()

    def keep(self, *accepted: Accepted) -> None:
        intake = Intake(
            self.journal, self.recent, lambda kept: self.handed.extend((n, m.key) for n, m in kept), self.report
        )
        intake.put([Arrival(1000.0, one, self._answer) for one in accepted])
        intake.start()
        intake.stop()

    def _answer(self, octets: bytes) -> None:
        self.answered.append(octets)


def inform(key: bytes, *, changes: tuple[MacChange, ...] = (CHANGE,), response: bytes | None = b"") -> Accepted:
    return Accepted("192.0.2.1", key, Told(changes, ()), None, key if response == b"" else response)


def test_what_is_kept_is_acknowledged_and_handed_over(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.keep(inform(b"1"), inform(b"2", response=None))
    assert run.answered == [b"1"]
    assert run.handed == [(1, b"1"), (2, b"2")]
    assert run.journal.waiting == 2


def test_what_comes_again_is_acknowledged_again_and_nothing_else(tmp_path: Path) -> None:
    run = Run(tmp_path, recent=Recent([b"0"]))
    run.keep(inform(b"0"), inform(b"1"), inform(b"1"))
    run.keep(inform(b"1"))
    assert run.answered == [b"0", b"1", b"1", b"1"]
    assert run.handed == [(1, b"1")]
    assert run.report.duplicates == 3


def test_what_cannot_be_kept_is_not_acknowledged(tmp_path: Path) -> None:
    run = Run(tmp_path, Broken, Recent([b"0"]))
    run.keep(inform(b"0"), inform(b"1"), inform(b"1"), inform(b"2", changes=()))
    assert run.answered == [b"0", b"2"]
    assert run.handed == []
    assert b"1" not in run.recent
    assert run.report.unkept == 1
    assert "not accepted: no room for 1" in run.log.getvalue()


def test_what_tells_nothing_is_acknowledged_without_being_kept(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.keep(inform(b"1", changes=()))
    assert run.answered == [b"1"]
    assert run.journal.waiting == 0


def test_keys_are_forgotten_in_time() -> None:
    now = 0.0
    recent = Recent(clock=lambda: now)
    recent.add([b"1"])
    now = KEEP
    recent.add([b"2"])
    assert b"1" in recent
    now = 2 * KEEP
    recent.add([b"3"])
    assert [key in recent for key in (b"1", b"2", b"3")] == [False, True, True]


def test_keys_are_forgotten_when_there_are_too_many() -> None:
    recent = Recent(clock=lambda: 0.0)
    for start in range(0, 3 * MOST, MOST):
        recent.add(number.to_bytes(4) for number in range(start, start + MOST))
    assert (0).to_bytes(4) not in recent
    assert MOST.to_bytes(4) in recent
