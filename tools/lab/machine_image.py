# SPDX-License-Identifier: BSD-2-Clause
"""Images of bare Debian hosts with systemd, made by debootstrap from the machine's own mirror, once per release."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from .commands import run
from .errors import LabError
from .terminal import Step

CODENAMES = {"12": "bookworm", "13": "trixie"}
# What a freshly installed host has that Ansible may count on, and no more: what a role needs, the role installs.
PACKAGES = ("systemd", "systemd-sysv", "dbus", "python3", "openssh-server", "sudo", "ca-certificates", "iproute2")
# A container shares its machine's kernel: modules are not its business.
MASKED = ("systemd-modules-load.service", "systemd-udevd.service")
FALLBACK_MIRROR = "http://deb.debian.org/debian"  # for a machine that has no Debian mirror of its own: Ubuntu


def image(release: str, scratch: Path, environment: Mapping[str, str] = os.environ) -> str:
    """Name the image of a Debian release; it is made, in `scratch`, if it is not there yet."""
    if release not in CODENAMES:
        raise LabError(f"no image for Debian {release!r}; expected one of {', '.join(CODENAMES)}")
    recipe = hashlib.sha256(repr((PACKAGES, MASKED)).encode()).hexdigest()[:8]
    name = f"localhost/clusto-debian:{release}-{recipe}"
    if subprocess.run(["podman", "image", "exists", name], env=environment, check=False).returncode:
        with Step(f"image of Debian {release}") as step:
            _make(name, CODENAMES[release], scratch, environment, step)
    return name


def _make(name: str, codename: str, scratch: Path, environment: Mapping[str, str], step: Step) -> None:
    with tempfile.TemporaryDirectory(prefix=f"debian-{codename}-", dir=scratch) as directory:
        root = Path(directory) / "root"
        root.mkdir(mode=0o755)
        # debootstrap says what it does in lines; about 330 of them for these packages.
        lines = 0

        def progress(_: str) -> None:
            nonlocal lines
            lines += 1
            step.progress(min(lines, 330), 330)

        command = ["debootstrap", "--variant=minbase", f"--include={','.join(PACKAGES)}", codename, str(root), mirror()]
        run(command, what=f"debootstrap {codename}", line=progress)
        for unit in MASKED:
            (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
        for lists in (root / "var/lib/apt/lists").iterdir():
            shutil.rmtree(lists) if lists.is_dir() else lists.unlink()
        # podman makes the image appear when it is whole, and not before.
        archive = Path(directory) / "root.tar"
        run(["tar", "--numeric-owner", "-C", str(root), "-cf", str(archive), "."], what=f"packing Debian {codename}")
        run(["podman", "import", "--quiet", str(archive), name], environment, what=f"podman import {name}")


def mirror() -> str:
    """Where this machine gets its Debian packages."""
    # The archive itself: its security and backports parts bear other labels.
    command = [
        "apt-get",
        "indextargets",
        "--format",
        "$(REPO_URI)",
        "Created-By: Packages",
        "Origin: Debian",
        "Label: Debian",
    ]
    uris = run(command, what="asking apt for the Debian mirror").split()
    return uris[0].rstrip("/") if uris else FALLBACK_MIRROR
