# SPDX-License-Identifier: BSD-2-Clause
"""What clusto needs in NetBox besides NetBox's own objects, as data. `schema.bootstrap` makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from . import profiles

CUSTOM_FIELDS = "extras/custom-fields"
PROFILES = "extras/config-context-profiles"
ROLES = "dcim/device-roles"
MANUFACTURERS = "dcim/manufacturers"
DEVICE_TYPES = "dcim/device-types"
INTERFACES = "dcim/interface-templates"
CONSOLE_PORTS = "dcim/console-port-templates"
POWER_PORTS = "dcim/power-port-templates"
TEMPLATES = (INTERFACES, CONSOLE_PORTS, POWER_PORTS)

KINDS = {
    CUSTOM_FIELDS: "custom field",
    PROFILES: "config context profile",
    ROLES: "device role",
    MANUFACTURERS: "manufacturer",
    DEVICE_TYPES: "device type",
    INTERFACES: "interface template",
    CONSOLE_PORTS: "console port template",
    POWER_PORTS: "power port template",
}

MANUFACTURER = "clusto"
CLUSTO_TYPES = ("server", "networkswitch", "consoleserver", "powerstrip", "appliance", "firewall", "loadbalancer")

# (profile, what its contexts hold)
ATTRIBUTE_PROFILES = {
    "clusto attributes": "Attributes of a clusto datacenter or location",
    "clusto pool": "A clusto pool; the context's tag marks its members",
    "clusto unique pool": "A clusto pool; a member is in no other unique pool",
    "clusto exclusive pool": "A clusto pool; a member is in no other pool",
}
PORTS = ("dcim.interface", "dcim.consoleport", "dcim.consoleserverport", "dcim.powerport", "dcim.poweroutlet")


@dataclass(frozen=True)
class Needed:
    """One object. Values are as NetBox's API takes them; relations are given by slugs.

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

    @property
    def kind(self) -> str:
        return KINDS[self.endpoint]

    @property
    def body(self) -> dict[str, Any]:
        """What makes it."""
        includes = {name: [*values] for name, values in self.includes.items()}
        return {**self.initial, **self.key, **self.unique, **self.fixed, **self.fields, **includes}


@dataclass(frozen=True)
class Driver:
    """A device type for one of clusto's drivers: rack units, and how many ports of each kind."""

    name: str
    u_height: int = 1
    nics: int = 2
    power_ports: int = 1
    consoles: int = 1


DRIVERS = (Driver("basicserver"), Driver("penguinserver"), Driver("penguinserver2u", u_height=2, power_ports=2))


def needed(extra_dhcp_options: Iterable[str] = ()) -> list[Needed]:
    """Everything, in an order in which each can be made after those before it."""
    attributes = profiles.attributes(extra_dhcp_options)
    return [
        *custom_fields(attributes),
        *context_profiles(attributes),
        *(role(clusto_type) for clusto_type in CLUSTO_TYPES),
        Needed(MANUFACTURERS, MANUFACTURER, {"slug": MANUFACTURER}, unique={"name": MANUFACTURER}),
        *(device_type(driver) for driver in DRIVERS),
        *(template for driver in DRIVERS for template in templates(driver)),
    ]


def custom_fields(attributes: profiles.Schema) -> list[Needed]:
    prefixes = ("ipam.prefix",)
    return [
        custom_field("clusto_driver", "text", ("dcim.site", "dcim.location", "dcim.rack"), "clusto driver"),
        custom_field("clusto_name", "text", prefixes, "Name of the clusto IP manager", unique=True),
        custom_field("clusto_gateway", "text", prefixes, "Gateway of the clusto IP manager"),
        custom_field(
            "clusto_attributes",
            "json",
            ("dcim.rack", *prefixes, *PORTS),
            "clusto attributes",
            validation_schema=attributes,
        ),
    ]


def custom_field(name: str, kind: str, types: tuple[str, ...], description: str, **fields: Any) -> Needed:
    return Needed(
        CUSTOM_FIELDS,
        name,
        {"name": name},
        fixed={"type": kind},
        fields=fields,
        includes={"object_types": types},
        initial={
            "label": name.replace("_", " "),
            "group_name": "clusto",
            "description": description,
            "filter_logic": "exact" if kind == "text" else "disabled",
        },
    )


def context_profiles(attributes: profiles.Schema) -> list[Needed]:
    return [
        profile("clusto name manager", profiles.NAME_MANAGER, "Counter of a clusto name manager; keep it inactive"),
        profile("clusto rack layout", profiles.RACK_LAYOUT, "Layout for clusto racks; keep it inactive"),
        *(profile(name, attributes, description) for name, description in ATTRIBUTE_PROFILES.items()),
    ]


def profile(name: str, schema: profiles.Schema, description: str) -> Needed:
    return Needed(PROFILES, name, {"name": name}, fields={"schema": schema}, initial={"description": description})


def role(clusto_type: str) -> Needed:
    return Needed(
        ROLES,
        clusto_type,
        {"slug": clusto_type},
        initial={"vm_role": clusto_type == "server", "description": f"clusto type {clusto_type}"},
        unique={"name": clusto_type, "parent": None},
    )


def device_type(driver: Driver) -> Needed:
    return Needed(
        DEVICE_TYPES,
        driver.name,
        {"slug": driver.name, "manufacturer": {"slug": MANUFACTURER}},
        fixed={"u_height": driver.u_height},
        initial={"description": f"clusto driver {driver.name}"},
        unique={"model": driver.name, "manufacturer": {"slug": MANUFACTURER}},
    )


def templates(driver: Driver) -> list[Needed]:
    return [
        *(template(driver, INTERFACES, f"eth{n}", "1000base-t") for n in range(driver.nics)),
        *(template(driver, POWER_PORTS, f"psu{n + 1}", "nema-5-15p") for n in range(driver.power_ports)),
        *(template(driver, CONSOLE_PORTS, f"console{n + 1}", "rj-45") for n in range(driver.consoles)),
    ]


def template(driver: Driver, endpoint: str, name: str, kind: str) -> Needed:
    owner = {"slug": driver.name, "manufacturer": {"slug": MANUFACTURER}}
    return Needed(endpoint, f"{driver.name} {name}", {"device_type": owner, "name": name}, initial={"type": kind})
