# SPDX-License-Identifier: BSD-2-Clause
# ruff: noqa: INP001 - no module: gunicorn reads it
"""Gunicorn's configuration for NetBox: it is loaded once, and is no business of Python's garbage collector.

Workers are forks of a process that has loaded NetBox: they share its memory, and one that is replaced takes no seconds.

Now and then the collector walks through all objects that there are, in the middle of a request: the 650,000 of NetBox
4.7, once it is loaded, keep it busy for 0.4 s each time. Frozen, they are left out. A request makes so many objects
that the collector would begin several times in each: a third of its time; nor need a process that ends look for any.
"""

from __future__ import annotations

import atexit
import gc
from typing import Any

preload_app = True


def when_ready(server: Any) -> None:
    """Before there are workers: load what NetBox would load with its first request, and freeze all of it."""
    from django.db import connections  # noqa: PLC0415 - only gunicorn has NetBox's settings
    from django.urls import get_resolver  # noqa: PLC0415

    server.log.info("%d roots of URLs loaded", len(get_resolver().url_patterns))
    connections.close_all()  # no two processes may have one
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    atexit.register(gc.freeze)
