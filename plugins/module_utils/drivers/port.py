# SPDX-License-Identifier: BSD-2-Clause
"""One port as NetBox's record tells of it, with what it is connected to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..core import addresses, ports
from ..core.attributes import plain
from ..core.ports import Component, PortType
from .documents import custom_field

if TYPE_CHECKING:
    from .session import Record

MAC = "mac"
VM_INTERFACE = "virtualization.vminterface"
ENDPOINTS: Mapping[str, str] = {
    Component.INTERFACE: "dcim/interfaces",
    Component.CONSOLE_PORT: "dcim/console-ports",
    Component.CONSOLE_SERVER_PORT: "dcim/console-server-ports",
    Component.POWER_PORT: "dcim/power-ports",
    Component.POWER_OUTLET: "dcim/power-outlets",
    Component.FRONT_PORT: "dcim/front-ports",
    Component.REAR_PORT: "dcim/rear-ports",
    VM_INTERFACE: "virtualization/interfaces",
}
COUNTS: Mapping[str, str] = {
    component: f"{endpoint.rpartition('/')[2].removesuffix('s').replace('-', '_')}_count"
    for component, endpoint in ENDPOINTS.items()
}
"""What a device's record calls the number of its ports of each component."""
FIELDS = (
    *("id", "name", "label", "type", "mgmt_only", "primary_mac_address", "custom_fields", "device", "virtual_machine"),
    *("cable", "link_peers", "link_peers_type", "connected_endpoints", "connected_endpoints_type", "_occupied"),
)
"""What is read of a port; each component has some of them."""
USUAL: Mapping[str, str] = {
    Component.INTERFACE: "1000base-t",
    Component.CONSOLE_PORT: "rj-45",
    Component.CONSOLE_SERVER_PORT: "rj-45",
    Component.POWER_PORT: "nema-5-15p",
    Component.POWER_OUTLET: "nema-5-15r",
    Component.FRONT_PORT: "8p8c",
    Component.REAR_PORT: "8p8c",
}
"""NetBox's type of a new port where none is given."""


FEED = "dcim.powerfeed"
CIRCUIT = "circuits.circuittermination"
OUTSIDE: Mapping[str, str] = {FEED: "power-feed", CIRCUIT: "circuit"}
"""What cables end at besides ports of devices, and how clusto calls it."""
OUTSIDE_ENDPOINTS: Mapping[str, str] = {FEED: "dcim/power-feeds", CIRCUIT: "circuits/circuit-terminations"}
OUTSIDE_FIELDS = (*FIELDS, "display", "display_url", "power_panel", "circuit", "term_side")


@dataclass(frozen=True)
class Port:
    """One port as NetBox has it; or as it will be made, when the record is that of its template."""

    object_type: str
    record: Record
    like: PortType | None = None
    """The port type of the port whose record tells of this one, in brief: it is of the same if it can be."""

    @property
    def id(self) -> int:
        return int(self.record["id"])

    @property
    def endpoint(self) -> str:
        return ENDPOINTS.get(self.object_type) or OUTSIDE_ENDPOINTS[self.object_type]

    @property
    def name(self) -> str:
        """NetBox's; of a circuit the side, A or Z."""
        return str(self.record.get("name") or self.record.get("term_side") or self.record["display"])

    @property
    def type(self) -> str:
        """NetBox's, such as `1000base-t`; empty for a virtual machine's."""
        return str((self.record.get("type") or {}).get("value", ""))

    @property
    def mgmt_only(self) -> bool:
        return bool(self.record.get("mgmt_only"))

    @property
    def is_interface(self) -> bool:
        return self.object_type in {Component.INTERFACE, VM_INTERFACE}

    @property
    def device(self) -> str | None:
        """The name of the device that it is at; of a power feed its panel, of the end of a circuit the circuit's id.

        NetBox tells of a power feed in brief without its panel.
        """
        if circuit := self.record.get("circuit"):
            return str(circuit["cid"])
        device = self.record.get("device") or self.record.get("power_panel")
        return str(device["name"] or device["display"]) if device else None

    @property
    def porttype(self) -> str:
        """The name of its port type; of what is none of clusto's ports nor of OUTSIDE, NetBox's object type."""
        if self.like and self.object_type in self.like.components:
            return self.like.name
        if self.object_type == VM_INTERFACE:
            return ports.NIC_ETH.name
        if self.is_port:
            return ports.PORT_TYPES.of(self.object_type, self.type).name
        return OUTSIDE.get(self.object_type, self.object_type)

    @property
    def is_port(self) -> bool:
        """Whether clusto can name it: a component of a device."""
        return self.object_type in set(Component)

    @property
    def title(self) -> str:
        """How messages name it: `sw1, nic-eth 'Gi1/0/1'`, `power feed 'panel/feed'`, `circuit 'cid' side A`."""
        if self.object_type == FEED:
            return f"power feed '{self.device}/{self.name}'" if self.device else f"power feed {self.name!r}"
        if self.object_type == CIRCUIT:
            return f"circuit {self.device!r} side {self.name}"
        return f"{self.device}, {self.porttype} {self.name!r}" if self.device else f"{self.porttype} {self.name!r}"

    # What it is connected to; a template's record tells of nothing

    @property
    def identity(self) -> tuple[str, int] | None:
        """What tells it from all other ports; None for one that is not made yet."""
        placed = self.object_type in OUTSIDE or self.record.get("device")
        return (self.object_type, self.id) if placed and "id" in self.record else None

    @property
    def occupied(self) -> bool:
        """Whether NetBox would refuse a cable: it has one, of whatever status, or is marked as connected."""
        return bool(self.record.get("_occupied"))

    @property
    def cable(self) -> int | None:
        """The id of its cable."""
        cable = self.record.get("cable")
        return int(cable["id"]) if cable else None

    def peers(self) -> list[Port]:
        """The ports at the other end of its cable: one, but for a cable that somebody has split."""
        return self._told("link_peers")

    def ends(self) -> list[Port]:
        """The ports at the far end of its connection, behind all patch panels; none while the path is incomplete.

        NetBox tells no far end of a patch panel's own ports: of those it is the other end of the cable.
        """
        return self.peers() if self.object_type in ports.PASS_THROUGH else self._told("connected_endpoints")

    def _told(self, field: str) -> list[Port]:
        like = ports.PORT_TYPES.of(self.object_type, self.type) if self.is_port else None
        found = [Port(self.record[f"{field}_type"], record, like) for record in self.record.get(field) or ()]
        return ports.in_order(found)

    @property
    def mac(self) -> str | None:
        primary = self.record.get("primary_mac_address")
        return addresses.mac(primary["mac_address"]) if primary else None

    def attributes(self) -> dict[str, Any]:
        own = {} if self.object_type == VM_INTERFACE else plain(custom_field(self.record))
        return {**own, MAC: self.mac} if self.mac else own


def described(connected: Sequence[Port]) -> dict[str, Any] | None:
    """What users read of the port that another is connected to; of a cable that is split, of its first."""
    first = next(iter(connected), None)
    return {"entity": first.device, "type": first.porttype, "port": first.name} if first else None
