# SPDX-License-Identifier: BSD-2-Clause
"""Where things lie: everything is in the checkout but the cache."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
QUICKSTART = ROOT / ".quickstart"
TEST = ROOT / ".test"
REQUIREMENTS = ROOT / "requirements"


def cache() -> Path:
    """What is dear to make and the same for every checkout: NetBox's environment and its migrated database."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    # XDG base directory specification: a relative path is to be ignored.
    return (Path(base) if base.startswith("/") else Path.home() / ".cache") / "clusto-datacenter"
