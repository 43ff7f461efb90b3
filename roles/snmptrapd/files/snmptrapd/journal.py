# SPDX-License-Identifier: BSD-2-Clause
"""What was accepted and is not done yet, on disk before anybody is told that it was accepted.

A journal is a directory of segments. A line of a segment is the CRC-32 of a JSON array, and that array: an accepted
message `["+", id, at, switch, key, [[operation, vlan, mac, base port] …]]`, or `["-", id …]`, which are done. Each
start begins a new segment, so what a crash has torn is a line that does not count. The oldest segments go when all
their messages are done and too old to be sent again; where few messages keep many octets, those few are copied.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from errno import ENOSPC
from pathlib import Path
from threading import Lock
from typing import Any, Final, NamedTuple

from ..core.errors import ClustoError
from ..snmp.macnotify import MacChange, Operation
from .events import Message

log = logging.getLogger(__name__)

SEGMENT: Final = 4 << 20  # octets, after which another segment is begun
SUFFIX: Final = ".journal"
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode  # json.dumps would make another one for each line


class JournalError(ClustoError):
    """Nothing can be accepted: the journal is full, or cannot be read or written."""


class Restored(NamedTuple):
    """What an earlier run left: messages that are not done, by id, and the keys of all messages."""

    messages: dict[int, Message]
    keys: list[bytes]


@dataclass
class _Segment:
    path: Path
    size: int = 0
    live: int = 0
    """How many of its messages are not done."""
    newest: float = 0.0
    """When the last of its messages arrived."""


class Journal:
    """One process has a journal. `append` is for one thread, `done` for any.

    limit: octets; half as many again while some are copied. segment: octets of one file. keep: seconds for which a
    restart still knows messages that are done, lest they be accepted again.
    """

    def __init__(self, directory: Path, limit: int, *, segment: int = SEGMENT, keep: float = 300.0) -> None:
        self._directory = directory
        self._limit = limit
        self._segment = min(segment, limit // 4)
        self._keep = keep
        self._lock = Lock()
        self._segments: list[_Segment] = []
        self._live: dict[int, tuple[_Segment, bytes]] = {}
        self._last_id = self._last_segment = 0
        self._handle = self._guard = -1

    def open(self) -> Restored:
        """Take possession of the directory and read what is there. Raises JournalError."""
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._guard = os.open(self._directory, os.O_RDONLY)
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
            restored = self._restore()
            self._begin()
        except BlockingIOError as exc:
            raise JournalError(f"journal {self._directory}: another process has it") from exc
        except OSError as exc:
            raise JournalError(f"journal {self._directory}: {exc.strerror}") from exc
        return restored

    def close(self) -> None:
        for handle in (self._handle, self._guard):
            if handle >= 0:
                os.close(handle)
        self._handle = self._guard = -1

    @property
    def waiting(self) -> int:
        """How many messages are not done."""
        return len(self._live)

    @property
    def size(self) -> int:
        """Octets on disk."""
        return sum(segment.size for segment in tuple(self._segments))

    def append(self, messages: Sequence[Message]) -> list[int]:
        """Keep messages; gives their ids when they are safe on disk. Raises JournalError when none of them is kept."""
        try:
            ids = self._append(messages)
        except OSError as exc:
            raise JournalError(f"journal {self._directory}: {exc.strerror}") from exc
        try:
            os.fdatasync(self._handle)
        except OSError as exc:  # what of it is on disk nobody knows: after a restart it may be there
            self.done(ids)
            raise JournalError(f"journal {self._directory}: {exc.strerror}") from exc
        return ids

    def done(self, ids: Iterable[int]) -> None:
        """Mark messages as done. This is not waited for: after a power failure some come again, and are done again."""
        with self._lock:
            known = [number for number in dict.fromkeys(ids) if number in self._live]
            for number in known:
                segment, _ = self._live.pop(number)
                segment.live -= 1
            if known:
                with suppress(OSError):  # no room for the mark: they come again after a restart
                    self._write(_line(["-", *known]))

    def _append(self, messages: Sequence[Message]) -> list[int]:
        with self._lock:
            ids = range(self._last_id + 1, self._last_id + 1 + len(messages))
            lines = [_accepted(number, message) for number, message in zip(ids, messages, strict=True)]
            octets = b"".join(lines)
            self._make_room(len(octets), messages[-1].at)
            active = self._write(octets)
            active.newest = messages[-1].at
            active.live += len(messages)
            self._live.update((number, (active, line)) for number, line in zip(ids, lines, strict=True))
            self._last_id = ids[-1]
        return list(ids)

    def _make_room(self, wanted: int, now: float) -> None:
        if self._segments[-1].size + wanted > self._segment:
            self._begin()
        self._drop(lambda segment: segment.newest < now - self._keep)
        self._drop(lambda _: self.size + wanted > self._limit)
        held = sum(len(line) for _, line in self._live.values()) if self.size + wanted > self._limit else 0
        if held and held + wanted <= self._limit // 2:
            self._copy()
        if self.size + wanted > self._limit:
            raise JournalError(f"journal {self._directory} is full: {self.waiting} messages are not done yet")

    def _drop(self, may_go: Callable[[_Segment], bool]) -> None:
        """Remove the oldest segments in which all is done: what they say is done was in them or in older ones."""
        while len(self._segments) > 1 and not self._segments[0].live and may_go(self._segments[0]):
            self._segments.pop(0).path.unlink()

    def _copy(self) -> None:
        """Write what is not done once more, and forget all else."""
        self._begin()
        active = self._write(b"".join(line for _, line in self._live.values()))
        os.fdatasync(self._handle)
        active.newest = self._segments[-2].newest
        active.live = len(self._live)
        self._live = {number: (active, line) for number, (_, line) in self._live.items()}
        while len(self._segments) > 1:
            self._segments.pop(0).path.unlink()

    def _begin(self) -> None:
        """Begin a new segment."""
        self._last_segment += 1
        path = self._directory / f"{self._last_segment:012}{SUFFIX}"
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        os.fsync(self._guard)
        if self._handle >= 0:
            os.close(self._handle)
        self._handle = handle
        self._segments.append(_Segment(path))

    def _write(self, octets: bytes) -> _Segment:
        """Append lines: all of them or nothing. Raises OSError."""
        active = self._segments[-1]
        written = 0
        try:
            written = os.write(self._handle, octets)
        finally:
            if written < len(octets):
                os.ftruncate(self._handle, active.size)
        if written < len(octets):
            raise OSError(ENOSPC, os.strerror(ENOSPC))
        active.size += len(octets)
        return active

    def _restore(self) -> Restored:
        restored = Restored({}, [])
        for path in sorted(self._directory.glob(f"*{SUFFIX}")):
            self._last_segment = int(path.stem)
            octets = path.read_bytes()
            segment = _Segment(path, len(octets))
            self._segments.append(segment)
            for line, record in _records(path, octets):
                self._replay(segment, line, record, restored)
        return restored

    def _replay(self, segment: _Segment, line: bytes, record: list[Any], restored: Restored) -> None:
        kind, *values = record
        if kind == "+":
            number, at, switch, key, changes = values
            message = Message(at, switch, bytes.fromhex(key), tuple(_change(change) for change in changes))
            segment.live += number not in self._live  # a copy counts where it was read first
            segment.newest = at
            self._live.setdefault(number, (segment, line))
            self._last_id = max(self._last_id, number)
            restored.messages[number] = message
            restored.keys.append(message.key)
        else:
            for number in values:
                self._last_id = max(self._last_id, number)
                if restored.messages.pop(number, None):
                    holder, _ = self._live.pop(number)
                    holder.live -= 1


def _records(path: Path, octets: bytes) -> Iterator[tuple[bytes, list[Any]]]:
    """Give the lines that are whole, with what they say."""
    *lines, torn = octets.split(b"\n")
    damaged = 0
    for line in lines:
        crc, _, text = line.partition(b" ")
        if crc == b"%08x" % zlib.crc32(text):
            yield line + b"\n", json.loads(text)
        else:
            damaged += 1
    if damaged:
        log.error("journal %s: %d lines are damaged; what they said is lost", path, damaged)
    if torn:
        log.warning("journal %s ends in the middle of a line, which nobody was told was accepted", path)


def _accepted(number: int, message: Message) -> bytes:
    return _line(["+", number, message.at, message.switch, message.key.hex(), message.changes])


def _line(record: list[Any]) -> bytes:
    text = _encode(record).encode()
    return b"%08x %s\n" % (zlib.crc32(text), text)


def _change(values: Sequence[Any]) -> MacChange:
    operation, vlan, mac, base_port = values
    return MacChange(Operation(operation), vlan, mac, base_port)
