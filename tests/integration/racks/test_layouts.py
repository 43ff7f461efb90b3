# SPDX-License-Identifier: BSD-2-Clause
"""Rack layouts in NetBox: checked by clusto with all problems at once, by NetBox itself, kept while racks have them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from clusto.core.errors import ConflictError, ExistsError, InvalidError, RefusedError
from clusto.drivers import Datacenter, Pool, Rack, RackLayout, Session, get_by_name
from clusto.netbox.client import Client

LAYOUTS = Path(__file__).parents[3] / "playbooks/layouts"
CONTEXTS = "extras/config-contexts"


@pytest.fixture
def session(client: Client) -> Session:
    session = Session(client)
    session.use()
    return session


@pytest.fixture
def document() -> dict[str, Any]:
    return yaml.safe_load((LAYOUTS / "201001.yml").read_text())


@pytest.mark.parametrize("path", sorted(LAYOUTS.glob("*.yml")), ids=lambda path: path.stem)
def test_the_examples_are_taken_by_module_and_netbox(modules, session, unique, path: Path) -> None:
    made = modules.do("rack_layout", name=unique(path.stem), layout=yaml.safe_load(path.read_text()))
    found = RackLayout.get(unique(path.stem), session=session)
    assert made["entity"]["type"] == found.type == "racklayout"
    assert found.describe() == made["entity"] | {"url": found.url}
    assert found.read().slots
    assert not found.record["is_active"]
    found.delete()


def test_a_layout_is_replaced_as_a_whole_and_keeps_its_attributes(modules, session, unique, document) -> None:
    name = unique("layout")
    layout = RackLayout(name, document, attributes={"owner": "us"}, session=session)
    layout.set_attr("tier", 1)
    del document["switchports"]
    changed = modules.do("rack_layout", name=name, layout=document)
    assert changed["entity"]["layout"] == document
    assert changed["entity"]["attributes"] == {"owner": "us", "tier": 1}
    with pytest.raises(ExistsError, match="the name is taken"):
        RackLayout(name, document, session=session)
    assert get_by_name(name) == layout
    assert modules.do("rack_layout", name=name, state="absent")["entity"] is None


def test_everything_that_is_wrong_is_told_at_once(modules, unique, document) -> None:
    document["devices"][0] |= {"ru": 34, "driver": "cisco4949"}
    document["devices"][1]["ru"] = 41
    document["cables"][0]["b"]["nmber"] = 44
    document["switchports"]["1-30"]["ru"] = "1-29"
    told = modules.refuse("rack_layout", name=unique("layout"), layout=document)
    assert [line.split(":")[0] for line in told.splitlines()] == [
        f"rack layout '{unique('layout')}' is refused",
        "- cables[0].b.nmber",
        "- devices[0].driver",
        "- devices[2].ru",
        "- switchports.1-30.ru",
    ]
    assert "device pwr1: unit 41 is occupied by ts1" in told
    assert "'cisco4949' is none" in told


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        (("devices", 0, "colour"), "red"),
        (("devices", 0, "ru"), "36"),
        (("cables", 0, "a"), {"device": "sw1"}),
        (("switchports", "1-30", "ports", 0, "connected_to", "number"), "1-30,"),
        (("switchports", ""), {"ports": []}),
        (("servers", "ips"), [{"osport": "eth0"}]),
        (("attributes",), {"1x": 1}),
    ],
)
def test_netbox_itself_refuses_what_is_malformed(client, unique, document, place, wrong) -> None:
    """As people do who edit the context in its UI."""
    layout = RackLayout(unique("layout"), document, session=Session(client))
    data = dict(layout.record["data"])
    part: Any = data
    for step in place[:-1]:
        part = part[step]
    part[place[-1]] = wrong
    with pytest.raises(RefusedError, match="does not conform to profile schema"):
        client.update(CONTEXTS, layout.id, {"data": data})
    layout.delete()


def test_one_that_racks_have_is_kept(modules, session, unique, document) -> None:
    """Also where it is their datacenter's or a pool's."""
    name = unique("layout")
    RackLayout(name, document, session=session)
    datacenter, pool = Datacenter(unique("dc"), session=session), Pool(unique("pool"), session=session)
    racks = [Rack(unique(f"r{n}"), datacenter=datacenter, session=session) for n in range(3)]
    racks[0].set_attr("racklayout", name)
    pool.set_attr("rackfactory", name)
    pool.insert(racks[1])
    told = modules.refuse("rack_layout", name=name, state="absent")
    users = f"rack '{unique('r0')}', rack '{unique('r1')}'"
    assert told == f"racklayout '{name}' cannot be deleted: it is the layout of {users}"
    with pytest.raises(ConflictError, match="cannot be deleted"):
        RackLayout.get(name).delete(cascade=True)
    racks[0].del_attrs("racklayout")
    pool.delete(cascade=True)
    assert modules.do("rack_layout", name=name, state="absent")["changed"]


def test_one_that_somebody_wrote_past_clusto_is_told_when_it_is_read(session, client, unique, document) -> None:
    layout = RackLayout(unique("layout"), document, session=session)
    document["devices"][0]["ru"] = 34
    client.update(CONTEXTS, layout.id, {"data": document})
    layout.refresh()
    with pytest.raises(InvalidError, match="device ts1: unit 34 is occupied by sw1"):
        layout.read()
    layout.delete()


def test_the_playbook_loads_all_examples(netbox_server, tmp_path, ansible_playbook, client) -> None:
    names = ["201001", "5555", "4444", "53532U", "54542U"]
    play = yaml.safe_load((LAYOUTS.parent / "layouts.yml").read_text())
    (tmp_path / "layouts").symlink_to(LAYOUTS)
    output = ansible_playbook(play[0]["tasks"])
    assert "failed=0" in output
    assert len(client.list(CONTEXTS, name=names)) == len(names)
    assert "changed=0 " in ansible_playbook(play[0]["tasks"], "--check")
