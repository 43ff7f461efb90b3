# SPDX-License-Identifier: BSD-2-Clause
"""Desired states by the name of their module. Each takes a session and the module's options by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .bootstrap import Bootstrap
from .task import Task

TASKS: dict[str, Callable[..., Task]] = {
    "bootstrap": Bootstrap,
}
QUERIES: dict[str, Callable[..., Any]] = {}
