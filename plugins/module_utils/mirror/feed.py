# SPDX-License-Identifier: BSD-2-Clause
"""NetBox's change log, read on from where it was left.

NetBox numbers an entry when it is made, but shows it when its transaction ends: one that took long shows up below newer
ones. So the last OVERLAP numbers are watched: one small request tells how many there are and which is the newest, and
if that is not what was seen, the new ones are read, wherever they are. No clock is compared with another.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from ..netbox.client import Client, Filter
from .changes import Change, GapError

LOG: Final = "core/object-changes"
OVERLAP: Final = 10_000
"""Numbers back from the newest one; 1,000 servers with their NICs, MACs and addresses make about 8,000 entries."""
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
    def __init__(self, client: Client) -> None:
        self._client = client

    def end(self) -> Position:
        """Where the log ends now."""
        head = self._head(0)
        since = _since(head.newest)
        seen = self._ids(id__gt=since, id__lte=head.newest) if head.newest else frozenset()
        return Position(head.newest, head.mark, seen)

    def news(self, position: Position, most: int) -> tuple[Position, list[Change]]:
        """What was logged since, and where the log ends now. One small request if that is nothing.

        Raises GapError when entries are missing, or there are more than `most`.
        """
        since = _since(position.newest)
        head = self._head(since)
        if head == (len(position.seen), position.newest, position.mark):
            return position, []
        if (more := head.entries - len(position.seen)) > most:
            raise GapError(f"{more} changes at once")
        entries = self._following(position, head)
        seen = position.seen.union(entry["id"] for entry in entries)
        if head.entries != sum(number <= head.newest for number in seen):
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

    def _head(self, since: int) -> _Head:
        answer = self._client.read(LOG, id__gt=since, ordering="-id", limit=1, fields=("id", "request_id"))
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
        if gone := position.seen - there:
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
