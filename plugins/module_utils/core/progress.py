# SPDX-License-Identifier: BSD-2-Clause
"""How a module that runs on the controller tells the action plugin that started it how far a long list is."""

from __future__ import annotations

from typing import Final

VARIABLE: Final = "CLUSTO_PROGRESS"
"""Environment variable: the file to which the module appends lines for people."""
LONG: Final = 100
"""From so many items on a list is long enough for somebody to wonder."""
