# SPDX-License-Identifier: BSD-2-Clause
"""The environment of what ours is measured beside: Ansible with all that the package carries, netbox.netbox too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

PACKAGES = ("ansible==12.3.0", "pynetbox==7.8.0", "packaging==26.3", "pytz==2026.6", "requests==2.34.2")  # for 3.11
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clusto-datacenter"


def environment() -> Path:
    """Make it once; it is kept in the cache directory."""
    where = CACHE / "bench-nb_inventory"
    complete = where / "complete"
    if not complete.exists() or complete.read_text() != str(PACKAGES):
        sys.stderr.write(f"making {where}\n")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(where)], check=True)
        subprocess.run([str(where / "bin/pip"), "install", "--quiet", *PACKAGES], check=True)
        complete.write_text(str(PACKAGES))
    return where
