# SPDX-License-Identifier: BSD-2-Clause
"""Files of the devicetype-library: what of them reaches NetBox, and what is refused, by file and key."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import InvalidError
from clusto.netbox import device_types
from clusto.netbox.blueprint import DRIVERS
from clusto.netbox.library_keys import HARMFUL
from clusto.netbox.library_names import Names, shared, slug_of
from clusto.netbox.needed import (
    BAY_TYPES,
    COOLING_INTAKES,
    COOLING_OUTFLOWS,
    FRONT_PORTS,
    INTERFACES,
    INVENTORY_ITEMS,
    ITEM_ROLES,
    MANUFACTURERS,
    PLATFORMS,
    POWER_OUTLETS,
    Needed,
)
from clusto.netbox.schema import parsed

FILE = "example.yaml"
BARE = {"manufacturer": "Example Systems", "model": "ES-1", "slug": "example-systems-es-1"}
NAMES = Names(
    {
        (MANUFACTURERS, "Example Systems"): "example-systems",
        (MANUFACTURERS, "Example Chips"): "chips",
        (ITEM_ROLES, "Fan"): "fan",
    },
    frozenset({(BAY_TYPES, "OCP 3.0", "Example Systems")}),
)
MAKER = {"slug": "example-systems"}
OWNER = {"slug": "example-systems-es-1", "manufacturer": {"slug": "example-systems"}}


def components(endpoint: str, **document: Any) -> list[Needed]:
    found = device_types.needed(device_types.parse(FILE, BARE | document), NAMES)
    return [one for one in found if one.endpoint == endpoint]


def test_a_device_type_is_found_by_its_slug_and_maker_and_else_left_as_it_is() -> None:
    document = BARE | {
        "u_height": 1.5,
        "is_full_depth": False,
        "front_image": True,
        "comments": "one\ntwo\n",
        "end_of_life": "2031-12-31",
    }
    (type_,) = device_types.needed(device_types.parse(FILE, document), NAMES)
    assert type_.key == OWNER
    assert type_.initial == {
        "u_height": 1.5,
        "is_full_depth": False,
        "comments": "one\ntwo",
        "end_of_life": "2031-12-31",
    }
    assert type_.unique == {"model": "ES-1", "manufacturer": {"slug": "example-systems"}}
    assert type_.label == "example.yaml: device type example-systems-es-1"


def test_a_component_refers_to_others_of_its_device_type() -> None:
    (outlet,) = components(
        POWER_OUTLETS,
        **{
            "power-ports": [{"name": "PS1", "type": "iec-60320-c14", "_is_power_source": True}],
            "power-outlets": [{"name": "1", "type": "iec-60320-c13", "power_port": "PS1", "feed_leg": "A"}],
        },
    )
    assert outlet.key == {"device_type": OWNER, "name": "1"}
    assert outlet.initial["power_port"] == {"device_type": OWNER, "name": "PS1"}
    assert outlet.depth == 0


def test_what_refers_to_its_own_kind_is_made_after_that() -> None:
    ports = [{"name": "eth0", "type": "1000base-t", "bridge": "br0"}, {"name": "br0", "type": "bridge"}]
    assert [one.depth for one in components(INTERFACES, interfaces=ports)] == [1, 0]
    ports = [{"name": "a", "bridge": "b"}, {"name": "b", "parent": "c"}, {"name": "c"}]
    assert [one.depth for one in components(INTERFACES, interfaces=ports)] == [2, 1, 0]


def test_cooling_has_its_place() -> None:
    intake = {"name": "in", "type": "quick-disconnect", "diameter": 25, "diameter_unit": "mm", "max_flow": 1.5}
    outflow = {"name": "out", "type": "quick-disconnect", "cooling_intake": "in"}
    lists = {"cooling-intakes": [intake], "cooling-outflows": [outflow]}
    assert components(COOLING_INTAKES, **lists)[0].initial["max_flow"] == 1.5
    assert components(COOLING_OUTFLOWS, **lists)[0].initial["cooling_intake"] == {"device_type": OWNER, "name": "in"}


def test_platforms_and_types_of_module_bays_belong_to_the_maker_or_to_everybody() -> None:
    bays = [{"name": "1", "position": 1, "module_bay_types": ["OCP 3.0", "riser"]}]
    type_ = device_types.parse(FILE, BARE | {"default_platform": "ES-OS", "module-bays": bays})
    own, bay = device_types.needed(type_, NAMES)
    assert own.initial["default_platform"] == {"name": "ES-OS", "manufacturer": MAKER}
    kinds = [{"name": "OCP 3.0", "manufacturer": None}, {"name": "riser", "manufacturer": MAKER}]
    assert bay.initial == {"position": "1", "module_bay_types": kinds}
    assert [(one.endpoint, one.key) for one in shared([type_], NAMES)][1:] == [
        *((BAY_TYPES, kind) for kind in kinds),
        (PLATFORMS, own.initial["default_platform"]),
    ]


def test_what_has_no_place_in_netbox_is_left_out_and_told() -> None:
    ports = [{"name": f"eth{n}", "type": "1000base-t", "poe-mode": "pse", "speed": 1} for n in range(2)]
    document = {"colour": "red", "interfaces": ports, "inventory-items": [{"name": "fan", "parent": "tray"}]}
    type_ = device_types.parse(FILE, BARE | document | {"front_image": True})
    assert [*type_.components["interfaces"][0]] == ["name", "type"]
    assert type_.left_out == [
        "example.yaml: colour is left out: NetBox has no place for it",
        "example.yaml: interfaces: poe-mode is left out (2 times): NetBox has no place for it; is poe_mode meant?",
        "example.yaml: interfaces: speed is left out (2 times): NetBox has no place for it",
        f"example.yaml: inventory-items: parent is left out: {HARMFUL['inventory-items', 'parent']}",
    ]


def test_makers_of_inventory_items_are_needed_too() -> None:
    item = {"name": "TPM", "manufacturer": "Example Chips", "part_id": "TPM2", "role": "Fan"}
    document = BARE | {"inventory-items": [item]}
    type_ = device_types.parse(FILE, document)
    assert {one.key["slug"] for one in shared([type_], NAMES)} == {"chips", "example-systems", "fan"}
    (item,) = (one for one in device_types.needed(type_, NAMES) if one.endpoint == INVENTORY_ITEMS)
    assert (item.initial["manufacturer"], item.initial["role"]) == ({"slug": "chips"}, {"slug": "fan"})


REAR = {"name": "R1", "type": "lc", "positions": 2}


@pytest.mark.parametrize(
    "document",
    [
        {"front-ports": [{"name": "F2", "type": "lc", "rear_port": "R1", "rear_port_position": 2}]},
        {
            "front-ports": [{"name": "F2", "type": "lc"}],
            "port-mappings": [
                {"front_port": "F2", "front_port_position": 1, "rear_port": "R1", "rear_port_position": 2}
            ],
        },
    ],
)
def test_both_ways_of_telling_where_a_front_port_leads_are_one(document: dict[str, Any]) -> None:
    (front,) = components(FRONT_PORTS, **document, **{"rear-ports": [REAR]})
    assert front.initial == {
        "type": "lc",
        "rear_ports": [{"position": 1, "rear_port": "R1", "rear_port_position": 2}],
    }


def test_a_number_where_text_is_wanted_is_the_text_of_the_file() -> None:
    (port,) = components(INTERFACES, interfaces=[{"name": 1, "type": "1000base-t"}])
    assert port.key["name"] == "1"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        (["no", "mapping"], r"expected a device type, keys and values; found \['no', 'mapping'\]"),
        ({"model": "x"}, r"manufacturer, slug missing"),
        (BARE | {"end_of_life": "soon"}, r"end_of_life: expected a date, such as 2031-12-31, found 'soon'"),
        (BARE | {"tags": "one"}, r"tags: expected a list of names, found 'one'"),
        (BARE | {"u_height": "two"}, r"u_height: expected a number, found 'two'"),
        (BARE | {"u_height": True}, r"u_height: expected a number, found True"),
        (BARE | {"is_full_depth": 1}, r"is_full_depth: expected true or false, found 1"),
        (BARE | {"model": 1.5}, r"model: expected text, found 1.5"),
        (BARE | {"interfaces": {"name": "x"}}, r"interfaces: expected a list of interfaces, each with its keys"),
        (BARE | {"interfaces": [{"type": "x"}]}, r"interfaces\[0\]: name missing"),
        (BARE | {"interfaces": [{"name": "a"}, {"nmae": "x"}]}, r"interfaces\[1\]: name missing"),
        (BARE | {"interfaces": [{"name": "a"}, {"name": "a"}]}, r"interfaces: named twice: a"),
        (
            BARE | {"power-ports": [{"name": "a", "maximum_draw": "x"}]},
            r"power-ports\[0\]: maximum_draw: expected a whol",
        ),
        (
            BARE | {"power-outlets": [{"name": "1", "power_port": "PS1"}]},
            r"power-outlets '1': power_port 'PS1' is none of power-ports",
        ),
        (
            BARE | {"front-ports": [{"name": "F", "type": "lc", "rear_port": "R"}]},
            r"there is no front port 'F' and rear port 'R'",
        ),
        (
            BARE | {"front-ports": [{"name": "F", "type": "lc", "rear_port_position": 1}]},
            r"front-ports 'F': rear_port_position without rear_port",
        ),
        (
            BARE | {"interfaces": [{"name": "a", "parent": "b"}, {"name": "b", "bridge": "a"}]},
            r"interfaces: they refer to each other in a circle: a, b",
        ),
    ],
)
def test_what_netbox_would_not_take_is_named_with_file_and_key(document: Any, message: str) -> None:
    with pytest.raises(InvalidError, match=f"^example.yaml.*{message}"):
        device_types.parse(FILE, document)


@pytest.mark.parametrize(("other", "name"), [({"model": "x"}, "example-systems-es-1"), ({"slug": "x"}, "ES-1")])
def test_two_files_do_not_describe_one_device_type(other: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidError, match=rf"b\.yaml: device type Example Systems {name} is in a\.yaml already"):
        parsed({"a.yaml": BARE, "b.yaml": BARE | other})


@pytest.mark.parametrize(
    ("name", "slug"), [("Super Micro", "super-micro"), ("HP / HPE", "hp-hpe"), ("D-Link", "d-link"), ("F5", "f5")]
)
def test_slug_of_a_manufacturer(name: str, slug: str) -> None:
    assert slug_of(name) == slug


def test_the_ports_of_the_shipped_drivers_are_as_clusto_s_layouts_need_them() -> None:
    types = {document["slug"]: document for document in DRIVERS}
    assert [port["name"] for port in types["cisco4948"]["interfaces"]][:48] == [
        f"GigabitEthernet1/{n}" for n in range(1, 49)
    ]
    assert len(types["opengearcm4148"]["console-server-ports"]) == 48
    outlets = [outlet["name"] for outlet in types["powertowerxm"]["power-outlets"]]
    assert outlets == [f"{feed}{n}" for feed in ("aa", "ab", "ba", "bb") for n in range(1, 9)]
