# SPDX-License-Identifier: BSD-2-Clause
"""A Python that NetBox runs on (3.12 or later), where the system's own is older (Debian 12 has 3.11).

What the machine has comes first, then what uv can fetch, then Debian 13's packages.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import places, trixie, uv
from .errors import LabError
from .terminal import Step

MINIMUM = (3, 12)
FETCHED = "python3.13"
NAMES = ("python3.13", "python3.12", "python3.14", "python3")
# What NetBox imports and a self-built Python may lack.
PROBE = "import ctypes, lzma, ssl, sys, venv, zlib; print(*sys.version_info[:2], sys.executable)"


def find() -> Path:
    """Find or fetch one; raises LabError with what was tried."""
    for candidate in candidates():
        if found := probe(candidate):
            return found
    failures = []
    for fetch in (_from_uv, trixie.python):
        try:
            fetched = fetch()
        except LabError as error:
            failures.append(str(error))
            continue
        if found := probe(fetched):
            return found
        failures.append(f"{fetched} does not run")
    wanted = ".".join(map(str, MINIMUM))
    raise LabError(
        "\n".join([f"NetBox needs Python {wanted} or later; none is here and none could be had:", *failures])
    )


def candidates() -> Iterator[Path]:
    """Names in order of preference; for each, the search path first."""
    for name in NAMES:
        if on_path := shutil.which(name):
            yield Path(on_path)
        yield Path("/usr/bin") / name
        yield Path("/usr/local/bin") / name
        yield from sorted(Path.home().glob(f".pyenv/versions/*/bin/{name}"), reverse=True)
    # What an earlier run has fetched.
    yield from places.cache().glob(f"python/*/bin/{FETCHED}")
    yield from places.cache().glob(f"{trixie.PYTHON}-{trixie.RELEASE}/usr/bin/{trixie.PYTHON}")


def probe(candidate: Path) -> Path | None:
    """The interpreter behind the name (pyenv's names are scripts that may refuse), if it is complete and new enough."""
    if not os.access(candidate, os.X_OK):
        return None
    asked = subprocess.run([candidate, "-IBc", PROBE], capture_output=True, text=True, check=False)
    if asked.returncode:
        return None
    major, minor, executable = asked.stdout.strip().split(" ", 2)
    return Path(executable).resolve() if (int(major), int(minor)) >= MINIMUM else None


def _from_uv() -> Path:
    """Fetch one of the builds that uv knows; given up soon where only package registries can be reached."""
    directory = places.cache() / "python"
    limits = {"UV_HTTP_TIMEOUT": "30", "UV_HTTP_RETRIES": "1", "UV_PYTHON_INSTALL_DIR": str(directory)}
    if not (found := list(directory.glob(f"*/bin/{FETCHED}"))):
        with Step(f"{FETCHED} from uv, for NetBox alone"):
            uv.uv(["python", "install", "--no-bin", FETCHED.removeprefix("python")], limits, what="uv python install")
        found = list(directory.glob(f"*/bin/{FETCHED}"))
    return found[0]
