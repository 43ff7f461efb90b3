# SPDX-License-Identifier: BSD-2-Clause
"""NetBox's own virtual environment, made once per lock file and interpreter."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from . import places, uv
from .cache import once
from .interpreter import find
from .terminal import Step

LOCK = places.REQUIREMENTS / "netbox.txt"


def netbox_version() -> str:
    (version,) = re.findall(r"^netbox==(\S+)", LOCK.read_text(), re.MULTILINE)
    return str(version)


def requirements_digest() -> str:
    """Migrations come from NetBox's dependencies too."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()[:8]


def netbox_python() -> Path:
    """The interpreter of the environment that has NetBox."""
    interpreter = find()

    def make(directory: Path) -> None:
        with Step(f"NetBox {netbox_version()} for {interpreter}"):
            # Relocatable: made under another name than the one it is used by.
            uv.uv(["venv", "--quiet", "--relocatable", "--python", str(interpreter), str(directory)], what="uv venv")
            python = directory / "bin/python"
            # The lock names everything, and deliberately not what NetBox asks for (netbox.override).
            lock = ("--no-deps", "--require-hashes", "--requirement", str(LOCK))
            uv.install(python, "--compile-bytecode", *lock, what="installing NetBox")

    tag = hashlib.sha256(str(interpreter).encode()).hexdigest()[:8]
    name = f"netbox-{netbox_version()}-{requirements_digest()}-{tag}"
    return once(places.cache() / name, make) / "bin/python"
