# SPDX-License-Identifier: BSD-2-Clause
"""The example layouts say what clusto's four rack factories did; with its two devices moved that stood in the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.core.errors import InvalidError
from clusto.core.layout_reading import parse
from clusto.core.layouts import Layout
from clusto.netbox.blueprint import DRIVERS

LAYOUTS = Path(__file__).parents[3] / "playbooks/layouts"
HEIGHTS = {driver["slug"]: driver["u_height"] for driver in DRIVERS}
CABLES = {
    ("pwr1 nic-eth 1", "sw1 nic-eth 44"),
    ("pwr1 console-serial 1", "ts1 console-serial 44"),
    ("sw1 pwr-nema-5 1", "pwr1 pwr-nema-5 aa8"),
    ("sw1 console-serial 1", "ts1 console-serial 48"),
    ("ts1 pwr-nema-5 1", "pwr1 pwr-nema-5 ab8"),
    ("ts1 nic-eth 1", "sw1 nic-eth 43"),
}


def outlets(*lengths: int) -> list[list[str]]:
    return [
        [f"{feed}{n}"]
        for feed, length in zip(("bb", "ba", "ab", "aa"), lengths, strict=True)
        for n in range(1, length + 1)
    ]


def singles(*units: int) -> list[list[int]]:
    return [[unit] for unit in units]


FOUR_ROWS = [*range(1, 6), *range(7, 12), *range(13, 18), *range(19, 24)]
TABLE = {
    # power, switch, console; units and outlets of each server; second NICs
    "201001": ((41, 36, 34), singles(*range(1, 24), *range(25, 32)), outlets(8, 8, 7, 7), False),
    "5555": ((29, 31, 30), singles(*FOUR_ROWS), outlets(5, 5, 5, 5), True),
    "53532U": (
        (41, 38, 37),
        [*singles(*FOUR_ROWS[:18]), [35, 36], [33, 34]],
        [*outlets(5, 5, 5, 3), ["aa7", "ba7"], ["aa6", "ba6"]],
        True,
    ),
    "54542U": ((41, 38, 37), [*singles(*FOUR_ROWS[:19]), [33, 34]], [*outlets(5, 5, 5, 4), ["aa6", "ba6"]], True),
}


def document(name: str) -> dict[str, Any]:
    return yaml.safe_load((LAYOUTS / f"{name}.yml").read_text())


def layout(name: str) -> Layout:
    return parse(name, document(name), HEIGHTS)


def test_all_are_tested() -> None:
    assert {path.stem for path in LAYOUTS.glob("*.yml")} == set(TABLE)


@pytest.mark.parametrize("name", TABLE)
def test_devices_and_their_cables(name: str) -> None:
    found = layout(name)
    power, switch, console = TABLE[name][0]
    assert {device.suffix: (device.driver, device.units) for device in found.devices} == {
        "pwr1": ("powertowerxm", (power,)),
        "sw1": ("cisco4948", (switch,)),
        "ts1": ("opengearcm4148", (console,)),
    }
    assert {(str(cable.a), str(cable.b)) for cable in found.cables} == CABLES
    osports = {
        device.suffix: [(ip["osport"], ip.get("number")) for ip in device.options["ips"]] for device in found.devices
    }
    assert osports == {"sw1": [("Vlan442", None)], "ts1": [("nic0", 1)], "pwr1": [("nic0", 1)]}


@pytest.mark.parametrize("name", TABLE)
def test_servers(name: str) -> None:
    found = layout(name)
    _, units, outlets, second = TABLE[name]
    assert [slot.switchport for slot in found.slots] == list(range(1, len(units) + 1))
    for number, slot, own_units, own_outlets in zip(range(1, 99), found.slots, units, outlets, strict=False):
        assert slot.driver == ("penguinserver2u" if len(own_units) == 2 else "penguinserver")
        assert slot.units[0] == own_units[0]
        expected = {
            ("nic-eth", 1, f"sw1 nic-eth {number}"),
            ("console-serial", 1, f"ts1 console-serial {number}"),
            *(("pwr-nema-5", n, f"pwr1 pwr-nema-5 {outlet}") for n, outlet in enumerate(own_outlets, 1)),
            *([("nic-eth", 2, f"sw1 nic-eth {number + 20}")] if second else []),
        }
        assert {(port.type, port.port, str(port.to)) for port in slot.ports} == expected
        assert found.at(number) == (slot, slot.ports[0])
        if second:
            assert found.at(number + 20) == (slot, slot.ports[1])


@pytest.mark.parametrize(("name", "collisions"), [("53532U", ["36", "34"]), ("54542U", ["34"])])
def test_the_original_places_of_switch_and_console_server_are_refused(name: str, collisions: list[str]) -> None:
    original = document(name)
    for device, unit in zip(original["devices"], (36, 34), strict=False):
        device["ru"] = unit
    with pytest.raises(InvalidError) as caught:
        parse(name, original, HEIGHTS)
    owner = {"36": "sw1", "34": "ts1"}
    assert str(caught.value).count("is occupied by") == len(collisions)
    assert all(f"unit {unit} is occupied by {owner[unit]}" in str(caught.value) for unit in collisions)
