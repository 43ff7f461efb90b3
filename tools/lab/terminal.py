# SPDX-License-Identifier: BSD-2-Clause
"""What the user sees while it works: one line per step, counted live on a terminal, in tenths elsewhere."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType
from typing import Self


def say(text: str = "") -> None:
    print(text, flush=True)


def forget_output() -> None:
    """For when nobody reads it any more (`| head`): Python, too, would complain when it flushes it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class Step:
    """`with Step("NetBox's database") as step: step.progress(3, 500)`; ends with the seconds it took."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._began = time.monotonic()
        self._live = sys.stdout.isatty()
        self._tenth = 0

    def __enter__(self) -> Self:
        self._show("…", end="" if self._live else "\n")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        outcome = "done" if kind is None else "failed"
        self._show(f"{outcome} ({time.monotonic() - self._began:.0f} s)", end="\n")

    def progress(self, done: int, total: int) -> None:
        text = f"{done} / {total}"
        if self._live:
            self._show(text, end="")
        elif (tenth := 10 * done // max(total, 1)) > self._tenth:
            self._tenth = tenth
            self._show(text, end="\n")

    def _show(self, text: str, end: str) -> None:
        start = "\r\033[K" if self._live else ""
        print(f"{start}==> {self.title}: {text}", end=end, flush=True)
