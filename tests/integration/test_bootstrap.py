# SPDX-License-Identifier: BSD-2-Clause
"""What clusto needs in NetBox: made once, repaired where it is damaged, left alone otherwise.

These tests damage what all others stand on, so they have a NetBox of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from clusto.core.errors import BatchError, ConflictError, NotBootstrappedError, RefusedError
from clusto.drivers import BasicServer, Pool, Server, Session
from clusto.drivers.pool_map import TAGS
from clusto.ensure.bootstrap import Bootstrap
from clusto.ensure.task import Outcome, perform
from clusto.netbox.blueprint import needed
from clusto.netbox.client import Client, Settings
from clusto.netbox.library_keys import HARMFUL
from clusto.netbox.needed import (
    BAY_TYPES,
    COOLING_OUTFLOWS,
    CUSTOM_FIELDS,
    DEVICE_TYPES,
    FRONT_PORTS,
    INTERFACES,
    INVENTORY_ITEMS,
    MANUFACTURERS,
    MODULE_BAYS,
    PROFILES,
    ROLES,
    TEMPLATES,
)
from clusto.netbox.schema import Change, bootstrap, differences, left_out, require
from tools.lab.instance import Instance, NetBoxServer

Unique = Callable[[str], str]
CONTEXTS = "extras/config-contexts"


@dataclass(frozen=True)
class First:
    """An empty NetBox, and what the first rehearsal and the first run said of it."""

    server: NetBoxServer
    forecast: list[Change]
    made: list[Change]


RACK_SERVER = {
    "manufacturer": "Example Systems",
    "model": "ES-1",
    "slug": "example-systems-es-1",
    "u_height": 1,
    "is_full_depth": False,
    "airflow": "front-to-rear",
    "weight": 11.5,
    "weight_unit": "kg",
    "front_image": True,
    "comments": "Written for this test\n",
    "default_platform": "ES-OS",
    "cooling_method": "liquid",
    "end_of_life": "2031-12-31",
    "tags": ["written for a test"],
    "noise": 60,
    "interfaces": [
        {"name": "br0", "type": "bridge"},
        {"name": "eth0", "type": "1000base-t", "bridge": "br0"},
        {"name": "eth1", "type": "1000base-t", "label": "2", "poe_mode": "pd", "poe_type": "type1-ieee802.3af"},
        {"name": "bmc", "type": "1000base-t", "mgmt_only": True},
    ],
    "console-ports": [{"name": "serial", "type": "de-9"}],
    "power-ports": [{"name": f"PS{n}", "type": "iec-60320-c14", "maximum_draw": 500} for n in (1, 2)],
    "cooling-outflows": [{"name": "out", "type": "uqd", "cooling_intake": "in"}],
    "cooling-intakes": [
        {"name": "in", "type": "uqd", "diameter": 12.5, "diameter_unit": "mm", "max_flow": 2, "max_flow_unit": "lpm"}
    ],
    "module-bays": [{"name": "Slot 1", "position": "1", "module_bay_types": ["riser", "OCP 3.0"]}],
    "inventory-items": [
        {"name": "TPM", "manufacturer": "Example Chips", "part_id": "TPM2", "parent": "Board", "role": "Security"},
        {"name": "Board"},
    ],
}
PANEL = {
    "manufacturer": "Example Systems",
    "model": "Panel 4",
    "slug": "example-systems-panel-4",
    "u_height": 0.5,
    "rear-ports": [{"name": "R1", "type": "mpo", "positions": 4, "color": "ff0000"}],
    "front-ports": [{"name": f"F{n}", "type": "lc", "rear_port": "R1", "rear_port_position": n} for n in range(1, 5)],
}
CHASSIS = {
    "manufacturer": "Example Systems",
    "model": "Chassis with PDU",
    "slug": "example-systems-chassis",
    "u_height": 4,
    "subdevice_role": "parent",
    "device-bays": [{"name": "Bay 1"}, {"name": "Bay 2"}],
    "console-server-ports": [{"name": "tty1", "type": "rj-45"}],
    "power-ports": [{"name": "in", "type": "iec-60309-p-n-e-6h"}],
    "power-outlets": [{"name": "out1", "type": "iec-60320-c13", "power_port": "in", "feed_leg": "A"}],
}
LIBRARY = {"es-1.yaml": RACK_SERVER, "panel.yaml": PANEL, "chassis.yaml": CHASSIS}


@pytest.fixture(scope="module")
def first(netbox_instance: Callable[[], Instance]) -> First:
    server = netbox_instance().server
    with Client(Settings(server.api_url, server.token)) as client:
        return First(server, bootstrap(client, apply=False), bootstrap(client))


@pytest.fixture(scope="module")
def netbox_server(first: First) -> NetBoxServer:
    return first.server


@pytest.fixture
def damaged(client: Client) -> Iterator[Client]:
    yield client
    bootstrap(client)


def names(changes: list[Any]) -> set[tuple[str, str, bool]]:
    """Kind, name, whether it was made."""
    return {(change.kind, change.name, change.before is None) for change in changes}


def remove(client: Client, endpoint: str, **filters: Any) -> None:
    client.delete_many(endpoint, [record["id"] for record in client.list(endpoint, **filters)])


def test_the_first_run_makes_all_of_it_as_forecast(first: First) -> None:
    assert names(first.made) == names(first.forecast) == {(one.kind, one.name, True) for one in needed()}


def test_a_second_run_changes_nothing(client: Client) -> None:
    assert bootstrap(client) == []
    assert bootstrap(client, apply=False) == []
    require(client)


def test_check_then_apply_then_repeat_on_what_was_partly_deleted(damaged: Client) -> None:
    client = damaged
    model = client.one(DEVICE_TYPES, slug="penguinserver2u")
    assert model is not None
    remove(client, DEVICE_TYPES, slug="penguinserver2u")
    remove(client, TEMPLATES[0], name="eth1", device_type_id=client.one(DEVICE_TYPES, slug="basicserver")["id"])
    field = client.one(CUSTOM_FIELDS, name="clusto_driver")
    client.update(CUSTOM_FIELDS, field["id"], {"object_types": ["dcim.rack", "dcim.platform"]})
    remove(client, ROLES, slug="loadbalancer")
    expected = {
        ("custom field", "clusto_driver", False),
        ("device role", "loadbalancer", True),
        ("device type", "penguinserver2u", True),
        ("interface template", "basicserver eth1", True),
        *(
            (one.kind, one.name, True)
            for one in needed()
            if one.endpoint in TEMPLATES and one.name.startswith("penguinserver2u ")
        ),
    }
    assert names(bootstrap(client, apply=False)) == expected
    assert names(bootstrap(client, apply=False)) == expected, "a check must not change anything"
    with pytest.raises(
        NotBootstrappedError, match=r"lacks device role loadbalancer; run clusto\.datacenter\.bootstrap"
    ):
        require(client)
    assert names(bootstrap(client)) == expected
    assert bootstrap(client) == []
    require(client)
    # What others added to it stays
    assert "dcim.platform" in client.one(CUSTOM_FIELDS, name="clusto_driver")["object_types"]
    client.update(CUSTOM_FIELDS, field["id"], {"object_types": ["dcim.site", "dcim.location", "dcim.rack"]})


def test_a_change_shows_what_differs_before_and_after(damaged: Client) -> None:
    profile = damaged.one(PROFILES, name="clusto name manager")
    damaged.update(PROFILES, profile["id"], {"schema": {"type": "object"}, "description": "ours"})
    (change,) = bootstrap(damaged)
    assert change.before == {"schema": {"type": "object"}}
    assert change.after["schema"]["required"] == ["next"]
    assert damaged.one(PROFILES, name="clusto name manager")["description"] == "ours"


def test_a_role_that_others_made_is_taken_over(damaged: Client) -> None:
    remove(damaged, ROLES, slug="loadbalancer")
    damaged.create(ROLES, {"name": "Load balancers", "slug": "loadbalancer", "color": "ff0000"})
    assert bootstrap(damaged) == []
    remove(damaged, ROLES, slug="loadbalancer")


def test_what_is_in_the_way_is_named(damaged: Client, unique: Unique) -> None:
    remove(damaged, ROLES, slug="loadbalancer")
    other = damaged.create(ROLES, {"name": "loadbalancer", "slug": unique("lb")})
    with pytest.raises(ConflictError) as caught:
        bootstrap(damaged)
    for part in ("device role 'loadbalancer'", other["slug"], "needs 'loadbalancer'", f"/{other['id']}/"):
        assert part in str(caught.value)
    damaged.delete(ROLES, other["id"])


def test_an_object_of_another_make_is_not_overwritten(damaged: Client) -> None:
    remove(damaged, DEVICE_TYPES, slug="penguinserver2u")
    maker = {"slug": "clusto"}
    damaged.create(DEVICE_TYPES, {"manufacturer": maker, "model": "mine", "slug": "penguinserver2u", "u_height": 4})
    with pytest.raises(ConflictError, match=r"'penguinserver2u' exists with u_height 4\.0, clusto needs 2"):
        bootstrap(damaged, apply=False)
    remove(damaged, DEVICE_TYPES, slug="penguinserver2u")


def test_two_may_bootstrap_at_once(damaged: Client) -> None:
    for slug in ("basicserver", "penguinserver", "penguinserver2u"):
        remove(damaged, DEVICE_TYPES, slug=slug)
    remove(damaged, ROLES, slug=["loadbalancer", "firewall"])
    with ThreadPoolExecutor(3) as pool:
        done = [change for changes in pool.map(lambda _: bootstrap(damaged), range(3)) for change in changes]
    assert len(names(done)) == len(done), "each is made once"
    assert bootstrap(damaged) == []


# Device types in the format of the devicetype-library


def test_a_library_s_device_types_are_made_completed_and_left_alone(damaged: Client) -> None:
    client = damaged
    client.create("extras/tags", {"name": "written for a test", "slug": "written-for-a-test"})
    everybodys = client.create(BAY_TYPES, {"name": "OCP 3.0", "slug": "ocp-3"})
    forecast = bootstrap(client, apply=False, device_types=LIBRARY)
    assert names(bootstrap(client, device_types=LIBRARY)) == names(forecast)
    # Makers, platform, role, type of module bays, device types, and the components of each
    assert len(forecast) == 2 + 1 + 1 + 1 + 3 + 12 + 5 + 5
    assert bootstrap(client, device_types=LIBRARY) == []
    assert differences(client, LIBRARY) == []
    assert left_out(LIBRARY) == [
        "es-1.yaml: noise is left out: NetBox has no place for it",
        f"es-1.yaml: inventory-items: parent is left out: {HARMFUL['inventory-items', 'parent']}",
    ]
    type_ = client.one(DEVICE_TYPES, slug="example-systems-es-1")
    assert (type_["weight"], type_["airflow"]["value"], type_["is_full_depth"]) == (11.5, "front-to-rear", False)
    of = {"device_type_id": type_["id"]}
    assert client.one(INTERFACES, name="eth0", **of)["bridge"]["name"] == "br0"
    assert (type_["default_platform"]["name"], type_["cooling_method"]["value"]) == ("ES-OS", "liquid")
    tpm = client.one(INVENTORY_ITEMS, name="TPM", **of)
    assert (tpm["manufacturer"]["slug"], tpm["role"]["name"]) == ("example-chips", "Security")
    assert client.one(COOLING_OUTFLOWS, **of)["cooling_intake"]["name"] == "in"
    kinds = {kind["name"]: kind["id"] for kind in client.one(MODULE_BAYS, **of)["module_bay_types"]}
    assert (set(kinds), kinds["OCP 3.0"]) == ({"riser", "OCP 3.0"}, everybodys["id"])
    panel = client.one(DEVICE_TYPES, slug="example-systems-panel-4")["id"]
    fronts = client.list(FRONT_PORTS, device_type_id=panel)
    assert [[to["rear_port_position"] for to in front["rear_ports"]] for front in fronts] == [[1], [2], [3], [4]]
    # Somebody changes one and deletes another; what they added stays
    remove(client, INTERFACES, name="eth1", **of)
    client.update(INTERFACES, client.one(INTERFACES, name="bmc", **of)["id"], {"mgmt_only": False})
    client.update(DEVICE_TYPES, type_["id"], {"u_height": 2})
    client.create(INTERFACES, {"device_type": type_["id"], "name": "eth2", "type": "1000base-t"})
    remove(client, FRONT_PORTS, name="F3", device_type_id=panel)
    (eth1, front) = bootstrap(client, device_types=LIBRARY)
    assert (eth1.name, front.name) == ("example-systems-es-1 eth1", "example-systems-panel-4 F3")
    assert sorted(differences(client, LIBRARY)) == [
        "es-1.yaml: device type example-systems-es-1: u_height is 2.0 in NetBox, 1 in the file",
        "es-1.yaml: interface template example-systems-es-1 bmc: mgmt_only is False in NetBox, True in the file",
    ]
    assert client.one(INTERFACES, name="eth2", **of)
    for slug in ("example-systems-es-1", "example-systems-panel-4", "example-systems-chassis"):
        remove(client, DEVICE_TYPES, slug=slug)
    client.delete(BAY_TYPES, everybodys["id"])


def test_what_netbox_refuses_of_a_library_is_named_with_its_file(damaged: Client) -> None:
    wrong = {**PANEL, "rear-ports": [{"name": "R1", "type": "no-such-plug", "positions": 4}]}
    with pytest.raises(
        RefusedError, match=r"p\.yaml: rear port template example-systems-panel-4 R1: type: .*no-such-plug"
    ):
        bootstrap(damaged, device_types={"p.yaml": wrong})
    # What was made before it is completed by the next run
    assert {change.kind for change in bootstrap(damaged, device_types={"p.yaml": PANEL})} == {
        "rear port template",
        "front port template",
    }
    remove(damaged, DEVICE_TYPES, slug="example-systems-panel-4")
    damaged.create(DEVICE_TYPES, {"manufacturer": {"slug": "example-systems"}, "model": "Panel 4", "slug": "theirs"})
    with pytest.raises(
        ConflictError, match=r"p\.yaml: device type '.*' exists with slug 'theirs', the file says 'example"
    ):
        bootstrap(damaged, device_types={"p.yaml": PANEL})
    remove(damaged, DEVICE_TYPES, slug="theirs")


def test_a_maker_is_known_by_its_name_whatever_its_slug(damaged: Client) -> None:
    damaged.create(MANUFACTURERS, {"name": "Odd & Sons", "slug": "odd"})
    odd = {"manufacturer": "Odd & Sons", "model": "O1", "slug": "odd-sons-o1"}
    assert [change.kind for change in bootstrap(damaged, device_types={"odd.yaml": odd})] == ["device type"]
    remove(damaged, DEVICE_TYPES, slug="odd-sons-o1")


def test_a_driver_has_the_components_of_the_device_type_of_its_name(damaged: Client) -> None:
    bootstrap(damaged, device_types=LIBRARY)

    class ExampleServer(Server):
        _driver_name = "example-systems-es-1"

    session = Session(damaged)
    made = ExampleServer("library", session=session)
    assert isinstance(session.get_by_name("library"), ExampleServer)
    assert made.driver == "ES-1"
    info = made.port_info()
    assert [port["name"] for port in info["nic-eth"] if port["number"]] == ["eth0", "eth1"]
    assert len(info["console-serial"]) == 1
    made.delete(cascade=True)
    for slug in ("example-systems-es-1", "example-systems-panel-4", "example-systems-chassis"):
        remove(damaged, DEVICE_TYPES, slug=slug)


# Pools of tags that others made


@dataclass(frozen=True)
class Theirs:
    client: Client
    unique: Unique

    def tag(self, stem: str) -> dict[str, Any]:
        return self.client.create(
            TAGS, {"name": self.unique(stem).title(), "slug": self.unique(stem), "color": "00ff00"}
        )

    def context(self, stem: str, **fields: Any) -> dict[str, Any]:
        return self.client.create(CONTEXTS, {"name": self.unique(stem), "weight": 77, "data": {"ntp": "a"}, **fields})


@pytest.fixture
def theirs(client: Client, unique: Unique) -> Iterator[Theirs]:
    known = {end: {record["id"] for record in client.list(end)} for end in (CONTEXTS, TAGS, "dcim/sites")}
    yield Theirs(client, unique)
    for end, before in known.items():
        client.delete_many(end, [record["id"] for record in client.list(end) if record["id"] not in before])


def adopted(client: Client, *pools: dict[str, str], rehearse: bool = False) -> Outcome:
    return perform(Bootstrap(Session(client), adopt={"pools": pools}), rehearse=rehearse)


def test_a_tag_and_its_context_become_a_pool_and_keep_all_else(client: Client, theirs: Theirs) -> None:
    tag = theirs.tag("hyper")
    context = theirs.context("settings", tags=[tag["slug"]], description="ours")
    wanted = {"tag": tag["name"], "context": context["name"]}
    forecast = adopted(client, wanted, rehearse=True)
    assert client.get(CONTEXTS, context["id"]).record == context
    outcome = adopted(client, wanted)
    assert (outcome.before, outcome.after) == (forecast.before, forecast.after)
    title = f"pool {context['name']}"
    assert (outcome.before, outcome.after) == ({title: {"profile": None}}, {title: {"profile": "clusto pool"}})
    for again in (wanted, {"tag": tag["slug"]}):
        assert not adopted(client, again).changed
    now = client.get(CONTEXTS, context["id"]).record
    same = context.keys() - {"profile", "last_updated"}
    assert {key: now[key] for key in same} == {key: context[key] for key in same}
    assert client.get(TAGS, tag["id"]).record["color"] == "00ff00"


def test_adopted_pools_are_pools_in_every_respect(client: Client, theirs: Theirs) -> None:
    session = Session(client)
    outer_tag, inner_tag = theirs.tag("outer"), theirs.tag("inner")
    context = theirs.context("outer-settings", tags=[outer_tag["slug"]])
    adopted(client, {"tag": outer_tag["name"], "context": context["name"]}, {"tag": inner_tag["slug"]})
    outer, inner = (Pool.get(name, session=session) for name in (context["name"], inner_tag["name"]))
    server = BasicServer(theirs.unique("adopted"), session=session)
    client.update("dcim/devices", server.id, {"tags": [{"slug": outer_tag["slug"]}]})
    assert outer.contents() == [server], "what bears the tag is in the pool"
    assert server.merged() == {"ntp": "a"}
    outer.remove(server)
    inner.insert(server)
    outer.insert(inner)
    inner.set_attr("role", "kvm")
    assert server in outer
    assert [pool.name for pool in server.pools()] == [inner.name, outer.name]
    assert outer.contents(search_children=True) == [inner, server]
    assert (
        server.merged() == client.get("dcim/devices", server.id).record["config_context"] == {"ntp": "a", "role": "kvm"}
    )
    assert not adopted(client, {"tag": outer_tag["name"]}, {"tag": inner_tag["name"]}).changed
    assert adopted(client, {"tag": theirs.tag("sole")["name"], "driver": "exclusive_pool"}).changed
    with pytest.raises(ConflictError, match="exclusive"):
        Pool.get(theirs.unique("sole").title(), session=session).insert(server)
    server.delete(cascade=True)


def test_what_cannot_be_a_pool_is_refused_and_named(client: Client, theirs: Theirs, unique: Unique) -> None:
    tag, second, lonely = theirs.tag("one")["slug"], theirs.tag("two")["slug"], theirs.tag("lonely")
    site = client.create("dcim/sites", {"name": unique("theirs"), "slug": unique("theirs")})
    sited = theirs.context("sited", tags=[tag, second], sites=[site["id"]])
    cases = {
        "nowhere": "not assigned to the tag",
        "asleep": "it is inactive",
        "odd": "'1st key'",
        "counter": "it has the profile 'clusto name manager'",
    }
    theirs.context("nowhere")
    theirs.context("asleep", tags=[tag], is_active=False)
    theirs.context("odd", tags=[tag], data={"1st key": 1})
    theirs.context("counter", tags=[tag], data={"next": 1}, profile={"name": "clusto name manager"})
    client.create(CONTEXTS, {"name": lonely["name"], "data": {"a": 1}, "is_active": False})
    wanted = [{"tag": tag, "context": unique(stem)} for stem in cases]
    written = client.extent("core/object-changes").newest
    for rehearse in (True, False):
        with pytest.raises(BatchError) as caught:
            adopted(
                client,
                *wanted,
                {"tag": tag, "context": sited["name"]},
                {"tag": "no-such-tag"},
                {"tag": tag, "context": "no such context"},
                {"tag": lonely["slug"]},
                rehearse=rehearse,
            )
        reasons = [str(why) for _, _, why in caught.value.refused]
        expected = [
            *cases.values(),
            f"assigned to the tags {second} as well; it is assigned to the sites {site['name']}",
            "there is no tag 'no-such-tag'",
            "there is no config context 'no such context'",
            "NetBox has a config context of that name",
        ]
        assert len(reasons) == len(expected)
        assert all(part in reason for part, reason in zip(expected, reasons, strict=True)), reasons
    assert client.extent("core/object-changes").newest == written
    adopted(client, {"tag": second})
    with pytest.raises(BatchError, match=r"is that of pool .* already"):
        adopted(client, {"tag": second, "driver": "unique_pool"})


# What the schemas refuse


@pytest.fixture
def context(client: Client, unique: Unique) -> Iterator[Callable[..., dict[str, Any]]]:
    made: list[int] = []

    def make(profile: str, data: dict[str, Any]) -> dict[str, Any]:
        body = {"name": unique(f"context{len(made)}"), "profile": {"name": profile}, "data": data, "is_active": False}
        made.append(client.create(CONTEXTS, body)["id"])
        return body

    yield make
    client.delete_many(CONTEXTS, made)


@pytest.mark.parametrize("profile", ["clusto pool", "clusto unique pool", "clusto exclusive pool", "clusto attributes"])
def test_a_misspelt_dhcp_option_is_refused_by_netbox(context, profile: str) -> None:
    with pytest.raises(RefusedError, match="'tftp_srever' was unexpected") as caught:
        context(profile, {"dhcp": {"enabled": 1, "tftp_srever": "192.168.1.1"}})
    assert len(str(caught.value)) < 300, "the message does not print the schema"
    with pytest.raises(RefusedError, match="'1st key' does not match"):
        context(profile, {"1st key": 1})
    seed = {"enabled": 1, "tftp_server": "192.168.1.1", "tftp_filename": "/pxelinux.0", "domain": "example.org"}
    context(profile, {"dhcp": seed, "_contains": [1], "snmp": {"discovery": 1}, "disk": {"1": {"size": 4}}})


def test_users_options_are_allowed_when_named_and_kept_until_named_otherwise(damaged: Client, context) -> None:
    data = {"dhcp": {"rack_colour": "blue"}}
    with pytest.raises(RefusedError, match="rack_colour"):
        context("clusto pool", data)
    assert {change.kind for change in bootstrap(damaged, dhcp_options=["rack_colour"])} == {
        "custom field",
        "config context profile",
    }
    context("clusto pool", data)
    assert bootstrap(damaged) == []
    assert bootstrap(damaged, dhcp_options=["rack_colour"]) == []
    assert len(bootstrap(damaged, dhcp_options=[])) == 5
    with pytest.raises(RefusedError, match="rack_colour"):
        context("clusto pool", data)


def test_rack_attributes_are_checked_alike(client: Client, unique: Unique) -> None:
    name = unique("schema")
    site = client.create("dcim/sites", {"name": name, "slug": name})
    rack = {"name": name, "site": site["id"]}
    with pytest.raises(RefusedError, match=r"clusto_attributes.*tftp_srever"):
        client.create("dcim/racks", {**rack, "custom_fields": {"clusto_attributes": {"dhcp": {"tftp_srever": 1}}}})
    good = {"racklayout": "201001", "dhcp": {"enabled": 1}}
    made = client.create("dcim/racks", {**rack, "custom_fields": {"clusto_attributes": good, "clusto_driver": "x"}})
    assert made["custom_fields"].items() >= {"clusto_attributes": good, "clusto_driver": "x"}.items()
    client.delete("dcim/racks", made["id"])
    client.delete("dcim/sites", site["id"])


def test_a_name_managers_counter_is_checked(context) -> None:
    context("clusto name manager", {"basename": "s", "digits": 4, "leading_zeros": True, "next": 0})
    for wrong in ({"basename": "s"}, {"next": -1}, {"next": 1, "digts": 4}, {"next": 1, "digits": 0}):
        with pytest.raises(RefusedError, match="does not conform to profile schema"):
            context("clusto name manager", wrong)


def test_the_name_of_an_ip_manager_is_unique(client: Client, unique: Unique) -> None:
    fields = {"custom_fields": {"clusto_name": unique("subnet")}}
    first = client.create("ipam/prefixes", {"prefix": "203.0.113.0/25", **fields})
    try:
        with pytest.raises(RefusedError, match=r"clusto_name.*unique value"):
            client.create("ipam/prefixes", {"prefix": "203.0.113.128/25", **fields})
    finally:
        client.delete("ipam/prefixes", first["id"])
