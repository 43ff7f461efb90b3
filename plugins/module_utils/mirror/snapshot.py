# SPDX-License-Identifier: BSD-2-Clause
"""An inventory on disk with how far the change log was read for it: for a quick start, and for one without NetBox.

JSON under zlib, in lines: what is encoded in one piece stops every other thread of the process meanwhile, and a DHCP
server has others. pickle and marshal would run or crash on a file that somebody tampered with; msgpack would be a
dependency and gains little, since most of the time goes into making the objects. zlib's checksum finds a damaged file;
its level 1 is enough, as rows of one kind stand together.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple

from .document import SnapshotError, from_document, to_document
from .feed import Position
from .inventory import Inventory
from .memory import collector_paused

__all__ = ["Saved", "SnapshotError", "restore", "save"]

LINE: Final = 200
"""Hosts in a line; about 2 ms to encode."""

BLOCK: Final = 65536
"""Packed bytes that are read at once."""
LEFT_OVER: Final = 3600
"""Seconds; no save takes that long."""


class Saved(NamedTuple):
    inventory: Inventory
    position: Position


def save(saved: Saved, path: Path) -> None:
    """Write atomically, readable by the owner alone: whoever reads `path` finds the old file or the new one, whole.

    Raises OSError when the directory is missing, full or not writable.
    """
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            packer = zlib.compressobj(1)
            for line in _lines(saved):
                file.write(packer.compress(line))
            file.write(packer.flush())
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_directory(path.parent)
    _clear(path)


def restore(path: Path, api_url: str) -> Saved:
    """Read what `save` wrote about the NetBox at `api_url`. Raises SnapshotError for everything else."""
    try:
        with collector_paused():
            return _read(path, api_url)
    except OSError as error:
        raise SnapshotError(f"snapshot {path} cannot be read: {error.strerror}") from error
    except (zlib.error, ValueError, LookupError, TypeError, StopIteration) as error:
        raise SnapshotError(f"snapshot {path} is damaged: {error}") from error
    except SnapshotError as error:
        raise SnapshotError(f"snapshot {path} cannot be used: {error}") from error


def _lines(saved: Saved) -> Iterator[bytes]:
    """Everything but the hosts first."""
    document = to_document(saved.inventory)
    rows = document.pop("hosts")
    position = saved.position
    yield _line({**document, "position": [position.newest, position.mark, sorted(position.seen)]})
    for start in range(0, len(rows), LINE):
        yield _line(rows[start : start + LINE])


def _line(content: Any) -> bytes:
    return json.dumps(content, separators=(",", ":")).encode() + b"\n"


def _read(path: Path, api_url: str) -> Saved:
    lines = _unpacked(path)
    document = json.loads(next(lines))
    document["hosts"] = (row for line in lines for row in json.loads(line))
    inventory = from_document(document, api_url)
    newest, mark, seen = document["position"]
    return Saved(inventory, Position(newest, mark, frozenset(seen)))


def _unpacked(path: Path) -> Iterator[bytes]:
    """The lines one by one: text that is all in memory at once leaves holes there."""
    unpacker = zlib.decompressobj()
    rest = b""
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            *lines, rest = (rest + unpacker.decompress(block)).split(b"\n")
            yield from lines
    if not unpacker.eof:
        raise ValueError("it ends early")
    if rest:
        yield rest


def _sync_directory(path: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _clear(path: Path) -> None:
    """Remove what was left by a process that was killed while it saved; what is young may be another's at work."""
    newest = path.stat().st_mtime
    for leftover in path.parent.glob(f".{path.name}.*"):
        with suppress(FileNotFoundError):
            if leftover.stat().st_mtime < newest - LEFT_OVER:
                leftover.unlink()
