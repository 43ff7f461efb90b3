# SPDX-License-Identifier: BSD-2-Clause
"""What people have to look at: counted, and told at the server concerned in NetBox's journal, each fact once.

NetBox itself remembers what was told: the newest entry about a MAC address holds until another one is written, also
over restarts of ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from threading import Lock
from typing import Any, Final, NamedTuple

from ..core.errors import AccessError
from ..netbox.client import Client
from ..service.log import Log
from .judgement import Finding, Kind

JOURNAL: Final = "extras/journal-entries"
DEVICE: Final = "dcim.device"
ABOUT: Final = "MAC address "
BESIDE: Final = " beside "
FEW: Final = 5
"""Entries for each server about addresses that nobody has: whoever invents addresses fills no journal."""


class Home(NamedTuple):
    """A MAC address that is where it belongs."""

    device: int
    mac: str
    title: str


class Findings:
    """For any thread."""

    def __init__(self, client: Client, log: Log) -> None:
        self._client = client
        self._log = log
        self._lock = Lock()
        self._refused = False
        self.counts: Counter[str] = Counter()

    def tell(self, findings: Sequence[Finding], homes: Sequence[Home], *, dry_run: bool) -> None:
        """Write what is new, and that what was told is no longer so. Raises NetBoxError, but for a missing right."""
        with self._lock:
            self.counts.update(finding.kind.value for finding in findings)
        if dry_run or not (findings or homes):
            return
        try:
            self._client.create(JOURNAL, self._news(findings, homes))
        except AccessError as error:
            if not self._refused:
                self._log.warning(f"moves and mis-cabling are only logged, not written to NetBox's journal: {error}")
            self._refused = True

    def _news(self, findings: Sequence[Finding], homes: Sequence[Home]) -> list[dict[str, Any]]:
        devices = sorted({one.device for one in findings} | {one.device for one in homes})
        entries = self._client.list(
            JOURNAL,
            assigned_object_type=DEVICE,
            assigned_object_id=devices,
            kind=["warning", "success"],
            q=ABOUT,
            fields=("id", "assigned_object_id", "kind", "comments"),
        )
        newest: dict[tuple[int, str], tuple[str, str]] = {}
        invented: Counter[int] = Counter()
        for entry in entries:
            device, kind, text = entry["assigned_object_id"], entry["kind"]["value"], entry["comments"]
            newest[device, text.removeprefix(ABOUT).split(" ")[0]] = (kind, text)
            invented[device] += BESIDE in text
        news: dict[tuple[int, str], tuple[str, str]] = {}
        for device, mac, title in homes:
            if newest.get((device, mac), ("", ""))[0] == "warning":
                news[device, mac] = ("success", f"{ABOUT}{mac} is at {title} again")
        for kind, device, mac, text in findings:
            if newest.get((device, mac)) == ("warning", text):
                continue
            if kind is Kind.SECOND:
                invented[device] += 1
                if invented[device] > FEW:
                    continue
            news[device, mac] = ("warning", text)
        return [
            {"assigned_object_type": DEVICE, "assigned_object_id": device, "kind": kind, "comments": text}
            for (device, _), (kind, text) in news.items()
        ]
