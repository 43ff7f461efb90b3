# SPDX-License-Identifier: BSD-2-Clause
"""Racks that build themselves: `get_factory("sv3-001").connect_ports()`."""

from __future__ import annotations

from .arrivals import Arrival
from .factory import RackFactory, get_factory

__all__ = ["Arrival", "RackFactory", "get_factory"]
