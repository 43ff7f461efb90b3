# SPDX-License-Identifier: BSD-2-Clause
"""uv, the installer of everything else; pip installs it, into the cache, once per version."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from . import places
from .cache import once
from .commands import run
from .errors import LabError
from .terminal import Step

PYTHON = "/usr/bin/python3"
# As pip and uv say it.
UNREACHABLE = re.compile(r"NewConnectionError|name resolution|dns error|client error \(Connect\)|operation timed out")
LOCK = places.REQUIREMENTS / "uv.txt"


def uv(arguments: Sequence[str], environment: Mapping[str, str] | None = None, *, what: str) -> None:
    _fetch([str(_program()), *arguments], {**_environment(), **(environment or {})}, what)


def install(python: Path, *arguments: str, what: str) -> None:
    """Like `pip install ARGUMENTS` into the environment of that interpreter."""
    uv(["pip", "install", "--quiet", "--python", str(python), *arguments], what=what)


def _fetch(command: Sequence[str], environment: Mapping[str, str] | None, what: str) -> None:
    try:
        run(command, environment, what=what)
    except LabError as error:
        if not UNREACHABLE.search(str(error)):
            raise
        raise LabError(
            f"{what}: no package index answers; check the network, the proxy, or the mirror that pip is set up for"
        ) from error


def _program() -> Path:
    def make(directory: Path) -> None:
        with Step("uv, the installer"):
            run([PYTHON, "-m", "venv", str(directory)], what=f"{PYTHON} -m venv")
            pip = [str(directory / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            _fetch([*pip, "--retries", "2", "--require-hashes", "--requirement", str(LOCK)], None, "installing uv")

    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]
    return once(places.cache() / f"uv-{digest}", make) / "bin/uv"


def _environment() -> dict[str, str]:
    """Ours, and the mirror that the machine is set up for: uv does not read pip's configuration."""
    # And the certificates that the machine trusts, not only those that uv was built with.
    environment = {"UV_SYSTEM_CERTS": "1", **os.environ}
    if "UV_DEFAULT_INDEX" not in environment and (index := _pip_index()):
        environment["UV_DEFAULT_INDEX"] = index
    return environment


def _pip_index() -> str:
    asked = subprocess.run(
        [_program().with_name("python"), "-m", "pip", "config", "get", "global.index-url"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return asked.stdout.strip()  # empty, with an exit status, when there is none


__all__ = ["install", "uv"]
