# SPDX-License-Identifier: BSD-2-Clause
"""Switches that no layout has, and a layout, a factory and a driver of the user's own."""

from __future__ import annotations

from pathlib import Path

from clusto.drivers import Device, extensions
from clusto.racks import get_factory

from .conftest import World
from .daemon import hang_up
from .racked import Plugs, Racked, reachable

OURS = """
from clusto.drivers import Server
from clusto.racks import RackFactory


class GpuServer(Server):
    _driver_name = "GPU"


class GpuRack(RackFactory):
    layout = "LAYOUT"

    def document(self):
        nic = {"number": 1, "connected_to": {"device": "sw1", "number": 1}}
        return {
            "devices": [{"suffix": "sw1", "driver": "basicnetworkswitch", "ru": 10}],
            "servers": {"driver": "GPU"},
            "switchports": {"1": {"ru": 1, "ports": [nic]}},
        }

    def server(self, guest):
        return {**super().server(guest), "attributes": {"gpus": guest.slot.units[0] * 8}}
"""


def test_a_switch_in_no_rack_and_a_rack_without_layout(plugs: Plugs, racked: Racked, world: World) -> None:
    address, mac = world.address(), racked.mac()
    name = world.switch(address)
    there = plugs.at(address)
    there.learnt((mac, 2))
    plugs.told(mac, f"'{name}' is in no rack")
    [switch] = racked.client.list("dcim/devices", name=name)
    bare = world.make("dcim/racks", name=f"bare-{world.run}", site=world.site)
    racked.client.update("dcim/devices", switch["id"], {"rack": bare["id"]})
    there.learnt((mac, 2))
    plugs.told(mac, f"'{bare['name']}' has no layout")
    assert racked.bearing(mac) == []


def test_what_is_the_users_own(plugs: Plugs, racked: Racked, world: World, tmp_path: Path) -> None:
    ours, client = racked.world, racked.client
    driver, layout = ours.name("gpu"), ours.name("gpus")
    path = tmp_path / "ours.py"
    path.write_text(OURS.replace("GPU", driver).replace("LAYOUT", layout))
    maker = {"slug": "clusto"}
    model = client.create("dcim/device-types", {"manufacturer": maker, "model": driver, "slug": driver, "u_height": 2})
    client.create("dcim/interface-templates", {"device_type": model["id"], "name": "eth0", "type": "1000base-t"})
    rack = ours.rack(layout)
    rack.set_attr("snmp", 1, subkey="discovery")
    extensions.load([path])
    get_factory(rack, session=ours.session).connect_ports()
    address, mac = world.address(), racked.mac()
    reachable(client, Device.get(f"{rack.name}-sw1", session=ours.session), address)
    there = plugs.at(address)
    there.learnt((mac, 1))
    plugs.told(mac, f"'{layout}', of which there is neither document nor class")
    plugs.daemon.settings["drivers_path"] = [str(path)]
    hang_up(plugs.daemon)
    there.learnt((mac, 1))
    plugs.made(mac)
    server = racked.server(mac)
    assert (server.driver, list(server.units), server.attr_value("gpus")) == (driver, [1, 2], 8)
    assert server.get_connection("nic-eth", 1)[0].name == f"{rack.name}-sw1"
