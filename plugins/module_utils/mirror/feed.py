# SPDX-License-Identifier: BSD-2-Clause
"""NetBox's change log, read on from where it was left.

NetBox numbers an entry when it is made, but shows it when its transaction ends: one that took long shows up below newer
ones. So the last OVERLAP numbers are watched: one small request tells how many there are and which is the newest, and
if that is not what was seen, the new ones are read, wherever they are. No clock is compared with another.

Counting costs NetBox 15 us for each entry, for it sorts them with all that they hold. So each request counts from the
first number on that is missing, for only there one can show up; and every REVIEW seconds all of OVERLAP, for what took
longer than LATE, and for entries that are gone.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ..netbox.client import Client, Filter
from .changes import Change, GapError

LOG: Final = "core/object-changes"
OVERLAP: Final = 10_000
"""Numbers back from the newest one; 1,000 servers with their NICs, MACs and addresses make about 8,000 entries."""
LATE: Final = 600.0
"""Seconds for which a missing number is looked for with each request: gunicorn and RQ end what takes NetBox 300."""
REVIEW: Final = 60.0
"""Seconds between two looks at all of OVERLAP."""
FIELDS: Final = (
    *("id", "request_id", "action", "changed_object_type", "changed_object_id"),
    *("prechange_data", "postchange_data"),
)


@dataclass(frozen=True, slots=True)
class Position:
    """How far the log was read."""

    newest: int = 0
    """Number of the newest entry; 0 when there was none."""
    mark: str = ""
    """Its request's id: the same number means another entry after NetBox was set back to a backup."""
    seen: frozenset[int] = frozenset()
    """The numbers of all entries from OVERLAP below the newest on."""


class _Head(NamedTuple):
    """What one small request tells."""

    entries: int
    newest: int
    mark: str


class Feed:
    """monotonic: seconds, to measure with."""

    def __init__(self, client: Client, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic
        self._passed: deque[tuple[float, int]] = deque()
        """When which entry was the newest, in the last LATE seconds."""
        self._settled = 0
        """The entry that was the newest before."""
        self._review_at = monotonic()

    def end(self) -> Position:
        """Where the log ends now."""
        since = _since(self._head().newest)
        head = self._head(since)
        if head.entries == head.newest - since:  # none is missing
            seen = frozenset(range(since + 1, head.newest + 1))
        else:
            seen = self._ids(id__gt=since, id__lte=head.newest)
        return Position(head.newest, head.mark, seen)

    def news(self, position: Position, most: int) -> tuple[Position, list[Change]]:
        """What was logged since, and where the log ends now. One small request if that is nothing.

        Raises GapError when entries are missing, or there are more than `most`.
        """
        since = self._watched(position)
        head = self._head(since)
        if since == _since(position.newest):
            self._review_at = self._monotonic() + REVIEW
        known = sum(number > since for number in position.seen)
        if head == (known, position.newest, position.mark):
            return position, []
        if (more := head.entries - known) > most:
            raise GapError(f"{more} changes at once")
        entries = self._following(position, head)
        seen = position.seen.union(entry["id"] for entry in entries)
        if head.entries != sum(since < number <= head.newest for number in seen):
            late = self._late(position, since)
            entries += late
            seen = seen.union(entry["id"] for entry in late)
        newest = max(entries, key=_number, default=None)
        if newest is None or newest["id"] <= position.newest:
            return Position(position.newest, position.mark, seen), list(map(_change, entries))
        start = _since(newest["id"])
        return (
            Position(newest["id"], newest["request_id"], frozenset(number for number in seen if number > start)),
            [_change(entry) for entry in entries],
        )

    def _watched(self, position: Position) -> int:
        """The number after which entries are counted this time."""
        now, all_ = self._monotonic(), _since(position.newest)
        if self._passed and self._passed[-1][1] > position.newest:  # NetBox was set back
            self._passed.clear()
            self._settled = 0
        while self._passed and self._passed[0][0] <= now - LATE:
            self._settled = self._passed.popleft()[1]
        if not self._passed or self._passed[-1][1] < position.newest:
            self._passed.append((now, position.newest))
        if now >= self._review_at:
            return all_
        numbers = range(max(all_, self._settled) + 1, position.newest)
        missing = next((number for number in numbers if number not in position.seen), position.newest)
        return max(all_, missing - 1)

    def _head(self, since: int = 0) -> _Head:
        # Not asked for is not sorted: a log of years is counted in no time.
        after = {"id__gt": since} if since else {}
        answer = self._client.read(LOG, **after, ordering="-id", limit=1, fields=("id", "request_id"))
        newest, mark = next(((record["id"], record["request_id"]) for record in answer["results"]), (0, ""))
        return _Head(answer["count"], newest, mark)

    def _following(self, position: Position, head: _Head) -> list[dict[str, Any]]:
        """Read what is above the newest entry, which must be there still."""
        if position.newest == 0:
            return self._entries(id__gt=0)
        if head[1:] == (position.newest, position.mark):
            return []
        entries = self._entries(id__gte=position.newest)
        if [(entry["id"], entry["request_id"]) for entry in entries[:1]] != [(position.newest, position.mark)]:
            raise GapError(f"entry {position.newest} of the change log is not there any more")
        return entries[1:]

    def _late(self, position: Position, since: int) -> list[dict[str, Any]]:
        """Read what showed up below the newest entry."""
        there = self._ids(id__gt=since, id__lte=position.newest)
        if gone := {number for number in position.seen if number > since} - there:
            raise GapError(f"{len(gone)} entries of the change log are gone, from {min(gone)} on")
        return self._entries(id=sorted(there - position.seen))

    def _ids(self, **filters: Filter) -> frozenset[int]:
        return frozenset(record["id"] for record in self._client.list(LOG, **filters, fields="id"))

    def _entries(self, **filters: Filter) -> list[dict[str, Any]]:
        return self._client.list(LOG, **filters, fields=FIELDS)


def _since(newest: int) -> int:
    return max(0, newest - OVERLAP)


def _number(entry: dict[str, Any]) -> int:
    return int(entry["id"])


def _change(entry: dict[str, Any]) -> Change:
    return Change(
        id=entry["id"],
        action=entry["action"]["value"],
        object_type=entry["changed_object_type"],
        object_id=entry["changed_object_id"],
        before=entry["prechange_data"] or {},
        after=entry["postchange_data"] or {},
    )
