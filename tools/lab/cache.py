# SPDX-License-Identifier: BSD-2-Clause
"""Things made once: whole or not at all, by one maker at a time."""

from __future__ import annotations

import fcntl
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from .terminal import say


def once(target: Path, make: Callable[[Path], None]) -> Path:
    """The directory `target`, made by `make(directory)` if it is not there.

    A second maker waits for the first. What a killed one left behind is thrown away; what fails leaves nothing.
    """
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_name(f".{target.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"    waiting for another run that makes {target}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not target.is_dir():
            _make(target, make)
    return target


def _make(target: Path, make: Callable[[Path], None]) -> None:
    unfinished = f".{target.name}.making-"
    for left in target.parent.glob(f"{unfinished}*"):
        shutil.rmtree(left)
    # Short and readable by all: programs of other users run in it; what is secret has its own mode.
    making = Path(tempfile.mkdtemp(prefix=unfinished, dir=target.parent))
    making.chmod(0o755)
    try:
        make(making)
        making.rename(target)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise
