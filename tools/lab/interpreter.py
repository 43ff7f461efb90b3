# SPDX-License-Identifier: BSD-2-Clause
"""A Python that NetBox runs on (3.12 or later), where the system's own is older (Debian 12 has 3.11)."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from .errors import LabError

MINIMUM = (3, 12)
NAMES = ("python3.13", "python3.12", "python3.14", "python3")
# What NetBox imports and a self-built Python may lack.
PROBE = "import ctypes, lzma, ssl, sys, venv, zlib; print(*sys.version_info[:2], sys.executable)"


def find() -> Path:
    for candidate in candidates():
        if found := probe(candidate):
            return found
    raise LabError("no python")


def candidates() -> Iterator[Path]:
    """Names in order of preference; for each, the search path first."""
    for name in NAMES:
        if on_path := shutil.which(name):
            yield Path(on_path)
        yield Path("/usr/bin") / name
        yield Path("/usr/local/bin") / name
        yield from sorted(Path.home().glob(f".pyenv/versions/*/bin/{name}"), reverse=True)


def probe(candidate: Path) -> Path | None:
    """The interpreter behind the name (pyenv's names are scripts that may refuse), if it is complete and new enough."""
    if not os.access(candidate, os.X_OK):
        return None
    asked = subprocess.run([candidate, "-IBc", PROBE], capture_output=True, text=True, check=False)
    if asked.returncode:
        return None
    major, minor, executable = asked.stdout.strip().split(" ", 2)
    return Path(executable).resolve() if (int(major), int(minor)) >= MINIMUM else None
