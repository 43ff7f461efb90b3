# SPDX-License-Identifier: BSD-2-Clause
"""A rack's equipment as others have it in NetBox: port names of several makers, patch panels, power of two kinds."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clusto.netbox.client import Client

Ports = Mapping[str, Sequence[Mapping[str, Any]]]

SWITCH: Ports = {
    "interface": [
        *({"name": f"GigabitEthernet1/0/{n}", "type": "1000base-t"} for n in range(1, 49)),
        *({"name": f"TenGigabitEthernet1/1/{n}", "type": "10gbase-x-sfpp"} for n in (1, 2)),
        {"name": "Vlan1", "type": "virtual"},
        {"name": "Port-channel1", "type": "lag"},
        {"name": "mgmt0", "type": "1000base-t", "mgmt_only": True},
    ],
    "console-port": [{"name": "con0", "type": "rj-45"}],
    "power-port": [{"name": f"PS-{side}", "type": "iec-60320-c14"} for side in "AB"],
}
CONSOLE: Ports = {
    "interface": [{"name": "Net 1", "type": "1000base-t"}],
    "console-server-port": [{"name": f"Port {n}", "type": "rj-45"} for n in range(1, 13)],
    "console-port": [{"name": "Console", "type": "rj-45"}],
    "power-port": [{"name": "1", "type": "nema-5-15p"}],
}
POWER: Ports = {
    "power-port": [{"name": "Input", "type": "nema-l5-30p"}],
    "power-outlet": [
        *({"name": f"aa{n}", "type": "nema-5-20r"} for n in range(1, 13)),
        *({"name": f"C{n}", "type": "iec-60320-c13"} for n in range(1, 5)),
    ],
}
PANEL_PORTS = 6
SERVER: Ports = {
    "interface": [
        *({"name": f"enp3s0f{n}", "type": "25gbase-x-sfp28"} for n in (0, 1)),
        {"name": "bond0", "type": "lag"},
        {"name": "iDRAC", "type": "1000base-t", "mgmt_only": True},
    ],
    "console-port": [{"name": "ttyS0", "type": "de-9"}],
    "power-port": [{"name": f"PSU.Slot.{n}", "type": "iec-60320-c14"} for n in (1, 2)],
}


@dataclass(frozen=True)
class Gear:
    """The names of the devices."""

    switch: str
    console: str
    power: str
    panel: str
    far_panel: str
    servers: tuple[str, ...]


class Workshop:
    """Makes device types and devices over the REST API alone; their names are this run's own."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.run = uuid.uuid4().hex[:6]
        maker = {"name": f"maker-{self.run}", "slug": f"maker-{self.run}"}
        self.maker = client.create("dcim/manufacturers", maker)["id"]
        self.site = client.create("dcim/sites", {"name": f"site-{self.run}", "slug": f"site-{self.run}"})["id"]

    def gear(self, servers: int) -> Gear:
        panel = self.panel_type()
        names = [self.device("switch", "networkswitch", self.type("switch", SWITCH))]
        names.append(self.device("console", "consoleserver", self.type("console", CONSOLE)))
        names.append(self.device("power", "powerstrip", self.type("power", POWER)))
        names += [self.device(stem, "appliance", panel) for stem in ("panel", "far-panel")]
        model = self.type("server", SERVER)
        return Gear(*names, tuple(self.device(f"server{n}", "server", model) for n in range(servers)))

    def type(self, stem: str, ports: Ports) -> int:
        name = f"{stem}-{self.run}"
        body = {"manufacturer": self.maker, "model": name, "slug": name, "u_height": 1}
        made = int(self.client.create("dcim/device-types", body)["id"])
        for kind, of_kind in ports.items():
            self.client.create(f"dcim/{kind}-templates", [{"device_type": made, **port} for port in of_kind])
        return made

    def panel_type(self) -> int:
        """A patch panel: behind front port Fn is rear port Rn."""
        made = self.type("panel", {"rear-port": [{"name": f"R{n}", "type": "8p8c"} for n in range(1, PANEL_PORTS + 1)]})
        rear = self.client.list("dcim/rear-port-templates", device_type_id=made)
        self.client.create("dcim/front-port-templates", [{"device_type": made, **front(port)} for port in rear])
        return made

    def device(self, stem: str, role: str, model: int) -> str:
        name = f"{stem}-{self.run}"
        body = {"name": name, "role": {"slug": role}, "device_type": model, "site": self.site}
        self.client.create("dcim/devices", body)
        return name

    def component(self, kind: str, device: str, name: str) -> int:
        """The id of a port."""
        found = self.client.one(f"dcim/{kind}s", device=device, name=name)
        assert found is not None
        return int(found["id"])

    def cable(self, a: Iterable[tuple[str, int]], b: Iterable[tuple[str, int]], **fields: Any) -> int:
        """A cable as others make it; ends are object type and id."""
        sides = {
            f"{side}_terminations": [{"object_type": f"dcim.{type_}", "object_id": id_} for type_, id_ in ends]
            for side, ends in (("a", a), ("b", b))
        }
        return int(self.client.create("dcim/cables", {**sides, **fields})["id"])


def front(rear: Mapping[str, Any]) -> dict[str, Any]:
    through = {"position": 1, "rear_port": rear["id"], "rear_port_position": 1}
    return {"name": rear["name"].replace("R", "F"), "type": "8p8c", "rear_ports": [through]}
