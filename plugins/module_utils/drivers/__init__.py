# SPDX-License-Identifier: BSD-2-Clause
"""The model people program against: `from clusto.drivers import *`."""

from .device import BasicServer, Device, PenguinServer, PenguinServer2U, Server, VirtualMachine
from .entity import Entity
from .ipmanager import IPManager
from .namemanager import (
    NameManager,
    ResourceManager,
    SimpleEntityNameManager,
    SimpleNameManager,
    SimpleNumManager,
)
from .place import BasicDatacenter, Cage, Datacenter, Location, Place, Row, Zone
from .pool import ExclusivePool, Pool, UniquePool
from .queries import get_entities, get_from_pools
from .rack import APCRack, BasicRack, Rack, RackAndUnits
from .session import Session, connect, get_by_name

__all__ = [
    "APCRack",
    "BasicDatacenter",
    "BasicRack",
    "BasicServer",
    "Cage",
    "Datacenter",
    "Device",
    "Entity",
    "ExclusivePool",
    "IPManager",
    "Location",
    "NameManager",
    "PenguinServer",
    "PenguinServer2U",
    "Place",
    "Pool",
    "Rack",
    "RackAndUnits",
    "ResourceManager",
    "Row",
    "Server",
    "Session",
    "SimpleEntityNameManager",
    "SimpleNameManager",
    "SimpleNumManager",
    "UniquePool",
    "VirtualMachine",
    "Zone",
    "connect",
    "get_by_name",
    "get_entities",
    "get_from_pools",
]
