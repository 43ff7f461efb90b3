# SPDX-License-Identifier: BSD-2-Clause
"""The keys of the devicetype-library's files that NetBox 4.7 has a place for, and the kinds of their values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Final

from .needed import (
    BAY_TYPES,
    CONSOLE_PORTS,
    CONSOLE_SERVER_PORTS,
    COOLING_INTAKES,
    COOLING_OUTFLOWS,
    DEVICE_BAYS,
    FRONT_PORTS,
    INTERFACES,
    INVENTORY_ITEMS,
    ITEM_ROLES,
    MANUFACTURERS,
    MODULE_BAYS,
    PLATFORMS,
    POWER_OUTLETS,
    POWER_PORTS,
    REAR_PORTS,
)

Keys = Mapping[str, type]

FIELDS: Final[Keys] = {
    "manufacturer": str,
    "model": str,
    "slug": str,
    "default_platform": str,
    "part_number": str,
    "u_height": float,
    "is_full_depth": bool,
    "exclude_from_utilization": bool,
    "subdevice_role": str,
    "airflow": str,
    "cooling_method": str,
    "weight": float,
    "weight_unit": str,
    "end_of_life": dt.date,
    "description": str,
    "comments": str,
    "owner": str,
    "tags": list,
}
REQUIRED: Final = ("manufacturer", "model", "slug")
MARKS: Final = {"front_image", "rear_image", "is_powered", "_is_power_source"}
"""The library's own: whether it has pictures, and what its own tests need to know."""

NAMED: Final = {"name": str, "label": str, "description": str}
TYPED: Final = {**NAMED, "type": str}
PORT: Final = {**TYPED, "color": str, "positions": int}
COOLING: Final = {**TYPED, "diameter": float, "diameter_unit": str}
INTERFACE: Final = {
    **TYPED,
    "enabled": bool,
    "mgmt_only": bool,
    "bridge": str,
    "parent": str,
    "channels": int,
    "channel_id": int,
    "poe_mode": str,
    "poe_type": str,
    "rf_role": str,
}

# key of the file -> (where NetBox keeps it, the keys of one component)
COMPONENTS: Final[Mapping[str, tuple[str, Keys]]] = {
    "interfaces": (INTERFACES, INTERFACE),
    "console-ports": (CONSOLE_PORTS, TYPED),
    "console-server-ports": (CONSOLE_SERVER_PORTS, TYPED),
    "power-ports": (POWER_PORTS, {**TYPED, "maximum_draw": int, "allocated_draw": int}),
    "power-outlets": (POWER_OUTLETS, {**TYPED, "power_port": str, "feed_leg": str, "color": str}),
    "cooling-intakes": (COOLING_INTAKES, {**COOLING, "max_flow": float, "max_flow_unit": str}),
    "cooling-outflows": (COOLING_OUTFLOWS, {**COOLING, "cooling_intake": str}),
    "rear-ports": (REAR_PORTS, PORT),
    "front-ports": (FRONT_PORTS, {**PORT, "rear_port": str, "rear_port_position": int}),
    "module-bays": (MODULE_BAYS, {**NAMED, "position": str, "enabled": bool, "module_bay_types": list}),
    "device-bays": (DEVICE_BAYS, {**NAMED, "enabled": bool}),
    "inventory-items": (INVENTORY_ITEMS, {**NAMED, "manufacturer": str, "part_id": str, "role": str}),
}
REFERS: Final[Mapping[tuple[str, str], str]] = {
    ("interfaces", "bridge"): "interfaces",
    ("interfaces", "parent"): "interfaces",
    ("power-outlets", "power_port"): "power-ports",
    ("cooling-outflows", "cooling_intake"): "cooling-intakes",
    ("front-ports", "rear_port"): "rear-ports",
}
"""What names another component of the same file, and where that stands."""

HARMFUL: Final[Mapping[tuple[str, str], str]] = {
    # It looks for the parent among the new device's items before it makes any of them
    ("inventory-items", "parent"): "NetBox 4.7.3 makes no device of a type whose inventory items have parents"
}
"""What NetBox has a place for and yet must not be told, and why."""

SHARED: Final[Mapping[tuple[str, str], str]] = {
    ("", "manufacturer"): MANUFACTURERS,
    ("", "default_platform"): PLATFORMS,
    ("inventory-items", "manufacturer"): MANUFACTURERS,
    ("inventory-items", "role"): ITEM_ROLES,
    ("module-bays", "module_bay_types"): BAY_TYPES,
}
"""What names an object that other device types may name too, and where NetBox keeps it."""

MAPPINGS: Final = "port-mappings"
MAPPING: Final[Keys] = {"front_port": str, "front_port_position": int, "rear_port": str, "rear_port_position": int}

EXPECTED: Final[Mapping[type, str]] = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    list: "a list of names",
    dt.date: "a date, such as 2031-12-31",
}
