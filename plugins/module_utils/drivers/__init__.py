# SPDX-License-Identifier: BSD-2-Clause
"""The model people program against: `from clusto.drivers import *`."""

from .entity import Entity
from .place import BasicDatacenter, Cage, Datacenter, Location, Place, Row, Zone
from .pool import ExclusivePool, Pool, UniquePool
from .session import Session, connect, get_by_name

__all__ = [
    "BasicDatacenter",
    "Cage",
    "Datacenter",
    "Entity",
    "ExclusivePool",
    "Location",
    "Place",
    "Pool",
    "Row",
    "Session",
    "UniquePool",
    "Zone",
    "connect",
    "get_by_name",
]
