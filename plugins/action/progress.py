# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
"""What runs the modules that take lists (meta/runtime.yml): as usual, but telling how far a long list is."""

from __future__ import annotations

import tempfile
import threading
from pathlib import Path
from typing import Any, Self

from ansible.plugins.action.normal import ActionModule as Normal
from ansible.utils.display import Display
from ansible_collections.clusto.datacenter.plugins.module_utils.core.progress import LONG, VARIABLE

INTERVAL = 0.5  # seconds


class Watch:
    """Shows every line that is appended to a file of its own."""

    def __init__(self) -> None:
        self._directory = tempfile.TemporaryDirectory(prefix="clusto-")
        self.path = Path(self._directory.name, "progress")
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> Self:
        self.path.touch()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._directory.cleanup()

    def _follow(self) -> None:
        display = Display()
        with self.path.open(encoding="utf-8") as lines:
            ended = False
            while not ended:
                ended = self._end.wait(INTERVAL)
                for line in lines:
                    display.display(line.rstrip("\n"))


class ActionModule(Normal):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        if not self._is_long() or not self._is_here():
            return dict(super().run(tmp, task_vars))
        with Watch() as watch:
            self._task.environment = [*(self._task.environment or []), {VARIABLE: str(watch.path)}]
            return dict(super().run(tmp, task_vars))

    def _is_long(self) -> bool:
        return any(isinstance(value, list) and len(value) >= LONG for value in self._task.args.values())

    def _is_here(self) -> bool:
        """Whether the module runs on the controller, as the same user, while we wait for it."""
        return self._connection.transport == "local" and not self._play_context.become and not self._task.async_val
