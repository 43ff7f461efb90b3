# SPDX-License-Identifier: BSD-2-Clause
"""An inventory on disk, for the day when a daemon starts and NetBox is away.

JSON under zlib. pickle and marshal would run or crash on a file that somebody tampered with; msgpack would be a
dependency and gains little, since most of the time goes into making the objects. zlib's checksum finds a damaged file;
its level 1 is enough, as rows of one kind stand together.
"""

from __future__ import annotations

import json
import os
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from .document import SnapshotError, from_document, to_document
from .inventory import Inventory
from .memory import collector_paused

__all__ = ["SnapshotError", "restore", "save"]


def save(inventory: Inventory, path: Path) -> None:
    """Write atomically, readable by the owner alone: whoever reads `path` finds the old file or the new one, whole.

    Raises OSError when the directory is missing, full or not writable.
    """
    packed = zlib.compress(json.dumps(to_document(inventory), separators=(",", ":")).encode(), 1)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(packed)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_directory(path.parent)


def restore(path: Path, api_url: str) -> Inventory:
    """Read what `save` wrote about the NetBox at `api_url`. Raises SnapshotError for everything else."""
    try:
        with collector_paused():
            return from_document(json.loads(zlib.decompress(path.read_bytes())), api_url)
    except OSError as error:
        raise SnapshotError(f"snapshot {path} cannot be read: {error.strerror}") from error
    except (zlib.error, ValueError) as error:
        raise SnapshotError(f"snapshot {path} is damaged: {error}") from error
    except SnapshotError as error:
        raise SnapshotError(f"snapshot {path} cannot be used: {error}") from error


def _sync_directory(path: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
