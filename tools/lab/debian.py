# SPDX-License-Identifier: BSD-2-Clause
"""Debian packages: only the missing ones, without questions, and without starting the services that they bring."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from .errors import LabError
from .terminal import Step

POLICY = Path("/usr/sbin/policy-rc.d")
# invoke-rc.d(8): 101 forbids the action.
NO_SERVICES = "#!/bin/sh\n# made by clusto.datacenter's quickstart while it installs packages\nexit 101\n"
LOCK = "DPkg::Lock::Timeout=600"  # seconds to wait for another apt, such as the one of unattended upgrades
CLUSTERS = Path("/etc/postgresql-common/createcluster.d/clusto-quickstart.conf")


def missing(packages: Sequence[str]) -> list[str]:
    if not packages:
        return []
    asked = subprocess.run(
        ["dpkg-query", "--show", "--showformat", "${Package} ${db:Status-Status}\n", *packages],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    installed = {line.split()[0] for line in asked.stdout.splitlines() if line.endswith(" installed")}
    return [package for package in packages if package not in installed]


def install(packages: Sequence[str], log: Path) -> None:
    """Raises LabError with apt's own words."""
    wanted = missing(packages)
    if not wanted:
        return
    log.parent.mkdir(parents=True, exist_ok=True)
    with Step(f"Debian packages: {' '.join(wanted)}") as step, log.open("w") as output:
        _apt(["update"], output, step)
        with _no_services():
            options = ["--yes", "--no-install-recommends", "-o", "Dpkg::Options::=--force-confold"]
            _apt(["install", *options, *wanted], output, step)


def _apt(arguments: list[str], log: IO[str], step: Step) -> None:
    """apt-get, its talk in the log, its progress (apt's status file descriptor) as a percentage."""
    reader, writer = os.pipe()
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    command = ["apt-get", "-q", "-o", f"APT::Status-Fd={writer}", "-o", "Acquire::Retries=2", "-o", LOCK, *arguments]
    with os.fdopen(reader) as status:
        apt = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, pass_fds=[writer]
        )
        os.close(writer)
        for line in status:
            kind, _, percent = line.split(":", 3)[:3]
            # Downloads count as the first half, unpacking and configuring as the second.
            step.progress(int(float(percent) / 2) + (50 if kind == "pmstatus" else 0), 100)
        if apt.wait():
            said = [line for line in Path(log.name).read_text().splitlines() if line.startswith(("E:", "W:", "Err:"))]
            raise LabError("\n    ".join([f"apt-get {arguments[0]} failed; all of it is in {log.name}", *said[-8:]]))


@contextmanager
def _no_services() -> Iterator[None]:
    """No service is started, and PostgreSQL's packages make no cluster, while this lasts.

    A policy of the administrator's stands; what a killed run of ours left is taken over.
    """
    ours = not POLICY.exists() or POLICY.read_text() == NO_SERVICES
    CLUSTERS.parent.mkdir(parents=True, exist_ok=True)
    try:
        CLUSTERS.write_text("create_main_cluster = false\n")
        if ours:
            POLICY.write_text(NO_SERVICES)
            POLICY.chmod(0o755)
        yield
    finally:
        if ours:
            POLICY.unlink(missing_ok=True)
        CLUSTERS.unlink(missing_ok=True)
