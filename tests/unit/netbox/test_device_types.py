# SPDX-License-Identifier: BSD-2-Clause
"""Files of the devicetype-library: what of them reaches NetBox, and what is refused, by file and key."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.errors import InvalidError
from clusto.netbox import device_types
from clusto.netbox.blueprint import DRIVERS
from clusto.netbox.needed import FRONT_PORTS, INTERFACES, INVENTORY_ITEMS, POWER_OUTLETS, Needed
from clusto.netbox.schema import parsed

FILE = "example.yaml"
BARE = {"manufacturer": "Example Systems", "model": "ES-1", "slug": "example-systems-es-1"}
MAKERS = {"Example Systems": "example-systems", "Example Chips": "chips"}
OWNER = {"slug": "example-systems-es-1", "manufacturer": {"slug": "example-systems"}}


def components(endpoint: str, **document: Any) -> list[Needed]:
    found = device_types.needed(device_types.parse(FILE, BARE | document), MAKERS)
    return [one for one in found if one.endpoint == endpoint]


def test_a_device_type_is_found_by_its_slug_and_maker_and_else_left_as_it_is() -> None:
    document = BARE | {"u_height": 1.5, "is_full_depth": False, "front_image": True, "comments": "one\ntwo\n"}
    (type_,) = device_types.needed(device_types.parse(FILE, document), MAKERS)
    assert type_.key == OWNER
    assert type_.initial == {"u_height": 1.5, "is_full_depth": False, "comments": "one\ntwo\n"}
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
    assert outlet.round == 0


def test_what_refers_to_its_own_kind_is_made_after_that() -> None:
    ports = [{"name": "br0", "type": "bridge"}, {"name": "eth0", "type": "1000base-t", "bridge": "br0"}]
    assert [one.round for one in components(INTERFACES, interfaces=ports)] == [0, 1]


def test_makers_of_inventory_items_are_needed_too() -> None:
    document = BARE | {"inventory-items": [{"name": "TPM", "manufacturer": "Example Chips", "part_id": "TPM2"}]}
    type_ = device_types.parse(FILE, document)
    assert {one.key["slug"] for one in device_types.manufacturers([type_], MAKERS)} == {"chips", "example-systems"}
    (item,) = (one for one in device_types.needed(type_, MAKERS) if one.endpoint == INVENTORY_ITEMS)
    assert item.initial["manufacturer"] == {"slug": "chips"}


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
        (BARE | {"colour": "red"}, r"unknown key colour; expected manufacturer, .*, port-mappings"),
        (BARE | {"u_height": "two"}, r"u_height: expected a number, found 'two'"),
        (BARE | {"u_height": True}, r"u_height: expected a number, found True"),
        (BARE | {"is_full_depth": 1}, r"is_full_depth: expected true or false, found 1"),
        (BARE | {"model": 1.5}, r"model: expected text, found 1.5"),
        (BARE | {"interfaces": {"name": "x"}}, r"interfaces: expected a list of interfaces, each with its keys"),
        (BARE | {"interfaces": [{"type": "x"}]}, r"interfaces\[0\]: name missing"),
        (BARE | {"interfaces": [{"name": "a"}, {"nmae": "x"}]}, r"interfaces\[1\]: unknown key nmae; expected name"),
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
    ],
)
def test_what_netbox_would_not_take_is_named_with_file_and_key(document: Any, message: str) -> None:
    with pytest.raises(InvalidError, match=f"^example.yaml.*{message}"):
        device_types.parse(FILE, document)


def test_two_files_do_not_describe_one_device_type() -> None:
    with pytest.raises(
        InvalidError, match=r"b\.yaml: device type Example Systems example-systems-es-1 is in a\.yaml al"
    ):
        parsed({"a.yaml": BARE, "b.yaml": BARE | {"model": "other"}})


@pytest.mark.parametrize(
    ("name", "slug"), [("Super Micro", "super-micro"), ("HP / HPE", "hp-hpe"), ("D-Link", "d-link"), ("F5", "f5")]
)
def test_slug_of_a_manufacturer(name: str, slug: str) -> None:
    assert device_types.slug_of(name) == slug


def test_the_ports_of_the_shipped_drivers_are_as_clusto_s_layouts_need_them() -> None:
    types = {document["slug"]: document for document in DRIVERS}
    assert [port["name"] for port in types["cisco4948"]["interfaces"]][:48] == [
        f"GigabitEthernet1/{n}" for n in range(1, 49)
    ]
    assert len(types["opengearcm4148"]["console-server-ports"]) == 48
    outlets = [outlet["name"] for outlet in types["powertowerxm"]["power-outlets"]]
    assert outlets == [f"{feed}{n}" for feed in ("aa", "ab", "ba", "bb") for n in range(1, 9)]
