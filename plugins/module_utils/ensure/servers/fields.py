# SPDX-License-Identifier: BSD-2-Clause
"""What is read of each kind of object; what NetBox would have to work for is left out where it is not needed."""

from __future__ import annotations

from collections.abc import Sequence

from ...core.ports import Component
from ...drivers import Device
from ...drivers.ports import COUNTS
from ...netbox.client import Filter, Query

DEVICE = (
    *("id", "name", "display", "display_url", "role", "device_type", "site", "location", "rack", "position", "face"),
    *("tags", "local_context_data", "oob_ip", "description"),
    *(COUNTS[component] for component in Component),
)
"""Of a device: all that its entity, its state and its description need."""
STANDING = ("id", "name", "display", "role", "device_type", "rack", "position")
"""Of a device that may only be in the way."""
TEMPLATE_COUNTS = {component: COUNTS[component].replace("_count", "_template_count") for component in Component}
"""What a device type calls the number of the templates of its ports."""
TYPE = ("id", "slug", "model", "manufacturer", "u_height", *TEMPLATE_COUNTS.values())
RACK = (
    *("id", "name", "display", "display_url", "site", "location", "starting_unit", "u_height", "custom_fields"),
    *("tenant", "tags"),
)
"""Of a rack: all that its entity and its merged attributes need."""
ASSIGNED = ("assigned_object_type", "assigned_object_id")
MAC = ("id", "mac_address", *ASSIGNED)
ADDRESS = ("id", "address", "vrf", "status", "role", "description", *ASSIGNED)


def devices(of_each: Sequence[str] = DEVICE, **filters: Filter) -> Query:
    """Ask for devices; few cost NetBox little."""
    return Query(Device.endpoint, {**filters, "fields": of_each}, short=True)
