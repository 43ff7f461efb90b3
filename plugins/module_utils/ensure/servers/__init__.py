# SPDX-License-Identifier: BSD-2-Clause
"""Servers and all other devices, one or many at once: their place, ports, cables, addresses and pools.

`wishes` are what is asked for, `ground` is what was read for them, `plan` makes `targets` of both, `writer` writes
these.
"""

from .task import EnsureDevice, EnsureServer

__all__ = ["EnsureDevice", "EnsureServer"]
