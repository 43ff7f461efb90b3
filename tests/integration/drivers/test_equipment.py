# SPDX-License-Identifier: BSD-2-Clause
"""What servers are cabled to: the ports that clusto's rack layouts name, on the device types that bootstrap made."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clusto.core.errors import NotFoundError
from clusto.drivers import (
    BasicConsoleServer,
    BasicNetworkSwitch,
    BasicPowerStrip,
    Cisco4948,
    Device,
    NetworkSwitch,
    OpenGearCM4148,
    PowerTowerXM,
    Server,
    Session,
    get_by_name,
)

Unique = Callable[[str], str]


@pytest.mark.parametrize(
    ("cls", "type_", "ports"),
    [
        (
            Cisco4948,
            "networkswitch",
            {
                ("nic-eth", 1): "GigabitEthernet1/1",
                ("nic-eth", 44): "GigabitEthernet1/44",
                ("nic-eth", 48): "GigabitEthernet1/48",
                ("nic-eth", "TenGigabitEthernet1/49"): "TenGigabitEthernet1/49",
                ("nic-eth", 49): None,
                ("console-serial", 1): "console1",
                ("pwr-nema-5", 1): "psu1",
            },
        ),
        (
            OpenGearCM4148,
            "consoleserver",
            {
                ("console-serial", 1): "port1",
                ("console-serial", 48): "port48",
                ("console-serial", 49): None,
                ("nic-eth", 1): "eth0",
                ("pwr-nema-5", 1): "psu1",
            },
        ),
        (
            PowerTowerXM,
            "powerstrip",
            {
                ("pwr-nema-5", "bb1"): "bb1",
                ("pwr-nema-5", 1): "aa1",
                ("pwr-nema-5", 9): "ab1",
                ("pwr-nema-5", 25): "bb1",
                ("pwr-nema-5", 32): "bb8",
                ("nic-eth", 1): "eth0",
                ("console-serial", 1): "console1",
            },
        ),
        (BasicNetworkSwitch, "networkswitch", {("nic-eth", 24): "port24", ("nic-eth", 25): None}),
        (BasicConsoleServer, "consoleserver", {("console-serial", 24): "port24", ("console-serial", 25): None}),
        (BasicPowerStrip, "powerstrip", {("pwr-nema-5", 8): "outlet8", ("pwr-nema-5", 9): None}),
    ],
)
def test_ports_go_by_clusto_s_numbers_and_by_name(
    unique: Unique, cls: type[Device], type_: str, ports: dict[tuple[str, int | str], str | None]
) -> None:
    made = cls(unique(cls.__name__.lower()))
    found = get_by_name(made.name)
    assert (type(found), found.type, found.driver) == (cls, type_, cls.__name__.lower())
    assert made.height == 1
    for (porttype, wanted), name in ports.items():
        if name is None:
            with pytest.raises(NotFoundError, match=f"has no port {wanted}"):
                made.port(porttype, wanted)
        else:
            assert made.port(porttype, wanted).name == name
    made.delete()


def test_a_server_and_a_switch_of_one_device_type_are_each_of_their_own_driver(
    session: Session, unique: Unique
) -> None:
    slug = unique("x1")
    session.client.create("dcim/device-types", {"manufacturer": {"slug": "clusto"}, "model": slug, "slug": slug})

    class TwinServer(Server):
        _driver_name = slug

    class TwinSwitch(NetworkSwitch):
        _driver_name = slug

    TwinServer(unique("twin-server"))
    TwinSwitch(unique("twin-switch"))
    assert type(get_by_name(unique("twin-server"))) is TwinServer
    assert type(get_by_name(unique("twin-switch"))) is TwinSwitch
    assert type(get_by_name(f"networkswitch:{unique('twin-switch')}")) is TwinSwitch
