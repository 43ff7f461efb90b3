# SPDX-License-Identifier: BSD-2-Clause
"""What shall be in a NetBox, object by object, as data. `schema.bootstrap` compares it with what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

CUSTOM_FIELDS = "extras/custom-fields"
PROFILES = "extras/config-context-profiles"
ROLES = "dcim/device-roles"
MANUFACTURERS = "dcim/manufacturers"
PLATFORMS = "dcim/platforms"
ITEM_ROLES = "dcim/inventory-item-roles"
BAY_TYPES = "dcim/module-bay-types"
DEVICE_TYPES = "dcim/device-types"
INTERFACES = "dcim/interface-templates"
CONSOLE_PORTS = "dcim/console-port-templates"
CONSOLE_SERVER_PORTS = "dcim/console-server-port-templates"
POWER_PORTS = "dcim/power-port-templates"
POWER_OUTLETS = "dcim/power-outlet-templates"
COOLING_INTAKES = "dcim/cooling-intake-templates"
COOLING_OUTFLOWS = "dcim/cooling-outflow-templates"
REAR_PORTS = "dcim/rear-port-templates"
FRONT_PORTS = "dcim/front-port-templates"
MODULE_BAYS = "dcim/module-bay-templates"
DEVICE_BAYS = "dcim/device-bay-templates"
INVENTORY_ITEMS = "dcim/inventory-item-templates"

KINDS = {
    CUSTOM_FIELDS: "custom field",
    PROFILES: "config context profile",
    ROLES: "device role",
    MANUFACTURERS: "manufacturer",
    PLATFORMS: "platform",
    ITEM_ROLES: "inventory item role",
    BAY_TYPES: "module bay type",
    DEVICE_TYPES: "device type",
    INTERFACES: "interface template",
    CONSOLE_PORTS: "console port template",
    CONSOLE_SERVER_PORTS: "console server port template",
    POWER_PORTS: "power port template",
    POWER_OUTLETS: "power outlet template",
    COOLING_INTAKES: "cooling intake template",
    COOLING_OUTFLOWS: "cooling outflow template",
    REAR_PORTS: "rear port template",
    FRONT_PORTS: "front port template",
    MODULE_BAYS: "module bay template",
    DEVICE_BAYS: "device bay template",
    INVENTORY_ITEMS: "inventory item template",
}
"""What people call them, in an order in which each can be made after those before it."""

TEMPLATES = tuple(endpoint for endpoint in KINDS if endpoint.endswith("-templates"))


@dataclass(frozen=True)
class Needed:
    """One object. Values are as NetBox's API takes them; relations are given by slugs or names.

    `key` finds it (values of its fields). When it is found, `fixed` must hold or it is another's and in the way;
    `fields` are set where they differ; `includes` are lists that must have at least these; `initial` is left as it is.
    When it is not found, no other object may have all of `unique`: NetBox would refuse ours beside it.
    """

    endpoint: str
    name: str
    key: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Any] = field(default_factory=dict)
    includes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    initial: Mapping[str, Any] = field(default_factory=dict)
    unique: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""
    """The file that asks for it, if one does."""
    depth: int = 0
    """More than that of others of its kind that it refers to, and so is made after."""

    @property
    def kind(self) -> str:
        return KINDS[self.endpoint]

    @property
    def label(self) -> str:
        """How messages name it: `r640.yaml: interface template r640 eth0`."""
        return f"{self.source}: {self.kind} {self.name}" if self.source else f"{self.kind} {self.name}"

    @property
    def body(self) -> dict[str, Any]:
        """What makes it."""
        includes = {name: [*values] for name, values in self.includes.items()}
        return {**self.initial, **self.key, **self.unique, **self.fixed, **self.fields, **includes}
