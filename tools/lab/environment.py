# SPDX-License-Identifier: BSD-2-Clause
"""The virtual environment that the user works in: Ansible, this collection where Ansible looks for it, and `clusto`."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from . import places, uv
from .commands import run
from .terminal import Step


def make_venv(venv: Path, requirements: Path) -> None:
    """Made anew when what it is made of has changed, or when it was left unfinished."""
    parts = [requirements, places.ROOT / "pyproject.toml", Path(__file__)]
    # Its scripts begin with its own path: a checkout that was moved needs another one.
    digest = hashlib.sha256(b"\0".join([os.fsencode(venv), *(part.read_bytes() for part in parts)])).hexdigest()
    complete = venv / "complete"
    if complete.exists() and complete.read_text() == digest:
        return
    shutil.rmtree(venv, ignore_errors=True)
    with Step(f"Python environment {venv.relative_to(places.ROOT)}"):
        run([uv.PYTHON, "-m", "venv", str(venv)], what=f"{uv.PYTHON} -m venv")
        python = venv / "bin/python"
        uv.install(python, "--require-hashes", "--requirement", str(requirements), what=f"installing {requirements}")
        editable = ("--no-deps", "--no-build-isolation", "--editable", str(places.ROOT))
        uv.install(python, *editable, what="installing clusto")
        _link_collection(venv)
    complete.write_text(digest)


def _link_collection(venv: Path) -> None:
    """Ansible finds collections in the site-packages of its own interpreter, whatever its configuration says."""
    (packages,) = venv.glob("lib/python3.*/site-packages")
    namespace = packages / "ansible_collections/clusto"
    namespace.mkdir(parents=True)
    (namespace / "datacenter").symlink_to(places.ROOT)
