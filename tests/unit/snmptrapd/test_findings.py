# SPDX-License-Identifier: BSD-2-Clause
"""What is written into NetBox's journal, and how often."""

from __future__ import annotations

import io
from typing import Any, cast

import pytest

from clusto.core.errors import AccessError, UnavailableError
from clusto.netbox.client import Client
from clusto.service.log import Log
from clusto.snmptrapd.findings import BESIDE, FEW, Findings, Home
from clusto.snmptrapd.judgement import Finding, Kind

MAC = "02:00:00:00:00:01"
TEXT = f"MAC address {MAC} is learnt at port 3"
MOVED = Finding(Kind.MOVED, 7, MAC, TEXT)
HOME = Home(7, MAC, "server 's1', interface eth0")


class Journal:
    """NetBox's journal in memory. error: its answer to whoever wants to write."""

    def __init__(self, error: Exception | None = None) -> None:
        self.entries: list[dict[str, Any]] = []
        self.error = error
        self.asked = 0

    def list(self, _: str, **filters: Any) -> list[dict[str, Any]]:
        self.asked += 1
        devices = filters["assigned_object_id"]
        found = [entry for entry in self.entries if entry["assigned_object_id"] in devices]
        return [{**entry, "kind": {"value": entry["kind"]}} for entry in found]

    def create(self, _: str, bodies: Any) -> None:
        if self.error:
            raise self.error
        self.entries += bodies

    @property
    def told(self) -> Any:
        return [(entry["kind"], entry["comments"]) for entry in self.entries]


def findings(journal: Journal) -> tuple[Findings, io.StringIO]:
    stream = io.StringIO()
    return Findings(cast("Client", journal), Log(stream, "text")), stream


def test_each_fact_is_told_once_also_after_a_restart() -> None:
    journal = Journal()
    for _ in range(2):
        made, _stream = findings(journal)
        for _ in range(2):
            made.tell([MOVED], [], dry_run=False)
        assert made.counts == {"moved": 2}
    assert journal.told == [("warning", TEXT)]


def test_another_fact_is_told_and_the_first_one_again_after_that() -> None:
    journal = Journal()
    made, _ = findings(journal)
    other = MOVED._replace(text=f"MAC address {MAC} is learnt at port 4")
    for finding in (MOVED, other, MOVED):
        made.tell([finding], [], dry_run=False)
    assert journal.told == [("warning", TEXT), ("warning", other.text), ("warning", TEXT)]


def test_what_is_in_its_place_again_is_told_once() -> None:
    journal = Journal()
    made, _ = findings(journal)
    made.tell([], [HOME], dry_run=False)
    assert journal.told == []
    made.tell([MOVED], [], dry_run=False)
    for _ in range(2):
        made.tell([], [HOME], dry_run=False)
    made.tell([MOVED], [], dry_run=False)
    back = ("success", f"MAC address {MAC} is at server 's1', interface eth0 again")
    assert journal.told == [("warning", TEXT), back, ("warning", TEXT)]


def test_whoever_invents_addresses_fills_no_journal() -> None:
    journal = Journal()
    macs = [f"02:00:00:00:01:{n:02x}" for n in range(2 * FEW)]
    seen = [Finding(Kind.SECOND, 7, mac, f"MAC address {mac} is learnt at port 3{BESIDE}{MAC}") for mac in macs]
    made, _ = findings(journal)
    made.tell(seen[: FEW - 1], [], dry_run=False)
    made.tell(seen, [], dry_run=False)
    made.tell(seen, [], dry_run=False)
    assert [text for _, text in journal.told] == [one.text for one in seen[:FEW]]
    made.tell([MOVED], [], dry_run=False)
    assert journal.told[-1] == ("warning", TEXT)


def test_a_rehearsal_counts_and_nothing_to_tell_asks_nothing() -> None:
    journal = Journal()
    made, _ = findings(journal)
    made.tell([MOVED], [HOME], dry_run=True)
    made.tell([], [], dry_run=False)
    assert (made.counts, journal.asked, journal.told) == ({"moved": 1}, 0, [])


def test_a_token_that_may_not_write_is_told_of_once() -> None:
    made, stream = findings(Journal(AccessError("403")))
    for _ in range(2):
        made.tell([MOVED], [], dry_run=False)
    assert stream.getvalue().count("only logged, not written to NetBox's journal: 403") == 1


def test_netbox_away_is_for_the_caller() -> None:
    made, _ = findings(Journal(UnavailableError("refused")))
    with pytest.raises(UnavailableError):
        made.tell([MOVED], [], dry_run=False)
