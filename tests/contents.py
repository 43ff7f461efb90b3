# SPDX-License-Identifier: BSD-2-Clause
"""Inventories as text, to be compared by tests: Python holds true for 1, and an order of keys for none."""

from __future__ import annotations

import json
from dataclasses import asdict

from clusto.mirror.inventory import Inventory


def contents(inventory: Inventory) -> str:
    """All that it holds, a line for each thing."""
    places = (*inventory.sites.values(), *inventory.locations.values(), *inventory.racks.values())
    things = (*inventory.hosts, *places, *inventory.pools.values(), *inventory.managers)
    rows = [json.dumps(asdict(thing), sort_keys=True, default=sorted) for thing in things]
    return "\n".join([*rows, *inventory.warnings])
