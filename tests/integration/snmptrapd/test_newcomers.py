# SPDX-License-Identifier: BSD-2-Clause
"""Servers that are plugged in: real notifications, the running program with its own token, a real NetBox."""

from __future__ import annotations

import signal
from pathlib import Path

from clusto.drivers import BasicNetworkSwitch, IPManager, Server
from clusto.drivers.ports import set_mac
from clusto.snmptrapd.findings import FEW

from ..proxy import Proxy, lose, refuse
from .agent import COMMUNITY, Agent, forwarding, ports
from .daemon import hang_up
from .racked import Plugs, Racked


def plugged_in(plugs: Plugs, racked: Racked, port: int) -> tuple[str, Server]:
    """One more server, and the MAC address of its first NIC."""
    mac = racked.mac()
    plugs.learnt((mac, port))
    plugs.made(mac)
    return mac, racked.server(mac)


def test_a_new_server_appears_complete_and_only_once(plugs: Plugs, racked: Racked) -> None:
    name = racked.world.names.peek()
    mac, server = plugged_in(plugs, racked, 1)
    assert [server.name] == name
    racked.check_whole(server, 1)
    assert server.port("nic-eth", 1).mac == mac
    assert racked.switch.get_port_attr("nic-eth", 1, "vlan") == 442
    assert server.get_ips()[0] in map(str, racked.world.servers)
    assert server.merged()["dhcp"]["enabled"] == 1
    following, changes = racked.world.names.peek(), racked.world.changes()
    plugs.learnt((mac, 1))
    plugs.learnt((mac, 1), operation=2)
    plugs.settle()
    assert (racked.world.names.peek(), racked.world.changes()) == (following, changes)
    second = racked.mac()
    plugs.learnt((second, 21))
    plugs.made(second, message="server completed")
    assert [port.mac for port in racked.server(mac).ports("nic-eth")][:2] == [mac, second]


def test_both_nics_at_once_are_one_server(plugs: Plugs, racked: Racked) -> None:
    first, second = racked.mac(), racked.mac()
    plugs.learnt((second, 22), (first, 2))
    plugs.made(first)
    assert racked.server(first) == racked.server(second)
    racked.check_whole(racked.server(first), 2)


def test_a_server_is_replaced_by_another_one(plugs: Plugs, racked: Racked) -> None:
    _, server = plugged_in(plugs, racked, 17)
    racked.client.delete("dcim/devices", server.id)  # its cables stay, with one end each
    _, following = plugged_in(plugs, racked, 17)
    assert following.name != server.name
    racked.check_whole(following, 17)
    racked.client.delete("dcim/devices", following.id)


def test_several_at_once_of_which_one_is_in_the_way(plugs: Plugs, racked: Racked) -> None:
    macs = {port: racked.mac() for port in (3, 4, 5)}
    other = BasicNetworkSwitch(f"{racked.rack.name}-other", datacenter=racked.world.datacenter)
    racked.rack.insert(other, 5)
    for port, mac in macs.items():
        plugs.learnt((mac, port))
    for port in (3, 4):
        plugs.made(macs[port])
        racked.check_whole(racked.server(macs[port]), port)
    plugs.told(macs[5], "not done yet: ")
    assert "unit 5 is occupied by" in plugs.told(macs[5], "ignored: ")["message"]
    assert racked.bearing(macs[5]) == []
    other.delete()
    plugs.learnt((macs[5], 5))
    plugs.made(macs[5])
    racked.check_whole(racked.server(macs[5]), 5)


def test_moves_and_mis_cabling_are_told_once(plugs: Plugs, racked: Racked) -> None:
    (mac, server), (other, _) = plugged_in(plugs, racked, 6), plugged_in(plugs, racked, 7)
    moved = f"MAC address {mac} is learnt at {racked.switch.name}, nic-eth '{racked.ports[15]}', which nothing is"
    plugs.learnt((mac, 15))
    plugs.told(mac, f"ignored: {moved}")
    plugs.daemon.signal(signal.SIGKILL)
    plugs.daemon.process.wait()
    plugs.daemon.start()
    plugs.learnt((mac, 15))
    plugs.settle()
    assert [(kind, text[: len(moved)]) for kind, text in racked.entries(server)] == [("warning", moved)]
    plugs.learnt((mac, 6))
    plugs.settle()
    back = f"MAC address {mac} is at server '{server.name}', interface eth0 again"
    assert racked.entries(server)[1:] == [("success", back)]
    plugs.learnt((mac, 7))
    assert f"it is that of server '{server.name}'" in plugs.told(mac, "which should be connected to")["message"]
    assert [kind for kind, _ in racked.entries(server)] == ["warning", "success", "warning"]
    found = plugs.daemon.metrics()  # of this run of the program
    assert [found["clusto_snmp_findings_total", kind] for kind in ("moved", "mis-cabled")] == [1, 1]
    assert racked.bearing(mac, other) == [server.name, racked.server(other).name]


def test_other_addresses_at_the_port_of_a_server(plugs: Plugs, racked: Racked) -> None:
    mac, server = plugged_in(plugs, racked, 8)
    names, card = racked.world.names.peek(), racked.mac()
    set_mac(racked.world.session, server.ipmi_port(), card)
    plugs.learnt((card, 8))
    plugs.settle()
    assert racked.entries(server) == []
    guests, seconds = [racked.mac() for _ in range(FEW + 2)], ("clusto_snmp_findings_total", "second address")
    before = plugs.daemon.metrics()[seconds]
    plugs.learnt(*((guest, 8) for guest in guests))
    for guest in guests:
        plugs.told(guest, f"ignored: MAC address {guest} is learnt at")
    plugs.settle()
    told = racked.entries(server)
    assert len(told) == FEW
    assert plugs.daemon.metrics()[seconds] == before + len(guests)
    assert all(f"beside {mac}, which is that of server '{server.name}'" in text for _, text in told)
    assert racked.bearing(*guests) == []
    assert racked.world.names.peek() == names


def test_an_uplink_is_looked_at_once_until_something_changes(plugs: Plugs, racked: Racked, proxy: Proxy) -> None:
    def asked() -> set[str]:
        """What is asked about an address that is learnt at the uplink."""
        before = len(proxy.seen)
        plugs.settle()
        return {path.partition("/?")[0] for _, path, _ in proxy.seen[before:]}

    plugs.daemon.catch_up()
    plugs.settle()
    assert asked() == {"core/object-changes"}
    assert asked() == {"core/object-changes"}
    racked.rack.set_attr("owner", racked.world.run)
    assert {"graphql", "extras/config-contexts"} <= asked()


def test_the_address_of_a_virtual_machine(plugs: Plugs, racked: Racked) -> None:
    client, name, mac = racked.client, racked.world.name("vm"), racked.mac()
    kind = client.create("virtualization/cluster-types", {"name": name, "slug": name})
    cluster = client.create("virtualization/clusters", {"name": name, "type": kind["id"]})
    machine = client.create("virtualization/virtual-machines", {"name": name, "cluster": cluster["id"]})
    port = client.create("virtualization/interfaces", {"virtual_machine": machine["id"], "name": "ens3"})
    place = {"assigned_object_type": "virtualization.vminterface", "assigned_object_id": port["id"]}
    client.create("dcim/mac-addresses", {"mac_address": mac, **place})
    plugs.learnt((mac, 35))
    plugs.told(mac, f"ignored: MAC address {mac} is that of virtual machine {name}")


def test_a_server_that_stands_there_with_another_address_is_left_alone(plugs: Plugs, racked: Racked) -> None:
    there = Server(f"{racked.rack.name}-there", driver="penguinserver", datacenter=racked.world.datacenter)
    racked.rack.insert(there, 23)
    known, mac = racked.mac(), racked.mac()
    there.set_port_attr("nic-eth", 1, "mac", known)
    plugs.learnt((mac, 20))
    plugs.told(mac, f"beside {known}, which is that of server '{there.name}'")
    assert racked.bearing(mac, known) == [there.name]
    plugs.learnt((known, 20))
    plugs.made(known, message="server completed")
    racked.check_whole(there, 20)


def test_netbox_fails_in_the_middle_and_is_away_for_a_while(plugs: Plugs, racked: Racked, proxy: Proxy) -> None:
    names, mac = racked.world.names.peek(2), racked.mac()
    for fault, path in ((refuse(500), "dcim/cables"), (lose, "dcim/mac-addresses")):
        proxy.on(fault, "POST", path)
    plugs.learnt((mac, 9))
    plugs.made(mac)
    assert proxy.waiting == 0
    assert racked.server(mac).name == names[0]
    racked.check_whole(racked.server(mac), 9)
    plugs.daemon.cut_off()
    mac = racked.mac()
    plugs.learnt((mac, 10))
    plugs.told(mac, "not done yet: ")
    plugs.daemon.reconnect()
    plugs.made(mac)
    assert racked.server(mac).name == names[1]
    racked.check_whole(racked.server(mac), 10)


def test_a_rehearsal_tells_what_would_be_made(plugs: Plugs, racked: Racked) -> None:
    plugs.daemon.settings["dry_run"] = True
    hang_up(plugs.daemon)
    mac, names = racked.mac(), racked.world.names.peek()
    changes = racked.world.changes()
    plugs.learnt((mac, 11))
    line = plugs.made(mac, message="server would be made")
    assert (line["server"], line["rack"], line["macs"]) == (names[0], racked.rack.name, {"eth0": mac})
    assert len(line["connections"]) == 4
    assert racked.world.changes() == changes


def test_a_forwarding_table_brings_what_was_missed(plugs: Plugs, racked: Racked, tmp_path: Path) -> None:
    macs = {port: racked.mac() for port in (11, 12, 46)}
    names = {100 + port: (f"Gi1/{port}", racked.ports[port]) for port in macs}
    table = ports({port: 100 + port for port in macs}, names)
    table |= forwarding({mac: (port, 3) for port, mac in macs.items()}, fdb=442)
    with Agent(tmp_path, table, host=racked.address) as agent:
        plugs.daemon.read = {"default": {"community": COMMUNITY, "port": agent.port}}
        done = plugs.daemon.run("--config", str(plugs.daemon.config), "--reconcile", racked.switch.name)
    plugs.daemon.read = {}
    assert done.returncode == 0, done.stderr
    assert '"done": 2, "ignored": 1, "retry": 0' in done.stderr
    for port in (11, 12):
        racked.check_whole(racked.server(macs[port]), port)


def test_no_names_left_and_then_some(plugs: Plugs, racked: Racked) -> None:
    names = racked.world.names
    names.set_up(next=999)
    macs = {port: racked.mac() for port in (18, 19)}
    plugs.learnt(*((mac, port) for port, mac in macs.items()))
    plugs.made(macs[18])
    assert "is out of names" in plugs.told(macs[19], "not done yet: ")["message"]
    names.set_up(digits=4)
    assert plugs.made(macs[19])["server"] == f"{names.basename}1000"
    racked.check_whole(racked.server(macs[19]), 19)


def test_no_addresses_left_and_then_one(plugs: Plugs, racked: Racked) -> None:
    subnet, mac = racked.world.servers, racked.mac()
    last = str(subnet[-2])
    taken = racked.client.create("ipam/ip-addresses", {"address": f"{last}/{subnet.prefixlen}"})
    manager = IPManager.get(racked.world.name("subnet-servers"), session=racked.world.session)
    manager.set_ranges([f"{last}-{last}"])
    plugs.daemon.catch_up()
    names = racked.world.names.peek()
    plugs.learnt((mac, 17))
    assert manager.name in plugs.told(mac, "not done yet: ")["message"]
    assert (racked.bearing(mac), racked.world.names.peek()) == ([], names)
    racked.client.delete("ipam/ip-addresses", taken["id"])
    made = plugs.made(mac)
    assert ([made["server"]], made["ips"]) == (names, [last])
    racked.check_whole(racked.server(mac), 17)
    manager.set_ranges([])
