# SPDX-License-Identifier: BSD-2-Clause
"""The model people program against: `from clusto.drivers import *`."""

from ..core.ports import define_port_type
from .colo import EquinixDatacenter
from .device import BasicServer, Device, PenguinServer, PenguinServer2U, Server, VirtualMachine
from .entity import Entity
from .equipment import (
    BasicConsoleServer,
    BasicNetworkSwitch,
    BasicPowerStrip,
    Cisco4948,
    ConsoleServer,
    NetworkSwitch,
    OpenGearCM4148,
    PowerStrip,
    PowerTowerXM,
)
from .ipmanager import IPManager
from .namemanager import (
    NameManager,
    SimpleEntityNameManager,
    SimpleNameManager,
    SimpleNumManager,
)
from .place import BasicCage, BasicDatacenter, BasicZone, Cage, Datacenter, Location, Place, Row, Zone
from .pool import ExclusivePool, Pool, UniquePool
from .queries import get_entities, get_from_pools
from .rack import APCRack, BasicRack, Rack, RackAndUnits
from .racklayout import RackLayout
from .resourcemanager import ResourceManager
from .session import Session, connect, get_by_name

__all__ = [
    "APCRack",
    "BasicCage",
    "BasicConsoleServer",
    "BasicDatacenter",
    "BasicNetworkSwitch",
    "BasicPowerStrip",
    "BasicRack",
    "BasicServer",
    "BasicZone",
    "Cage",
    "Cisco4948",
    "ConsoleServer",
    "Datacenter",
    "Device",
    "Entity",
    "EquinixDatacenter",
    "ExclusivePool",
    "IPManager",
    "Location",
    "NameManager",
    "NetworkSwitch",
    "OpenGearCM4148",
    "PenguinServer",
    "PenguinServer2U",
    "Place",
    "Pool",
    "PowerStrip",
    "PowerTowerXM",
    "Rack",
    "RackAndUnits",
    "RackLayout",
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
    "define_port_type",
    "get_by_name",
    "get_entities",
    "get_from_pools",
]
