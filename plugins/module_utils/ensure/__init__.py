# SPDX-License-Identifier: BSD-2-Clause
"""Desired states by the name of their module. Each takes a session and the module's options by name."""

from __future__ import annotations

from collections.abc import Callable

from .attribute import EnsureAttribute
from .bootstrap import Bootstrap
from .connection import EnsureConnection
from .ip_binding import EnsureIPBinding
from .ip_manager import EnsureIPManager
from .name_manager import EnsureNameManager
from .places import EnsureDatacenter, EnsureLocation, EnsureRack
from .pool import EnsurePool
from .queries import AttributeInfo, EntityInfo
from .rack_layout import EnsureRackLayout
from .remote_hands import RemoteHands
from .servers import EnsureDevice, EnsureServer
from .task import Task

TASKS: dict[str, Callable[..., Task]] = {
    "attribute": EnsureAttribute,
    "bootstrap": Bootstrap,
    "connection": EnsureConnection,
    "datacenter": EnsureDatacenter,
    "device": EnsureDevice,
    "ip_binding": EnsureIPBinding,
    "ip_manager": EnsureIPManager,
    "location": EnsureLocation,
    "name_manager": EnsureNameManager,
    "pool": EnsurePool,
    "rack": EnsureRack,
    "rack_layout": EnsureRackLayout,
    "remote_hands": RemoteHands,
    "server": EnsureServer,
}
QUERIES: dict[str, Callable[..., EntityInfo | AttributeInfo]] = {
    "attribute_info": AttributeInfo,
    "entity_info": EntityInfo,
}
