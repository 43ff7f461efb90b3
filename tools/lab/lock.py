# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import LabError


@contextmanager
def exclusive(directory: Path, *, wait: bool = False) -> Iterator[None]:
    """One run at a time in a directory; the kernel ends the lock with the process, however that ends."""
    directory.mkdir(parents=True, exist_ok=True)
    with (directory / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError as error:
            raise LabError(f"another run is at work in {directory}; wait for its end") from error
        yield
