# SPDX-License-Identifier: BSD-2-Clause
"""The front door: ./quickstart as a user runs it in a fresh checkout, and what one does next."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.lab.places import ROOT
from tools.lab.ports import free_port

MADE_HERE = (".git", ".test", ".quickstart", "__pycache__", ".*_cache", ".hypothesis")
LONGEST = 1200  # seconds


class Checkout:
    """A copy, so that the user's own quickstart goes on as it is."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        shutil.copytree(ROOT, directory, symlinks=True, ignore=shutil.ignore_patterns(*MADE_HERE))

    def quickstart(self, *arguments: str) -> str:
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("NETBOX_", "CLUSTO_"))}
        done = subprocess.run(
            [self.directory / "quickstart", *arguments],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LONGEST,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    checkout = Checkout(tmp_path / "clusto.datacenter")
    yield checkout
    checkout.quickstart("stop")
    shutil.rmtree(checkout.directory)  # some hundred megabytes, which pytest would keep


def test_the_whole_story(checkout: Checkout) -> None:
    """A trap brings a server into its rack, and DHCP clients get what NetBox has for it; then one more."""
    told = checkout.quickstart("--port", str(free_port()))
    assert "What to look at next" in told
    assert "got 192.168.1." in told
    plugged = checkout.quickstart("plug", "3", "00:11:22:33:44:67")
    assert "server made" in plugged
    assert "nothing to do, it is there" in checkout.quickstart("plug", "3", "00:11:22:33:44:67")
    assert "and every option that the inventory has for it" in checkout.quickstart("boot")
    log = checkout.directory / ".quickstart/log/dhcpd.log"
    assert "00:11:22:33:44:67" in log.read_text()
    ended = checkout.quickstart("stop")
    assert ended.startswith("Ended: ")
    assert checkout.quickstart("status").count("not running") == len(checkout.quickstart("status").splitlines())
    assert "Nothing was running" in checkout.quickstart("stop")
