# SPDX-License-Identifier: BSD-2-Clause
"""The examples of clusto's own documentation, as they stand there."""

from __future__ import annotations

import textwrap
from collections.abc import Callable

import pytest

from clusto import drivers
from clusto.core.errors import NotFoundError
from clusto.drivers import (
    BasicServer,
    Datacenter,
    IPManager,
    Pool,
    Rack,
    Session,
    SimpleEntityNameManager,
    get_by_name,
    get_entities,
)

DHCP = """
    p = Pool('pxeboot-servers')
    p.set_attr(key='dhcp', subkey='enabled', value=1)
    p.set_attr(key='dhcp', subkey='tftp_server', value='192.168.1.1')
    p.set_attr(key='dhcp', subkey='tftp_filename', value='/pxelinux.0')
    p.set_attr(key='dhcp', subkey='domain', value='example.org')

    s = BasicServer('ex0000')
    s.set_port_attr('nic-eth', 1, 'mac', '00:11:22:33:44:55')
    s.bind_ip_to_osport('192.168.1.50', 'eth0')
"""
IP_MANAGER = """
    from clusto.drivers import IPManager
    ipman = IPManager('subnet-dmz', baseip='192.168.20.0', netmask='255.255.252.0')
"""
NAMES = """
    from clusto.drivers import SimpleEntityNameManager, PenguinServer

    names = SimpleEntityNameManager('servernames', basename='s', digits=4)
    server = names.allocate(PenguinServer)
"""
RACK = """
    from clusto.drivers import APCRack

    rack = APCRack('sv3-001')
    rack.set_attr(key='racklayout', value='201001')
    datacenter = get_by_name('eqix-sv3')
    datacenter.insert(rack)
"""


def run(lines: str) -> None:
    names: dict[str, object] = {}
    exec("from clusto.drivers import *", names)
    exec(textwrap.dedent(lines), names)


def clear(session: Session) -> None:
    """The examples' names are fixed, so what an earlier run made is in their way."""
    for cls, name in (
        (BasicServer, "ex0000"),
        (Pool, "pxeboot-servers"),
        (IPManager, "subnet-dmz"),
        (SimpleEntityNameManager, "servernames"),
        (Rack, "sv3-001"),
        (Datacenter, "eqix-sv3"),
    ):
        try:
            cls.get(name).delete(cascade=True)
        except NotFoundError:
            continue
    for record in session.client.list("ipam/ip-addresses", address="192.168.1.50"):
        session.client.delete("ipam/ip-addresses", record["id"])
    for record in session.client.list("dcim/mac-addresses", mac_address="00:11:22:33:44:55"):
        session.client.delete("dcim/mac-addresses", record["id"])


@pytest.fixture(autouse=True)
def fresh(session: Session) -> Callable[[], None]:
    clear(session)
    return lambda: clear(session)


def test_dhcp_example(unique: Callable[[str], str], fresh: Callable[[], None]) -> None:
    try:
        manager = IPManager.get_ip_manager("192.168.1.50")
    except NotFoundError:
        manager = IPManager(unique("subnet"), prefix="192.168.1.0/24")
    run(DHCP)
    server, pool = BasicServer.get("ex0000"), Pool.get("pxeboot-servers")
    assert server.port_attrs("nic-eth", 1) == {"mac": "00:11:22:33:44:55"}
    assert manager.owner("192.168.1.50") == server
    pool.insert(server)
    dhcp = {"enabled": 1, "tftp_server": "192.168.1.1", "tftp_filename": "/pxelinux.0", "domain": "example.org"}
    assert server.merged() == {"dhcp": dhcp}
    fresh()


def test_ip_manager_example(fresh: Callable[[], None]) -> None:
    run(IP_MANAGER)
    assert IPManager.get("subnet-dmz").prefix == "192.168.20.0/22"
    fresh()


def test_name_manager_example(fresh: Callable[[], None]) -> None:
    run(NAMES)
    names = SimpleEntityNameManager.get("servernames")
    [made] = get_entities(names=[f"s{names.next - 1:04}"], clusto_types=["server"])
    assert isinstance(made, drivers.PenguinServer)
    made.delete()
    fresh()


def test_rack_example(fresh: Callable[[], None]) -> None:
    Datacenter("eqix-sv3")
    run(RACK)
    rack = drivers.APCRack.get("sv3-001")
    assert rack.place == get_by_name("datacenter:eqix-sv3")
    assert rack.attr_value("racklayout") == "201001"
    fresh()
