# SPDX-License-Identifier: BSD-2-Clause
"""What clusto needs in NetBox besides NetBox's own objects, as data. `schema.bootstrap` makes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, Final

from . import device_types, profiles
from .library_names import Names, shared
from .needed import (
    CONSOLE_PORTS,
    CUSTOM_FIELDS,
    DEVICE_TYPES,
    INTERFACES,
    MANUFACTURERS,
    POWER_PORTS,
    PROFILES,
    ROLES,
    TEMPLATES,
    Needed,
)

__all__ = [
    "CONSOLE_PORTS",
    "CUSTOM_FIELDS",
    "DEVICE_TYPES",
    "INTERFACES",
    "MANUFACTURERS",
    "POWER_PORTS",
    "PROFILES",
    "ROLES",
    "TEMPLATES",
    "Needed",
    "needed",
]

MANUFACTURER = "clusto"
CLUSTO_TYPES = {
    "server": "2196f3",
    "networkswitch": "4caf50",
    "consoleserver": "ffc107",
    "powerstrip": "ff5722",
    "appliance": "9e9e9e",
    "firewall": "f44336",
    "loadbalancer": "9c27b0",
}
"""With a colour of NetBox's palette each, which tells them apart in its rack elevations."""

# (profile, what its contexts hold)
ATTRIBUTE_PROFILES = {
    "clusto attributes": "Attributes of a clusto datacenter or location",
    "clusto pool": "A clusto pool; the context's tag marks its members",
    "clusto unique pool": "A clusto pool; a member is in no other unique pool",
    "clusto exclusive pool": "A clusto pool; a member is in no other pool",
}
PORTS = (
    *("dcim.interface", "dcim.consoleport", "dcim.consoleserverport", "dcim.powerport", "dcim.poweroutlet"),
    *("dcim.frontport", "dcim.rearport"),
)


def of_each(name: str, first: int, count: int, **facts: Any) -> list[dict[str, Any]]:
    return [{"name": f"{name}{number}", **facts} for number in range(first, first + count)]


def psu(count: int = 1) -> list[dict[str, Any]]:
    return of_each("psu", 1, count, type="nema-5-15p")


def eth(count: int) -> list[dict[str, Any]]:
    return of_each("eth", 0, count, type="1000base-t")


def device(model: str, u_height: int = 1, **components: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A driver's device type, in the format of the devicetype-library."""
    return {
        "manufacturer": MANUFACTURER,
        "model": model,
        "slug": model,
        "u_height": u_height,
        "description": f"clusto driver {model}",
        **{key.replace("_", "-"): [*ports] for key, ports in components.items()},
    }


def server(model: str, u_height: int = 1, psus: int = 1) -> dict[str, Any]:
    return device(model, u_height, interfaces=eth(2), power_ports=psu(psus), console_ports=SERIAL)


def switch(model: str, *interfaces: Mapping[str, Any]) -> dict[str, Any]:
    return device(model, interfaces=interfaces, power_ports=psu(), console_ports=SERIAL)


def console_server(model: str, ports: int) -> dict[str, Any]:
    lines = of_each("port", 1, ports, type="rj-45")
    return device(model, interfaces=eth(1), power_ports=psu(), console_server_ports=lines)


SERIAL: Final = of_each("console", 1, 1, type="rj-45")
FEEDS: Final = ("aa", "ab", "ba", "bb")
"""Of a Sentry: tower A and its link B, each with the infeeds A and B; the outlets of feed aa are aa1 to aa8."""

DRIVERS: Final = (
    server("basicserver"),
    server("penguinserver"),
    server("penguinserver2u", u_height=2, psus=2),
    switch("basicnetworkswitch", *of_each("port", 1, 24, type="1000base-t")),
    switch(
        "cisco4948",  # as IOS calls its ports; the management port has no number in clusto
        *of_each("GigabitEthernet1/", 1, 48, type="1000base-t"),
        *of_each("TenGigabitEthernet1/", 49, 2, type="10gbase-x-x2"),
        {"name": "FastEthernet1", "type": "100base-tx", "mgmt_only": True},
    ),
    console_server("basicconsoleserver", 24),
    console_server("opengearcm4148", 48),
    device(
        "basicpowerstrip",
        power_ports=psu(),
        power_outlets=of_each("outlet", 1, 8, type="nema-5-15r", power_port="psu1"),
    ),
    device(
        "powertowerxm",  # it stands beside the units of its rack, but clusto's layouts give it one
        interfaces=eth(1),
        console_ports=SERIAL,
        power_ports=[{"name": f"infeed-{feed}", "type": "nema-l5-30p"} for feed in FEEDS],
        power_outlets=chain.from_iterable(
            of_each(feed, 1, 8, type="nema-5-20r", power_port=f"infeed-{feed}") for feed in FEEDS
        ),
    ),
)
"""The device types of clusto's drivers, with the ports that the original's drivers had."""


def needed(extra_dhcp_options: Iterable[str] = ()) -> list[Needed]:
    """Everything that clusto itself needs, in an order in which each can be made after those before it."""
    attributes = profiles.attributes(extra_dhcp_options)
    return [
        *custom_fields(attributes),
        *context_profiles(attributes),
        *(role(clusto_type) for clusto_type in CLUSTO_TYPES),
        *driver_types(),
    ]


def driver_types() -> list[Needed]:
    parsed = [device_types.parse("", document) for document in DRIVERS]
    names = Names({(MANUFACTURERS, MANUFACTURER): MANUFACTURER})
    return [
        *shared(parsed, names),
        *(one for type_ in parsed for one in device_types.needed(type_, names, fixed=["u_height"])),
    ]


def custom_fields(attributes: profiles.Schema) -> list[Needed]:
    prefixes = ("ipam.prefix",)
    return [
        custom_field("clusto_driver", "text", ("dcim.site", "dcim.location", "dcim.rack"), "clusto driver"),
        custom_field("clusto_name", "text", prefixes, "Name of the clusto IP manager", unique=True),
        custom_field("clusto_gateway", "text", prefixes, "Gateway of the clusto IP manager"),
        custom_field(
            "clusto_ranges",
            "json",
            prefixes,
            "Where the clusto IP manager takes the next free address from, such as 192.168.1.50-192.168.1.99",
            validation_schema=profiles.RANGES,
        ),
        custom_field("clusto_adopted", "boolean", prefixes, "Whether others made the prefix of the clusto IP manager"),
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
        initial={
            "vm_role": clusto_type == "server",
            "color": CLUSTO_TYPES[clusto_type],
            "description": f"clusto type {clusto_type}",
        },
        unique={"name": clusto_type, "parent": None},
    )
