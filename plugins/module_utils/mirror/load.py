# SPDX-License-Identifier: BSD-2-Clause
"""Read a whole NetBox: one list for each kind of object, side by side, only the fields that are used.

MACs and addresses are lists of their own and are joined here, since NetBox looks up what is nested in an interface one
by one. A list costs NetBox 20 to 80 ms before the first record, so those that nothing depends on are not asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ..netbox.client import Client, Query, Record
from ..netbox.records import FIELDS, ONLY_FOR, QUERIES, depended_on
from .build import build
from .inventory import Inventory
from .memory import collector_paused

_ADDRESSES: Final = ("primary_ip4", "primary_ip6")

HOSTS: Final[Mapping[str, Query]] = {
    "devices": Query(
        "dcim/devices", {"fields": (*FIELDS["devices"], "name", "status", "position", *_ADDRESSES, "oob_ip")}
    ),
    "virtual_machines": Query(
        "virtualization/virtual-machines", {"fields": (*FIELDS["virtual_machines"], "name", "status", *_ADDRESSES)}
    ),
    "interfaces": Query(
        "dcim/interfaces",
        {
            "fields": (
                *("id", "device", "name", "type", "label", "enabled", "mgmt_only"),
                *("primary_mac_address", "lag", "bridge", "parent"),
            )
        },
    ),
    "vm_interfaces": Query(
        "virtualization/interfaces",
        {"fields": ("id", "virtual_machine", "name", "enabled", "primary_mac_address", "bridge", "parent")},
    ),
    "mac_addresses": Query(
        "dcim/mac-addresses", {"fields": ("id", "mac_address", "assigned_object_type", "assigned_object_id")}
    ),
    "ip_addresses": Query(
        "ipam/ip-addresses",
        {
            "fields": (
                *("id", "address", "status", "role", "vrf", "dns_name"),
                *("assigned_object_type", "assigned_object_id"),
            ),
            "assigned_to_interface": True,
        },
    ),
    "prefixes": Query("ipam/prefixes", {"fields": (*FIELDS["prefixes"], "prefix", "vrf")}),
}


EVERYTHING: Final[Mapping[str, Query]] = {**HOSTS, **QUERIES}
"""In this order: those that take longest begin first."""


def load(client: Client, loaded_at: float) -> Inventory:
    """Read everything. loaded_at: what the time is now, in seconds since the epoch.

    Raises what `Client.fetch` does: UnavailableError, AccessError.
    """
    with collector_paused():
        return build(read(client), api_url=client.settings.api_url, loaded_at=loaded_at)


def read(client: Client, queries: Mapping[str, Query] = EVERYTHING) -> dict[str, list[Record]]:
    """Return these lists, but for those that change nothing in what `build` makes of them."""
    later = {"vm_interfaces", *ONLY_FOR}
    found = client.fetch({kind: query for kind, query in queries.items() if kind not in later})
    needed = depended_on(found["contexts"])
    if found.get("virtual_machines"):
        needed.add("vm_interfaces")
    return found | client.fetch({kind: query for kind, query in queries.items() if kind in later & needed})
