# SPDX-License-Identifier: BSD-2-Clause
"""What servers are cabled to: switches, console servers, power strips. `netbox.blueprint` has their ports."""

from __future__ import annotations

from typing import ClassVar

from .device import Device


class NetworkSwitch(Device):
    """The base of all switch drivers; with `driver` one of any device type."""

    _clusto_type = "networkswitch"


class BasicNetworkSwitch(NetworkSwitch):
    """1 unit; nic-eth 1 to 24 are `port1` to `port24`; 1 pwr-nema-5, 1 console-serial."""

    _port_names: ClassVar = {"nic-eth": ("port", 1)}


class Cisco4948(NetworkSwitch):
    """Catalyst 4948-10GE, 1 unit: nic-eth n is `GigabitEthernet1/n`, 1 to 48; 1 pwr-nema-5, 1 console-serial.

    Its uplinks `TenGigabitEthernet1/49` and `1/50` and its management port `FastEthernet1` go by their names.
    """

    _port_names: ClassVar = {"nic-eth": ("GigabitEthernet1/", 1)}


class ConsoleServer(Device):
    """The base of all console server drivers; with `driver` one of any device type."""

    _clusto_type = "consoleserver"


class BasicConsoleServer(ConsoleServer):
    """1 unit; console-serial n is `port<n>`, 1 to 24, for the consoles of others; nic-eth 1 is `eth0`; 1 pwr-nema-5."""

    _port_names: ClassVar = {"nic-eth": ("eth", 0), "console-serial": ("port", 1)}


class OpenGearCM4148(BasicConsoleServer):
    """OpenGear CM4148: the same with 48 of console-serial."""


class PowerStrip(Device):
    """The base of all power strip drivers; with `driver` one of any device type."""

    _clusto_type = "powerstrip"


class BasicPowerStrip(PowerStrip):
    """1 unit; pwr-nema-5 n is `outlet<n>`, 1 to 8; it is fed through `psu1`."""

    _port_names: ClassVar = {"pwr-nema-5": ("outlet", 1)}


class PowerTowerXM(PowerStrip):
    """ServerTech PowerTower XM with its link tower: outlets `aa1` to `aa8`, `ab1` …, `ba1` …, `bb1` to `bb8`.

    They are pwr-nema-5 1 to 32 in that order. nic-eth 1 is `eth0`; 1 console-serial; fed by `infeed-aa` to `infeed-bb`.
    """

    _port_names: ClassVar = {"nic-eth": ("eth", 0)}
