# SPDX-License-Identifier: BSD-2-Clause
"""Debian 13's Python on Debian 12, where nothing but Debian's packages can be had.

The packages are unpacked into the cache with their own libraries and loader; the machine's own system is not changed.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from . import debian, places
from .cache import once
from .commands import run
from .errors import LabError
from .terminal import Step

RELEASE, PYTHON = "trixie", "python3.13"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# Beside Python and what it depends on: what wheels with C++ or Rust in them load.
PACKAGES = (PYTHON, f"{PYTHON}-venv", "libgcc-s1", "libstdc++6")


def python() -> Path:
    """Raises LabError where the machine has no Debian mirror, or that has no such release."""
    target = places.cache() / f"{PYTHON}-{RELEASE}"

    def make(directory: Path) -> None:
        with Step(f"{PYTHON} from Debian's {RELEASE}, for NetBox alone"):
            _unpack(_download(directory / "apt"), directory)
            _bind(directory, target)
            shutil.rmtree(directory / "apt")

    return once(target, make) / "usr/bin" / PYTHON


def mirror() -> str:
    """The one that the machine's own apt has its Debian from."""
    fields = "$(ORIGIN)|$(COMPONENT)|$(LABEL)|$(REPO_URI)"
    asked = subprocess.run(
        ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    for line in asked.stdout.splitlines():
        origin, component, label, uri = line.split("|", 3)
        if (origin, component, label) == ("Debian", "main", "Debian"):
            return uri
    raise LabError("apt's sources name no mirror of Debian")


def _download(apt: Path) -> list[Path]:
    """The packages and all that they depend on, checked by apt against Debian's keys; on a system that has nothing."""
    debian.install(["debian-archive-keyring"], places.cache() / "apt.log")
    for directory in ("state/lists/partial", "cache/archives/partial"):
        (apt / directory).mkdir(parents=True)
    (apt / "status").touch()
    (apt / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror()} {RELEASE} main\n")
    options = {
        "Dir::State": apt / "state",
        "Dir::State::status": apt / "status",
        "Dir::Cache": apt / "cache",
        "Dir::Etc::sourcelist": apt / "sources.list",
        "Dir::Etc::sourceparts": "-",
        "Acquire::Languages": "none",
        "APT::Sandbox::User": "root",  # whom the cache may be closed to otherwise
    }
    command = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    run([*command, "update"], what=f"apt-get update for {RELEASE}")
    install = ["install", "--yes", "--download-only", "--no-install-recommends", *PACKAGES]
    run([*command, *install], what=f"downloading {PYTHON} of {RELEASE}")
    return sorted((apt / "cache/archives").glob("*.deb"))


def _unpack(packages: list[Path], directory: Path) -> None:
    for package in packages:
        run(["dpkg-deb", "--extract", str(package), str(directory)], what=f"unpacking {package.name}")


def _bind(directory: Path, target: Path) -> None:
    """Let it start by its own loader, which looks for libraries where they came along, at the place it will have."""
    debian.install(["patchelf"], places.cache() / "apt.log")
    (loader,) = directory.glob("usr/lib/*/ld-linux-*.so.*")
    change = ["--set-interpreter", str(target / loader.relative_to(directory))]
    libraries = ["--force-rpath", "--set-rpath", f"$ORIGIN/../lib/{loader.parent.name}"]
    run(["patchelf", *change, *libraries, str(directory / "usr/bin" / PYTHON)], what="patchelf")
