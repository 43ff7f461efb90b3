# SPDX-License-Identifier: BSD-2-Clause
"""NetBox's records, as the API gives them, turned into `core` values. Nothing here asks NetBox: it reads what was read.

A whole NetBox: `world = World(client.fetch(QUERIES))`, then for each device
`merged(world.device(record), world.contexts, attributes(record))`, and the like for all else that has attributes.
"""

from .fields import FIELDS, ONLY_FOR, QUERIES, depended_on
from .pools import Pool, Pools
from .world import Surroundings, World, attributes, device_surroundings, machine_surroundings, own_contexts

__all__ = [
    "FIELDS",
    "ONLY_FOR",
    "QUERIES",
    "Pool",
    "Pools",
    "Surroundings",
    "World",
    "attributes",
    "depended_on",
    "device_surroundings",
    "machine_surroundings",
    "own_contexts",
]
