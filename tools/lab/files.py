# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
import tempfile
from pathlib import Path


def write_private(path: Path, text: str, owner: int = -1) -> None:
    """Replaces the file in one step; only its owner (a uid; ours if -1) can ever read it."""
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    os.chown(fresh, owner, -1)
    Path(fresh).rename(path)
