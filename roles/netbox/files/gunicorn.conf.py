# SPDX-License-Identifier: BSD-2-Clause
# ruff: noqa: INP001 - no module: gunicorn reads it
"""Gunicorn's configuration for NetBox: what NetBox itself consists of is no business of Python's garbage collector.

Now and then the collector walks through all objects that there are, in the middle of a request: the 650,000 of NetBox
4.7, once it is loaded, keep it busy for 0.4 s each time. Frozen, they are left out.
"""

from __future__ import annotations

import gc
from typing import Any


def post_worker_init(worker: Any) -> None:
    """Load what NetBox would load with its first request, and freeze all of it."""
    from django.urls import get_resolver  # noqa: PLC0415 - only a worker has NetBox's settings

    worker.log.info("%d roots of URLs loaded", len(get_resolver().url_patterns))
    gc.collect()
    gc.freeze()
