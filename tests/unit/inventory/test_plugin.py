# SPDX-License-Identifier: GPL-3.0-or-later
"""The plugin on inventories that Ansible's cache holds: nothing is asked of NetBox."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleParserError
from ansible.inventory.data import InventoryData
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.inventory import get_cache_plugin
from ansible.plugins.loader import inventory_loader
from ansible.template import Templar
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.document import to_document
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.inventory import Inventory
from ansible_collections.clusto.datacenter.plugins.module_utils.mirror.model import (
    Address,
    Host,
    Location,
    Pool,
    Port,
    Rack,
    Site,
)

NAME = "clusto.datacenter.inventory"
URL = "http://netbox.invalid"
TOKEN = "0123456789abcdef"

HEADER = "#jinja2: variable_start_string:'<<', variable_end_string:'>>'\n<< 1 + 1 >>"

SV3 = Site(1, "eqix-sv3", "eqix-sv3")
CAGE = Location(1, "cage 1", "cage-1", SV3)
RACK = Rack(1, "sv3-001", SV3, CAGE)
POOLS = (Pool(1, "web", "pool", children=("pxe-boot",)), Pool(2, "pxe-boot", "pool", 1, ("web",)))
ATTRIBUTES = {"dhcp": {"enabled": 1}, "os": "debian", "time-zone": "UTC", "motd": "{{ 1 + 1 }}", "header": HEADER}
ETH0 = Port(1, "eth0", "1000base-t", addresses=(Address(1, "10.0.0.5", 24, "active"),))
EX0 = Host(
    "device", 1, "ex0000", "server", "basicserver", "active", SV3, (CAGE,), RACK, 7.0, ("pxe-boot", "web"), ATTRIBUTES,
    ports=(ETH0,),
)  # fmt: skip
EX1 = Host("device", 2, "ex0001", "server", "basicserver", "staged", SV3)
VM1 = Host("virtualmachine", 1, "vm1", None, None, "active")
INVENTORY = Inventory(
    api_url=URL, loaded_at=0.0, hosts=(EX0, EX1, VM1), pools=POOLS, sites=(SV3,), locations=(CAGE,), racks=(RACK,)
)

Parse = Callable[..., InventoryData]


@pytest.fixture
def parse(tmp_path: Path) -> Parse:
    """What the plugin makes of a configuration file with these options, the cache holding `inventory`."""

    def parse(inventory: Inventory | None = INVENTORY, ends: Any = None, **options: Any) -> InventoryData:
        where = str(tmp_path / "cache")
        caching = {"cache": True, "cache_plugin": "ansible.builtin.jsonfile", "cache_connection": where}
        config = {"plugin": NAME, "api_url": URL, "token": TOKEN, "timeout": 1, **caching, **options}
        path = tmp_path / "dc.clusto.yml"
        path.write_text(yaml.safe_dump({name: value for name, value in config.items() if value is not None}))
        plugin = inventory_loader.get(NAME)
        assert plugin.verify_file(str(path))
        if inventory:
            cache = get_cache_plugin("ansible.builtin.jsonfile", _uri=where, _prefix="ansible_inventory_")
            key = plugin.get_cache_key(str(path))
            cache[key] = to_document(inventory)
            if ends is not None:
                cache[f"{key}_connections"] = ends
            cache.set_cache()
        data = InventoryData()
        plugin.parse(data, DataLoader(), str(path), cache=True)
        data.reconcile_inventory()
        return data

    return parse


def members(data: InventoryData) -> dict[str, list[str]]:
    return {
        name: [host.name for host in group.get_hosts()]
        for name, group in data.groups.items()
        if name not in {"all", "ungrouped"}
    }


def test_groups_nest_and_names_are_made_safe(parse: Parse) -> None:
    data = parse()
    assert members(data) == {
        "pool_web": ["ex0000"],
        "pool_pxe_boot": ["ex0000"],
        "datacenter_eqix_sv3": ["ex0001", "ex0000"],
        "location_cage_1": ["ex0000"],
        "rack_sv3_001": ["ex0000"],
        "type_server": ["ex0000", "ex0001"],
        "driver_basicserver": ["ex0000", "ex0001"],
    }
    children = {name: [child.name for child in group.child_groups] for name, group in data.groups.items()}
    assert children["pool_web"] == ["pool_pxe_boot"]
    assert children["datacenter_eqix_sv3"] == ["location_cage_1"]
    assert children["location_cage_1"] == ["rack_sv3_001"]
    assert [host.name for host in data.groups["ungrouped"].get_hosts()] == ["vm1"]


def test_variables(parse: Parse) -> None:
    found = parse().get_host("ex0000").get_vars()
    assert found["clusto_attributes"] == ATTRIBUTES
    assert (found["clusto_pools"], found["clusto_ru"], found["ansible_host"]) == (["pxe-boot", "web"], 7, "10.0.0.5")
    assert "dhcp" not in found


def test_connections_are_told_where_they_are_wanted(parse: Parse) -> None:
    ends = [[ETH0.id, [EX1.id, "ex0001", "nic-eth", "eth1"]]]
    [port] = parse(ends=ends, connections=True).get_host("ex0000").get_vars()["clusto_ports"].values()
    assert port["connected_to"] == {"entity": "ex0001", "type": "nic-eth", "port": "eth1"}
    [port] = parse(ends=ends).get_host("ex0000").get_vars()["clusto_ports"].values()
    assert "connected_to" not in port


def test_connections_that_are_not_cached_are_asked_for(parse: Parse) -> None:
    with pytest.raises(AnsibleParserError, match=r"netbox\.invalid"):
        parse(connections=True)


def test_flattened_attributes_are_variables_but_do_not_replace_ours(parse: Parse) -> None:
    host = Host("device", 1, "a", "server", None, "active", attributes={**ATTRIBUTES, "clusto_type": "x", "a.b": 1})
    found = parse(Inventory(api_url=URL, loaded_at=0.0, hosts=[host]), flatten=True).get_host("a").get_vars()
    assert (found["dhcp"], found["time_zone"], found["a_b"], found["clusto_type"]) == (
        {"enabled": 1},
        "UTC",
        1,
        "server",
    )


def test_flattened_ansible_host_goes_before_the_rule(parse: Parse) -> None:
    host = Host("device", 1, "a", None, None, "active", attributes={"ansible_host": "a.example.org"}, ports=(ETH0,))
    found = parse(Inventory(api_url=URL, loaded_at=0.0, hosts=[host]), flatten=True).get_host("a").get_vars()
    assert found["ansible_host"] == "a.example.org"


@pytest.mark.parametrize(
    ("options", "hosts"),
    [
        ({}, {"ex0000", "ex0001", "vm1"}),
        ({"names": ["ex*", "!ex0001"]}, {"ex0000"}),
        ({"names": "{{ 'vm' ~ 1 }}"}, {"vm1"}),
        ({"pools": ["web"]}, {"ex0000"}),
        ({"pools": ["-pxe-boot"]}, {"ex0001", "vm1"}),
        ({"datacenter": "eqix-sv3"}, {"ex0000", "ex0001"}),
        ({"type": ["server"], "status": ["staged"]}, {"ex0001"}),
        ({"virtual_machines": False}, {"ex0000", "ex0001"}),
    ],
)
def test_filters(parse: Parse, options: dict[str, Any], hosts: set[str]) -> None:
    assert set(parse(**options).hosts) == hosts


def test_groups_are_only_those_of_the_hosts_that_were_chosen(parse: Parse) -> None:
    assert set(members(parse(status=["staged"]))) == {"datacenter_eqix_sv3", "type_server", "driver_basicserver"}


def test_constructed(parse: Parse) -> None:
    data = parse(
        compose={"fqdn": "inventory_hostname ~ '.example.org'", "skipped": "nowhere.to.be.found"},
        groups={"upper": "clusto_ru | default(0, true) > 6"},
        keyed_groups=[{"prefix": "os", "key": "clusto_attributes.os"}],
        strict=False,
    )
    assert data.get_host("ex0000").get_vars()["fqdn"] == "ex0000.example.org"
    assert "skipped" not in data.get_host("ex0000").get_vars()
    assert (members(data)["upper"], members(data)["os_debian"]) == (["ex0000"], ["ex0000"])


def test_hosts_share_nothing_that_a_play_could_change(parse: Parse) -> None:
    twins = [Host("device", n, f"twin{n}", None, None, "active", attributes=ATTRIBUTES) for n in (1, 2)]
    data = parse(Inventory(api_url=URL, loaded_at=0.0, hosts=twins))
    one, other = (data.get_host(name).get_vars()["clusto_attributes"] for name in ("twin1", "twin2"))
    assert one == other == ATTRIBUTES
    assert one is not other
    assert one["dhcp"] is not other["dhcp"]


@pytest.mark.parametrize(
    "name", ["web 1", "wéb", "[web]", "a:b", "web,db", "-web", "2001:db8::5", "{{ 1 + 1 }}", "#jinja2: x", "ALL"]
)
def test_odd_names_of_hosts_stay_as_they_are(parse: Parse, name: str) -> None:
    data = parse(Inventory(api_url=URL, loaded_at=0.0, hosts=[Host("device", 1, name, "server", None, "active")]))
    assert list(data.hosts) == [name]
    assert members(data) == {"type_server": [name]}
    found = data.get_host(name).get_vars()
    assert Templar(DataLoader(), variables=found).template(found["inventory_hostname"]) == name


def test_host_with_an_ipv6_address_alone_is_reached_there(parse: Parse) -> None:
    port = Port(1, "eth0", "1000base-t", addresses=(Address(1, "2001:db8::5", 64, "active"),))
    hosts = [Host("device", 1, "a", None, None, "active", ports=(port,))]
    found = parse(Inventory(api_url=URL, loaded_at=0.0, hosts=hosts)).get_host("a").get_vars()
    assert (found["ansible_host"], found["clusto_ips"]) == ("2001:db8::5", ["2001:db8::5"])


@pytest.mark.parametrize(
    "faulty",
    [
        {"compose": {"a": "nowhere.to.be.found"}},
        {"groups": {"a": "nowhere.to.be.found"}},
        {"keyed_groups": [{"key": "nowhere.to.be.found"}]},
    ],
)
def test_strict_makes_faulty_expressions_errors(parse: Parse, faulty: dict[str, Any]) -> None:
    with pytest.raises(AnsibleParserError, match="ex0000"):
        parse(**faulty, strict=True)


def test_nothing_from_netbox_is_a_template(parse: Parse) -> None:
    motd = "clusto_attributes.motd"
    data = parse(compose={"seen": motd}, groups={"evaluated": f"{motd} == '2'"}, flatten=True)
    found = data.get_host("ex0000").get_vars()
    assert found["seen"] == found["motd"] == "{{ 1 + 1 }}"
    assert "evaluated" not in data.groups
    templar = Templar(DataLoader(), variables=found)
    assert templar.template(found["motd"]) == "{{ 1 + 1 }}"
    assert templar.template(found["header"]).startswith("#jinja2:")


def test_connection_options_may_be_templates(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", URL)
    assert "ex0000" in parse(api_url="{{ lookup('ansible.builtin.env', 'WHERE') }}").hosts


def test_filters_may_be_templates(parse: Parse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHICH", "pxe-boot")
    look_up = "lookup('ansible.builtin.env', 'WHICH')"
    assert set(parse(pools=["{{ " + look_up + " }}", "web"]).hosts) == {"ex0000"}
    assert set(parse(pools=["{{ [" + look_up + ", 'web'] }}"]).hosts) == {"ex0000"}


def test_template_that_cannot_be_evaluated_is_named(parse: Parse) -> None:
    with pytest.raises(AnsibleParserError, match=r"dc\.clusto\.yml: pools: .*nowhere"):
        parse(pools=["{{ nowhere }}"])


@pytest.mark.parametrize(("options", "hint"), [({"pool": ["web"]}, "pools"), ({"keyed_group": []}, "keyed_groups")])
def test_misspelt_option_is_refused_and_the_right_one_named(parse: Parse, options: dict[str, Any], hint: str) -> None:
    with pytest.raises(AnsibleParserError, match=rf"unknown option '{next(iter(options))}'; is '{hint}' meant"):
        parse(**options)


def test_alias_of_an_option_is_known(parse: Parse) -> None:
    assert "ex0000" in parse(api_url=None, netbox_url=URL).hosts


def test_type_and_status_of_no_host_are_warned_of(parse: Parse, capsys: pytest.CaptureFixture[str]) -> None:
    assert not parse(type=["sever"], status=["active", "stagd"]).hosts
    shown = " ".join(capsys.readouterr().err.split())
    assert "no host is of type 'sever'; there are server" in shown
    assert "no host is of status 'stagd'; there are active, staged" in shown


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pools": ["wbe"]}, "no pool 'wbe' in NetBox; expected one of pxe-boot, web"),
        ({"datacenter": ["sv4"]}, "no datacenter 'sv4' in NetBox; expected one of eqix-sv3"),
        ({"api_url": "ftp://netbox"}, "api_url 'ftp://netbox' is not the address of a NetBox"),
        ({"token_file": "/nowhere/token"}, "token file '/nowhere/token': No such file or directory"),
    ],
)
def test_wrong_options_are_named_with_the_file(parse: Parse, options: dict[str, Any], message: str) -> None:
    with pytest.raises(AnsibleParserError) as error:
        parse(**options)
    assert message in str(error.value)
    assert "dc.clusto.yml" in str(error.value)


def test_netbox_that_is_away_is_named_and_the_token_is_not(parse: Parse) -> None:
    with pytest.raises(AnsibleParserError) as error:
        parse(None)
    assert URL in str(error.value)
    assert TOKEN not in str(error.value)


def test_cache_of_another_netbox_is_not_used(parse: Parse) -> None:
    with pytest.raises(AnsibleParserError, match=r"netbox\.invalid"):
        parse(Inventory(api_url="http://other", loaded_at=0.0, hosts=[EX0]))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("dc.clusto.yml", True),
        ("dc.clusto.yaml", True),
        ("clusto.yml", True),
        ("dc.yml", False),
        ("notclusto.yml", False),
        ("dc.clusto.json", False),
    ],
)
def test_files_that_are_ours(tmp_path: Path, name: str, *, ours: bool) -> None:
    path = tmp_path / name
    path.touch()
    assert inventory_loader.get(NAME).verify_file(str(path)) is ours


def test_a_few_doubtful_addresses_are_named_and_the_rest_counted(
    parse: Parse, capsys: pytest.CaptureFixture[str]
) -> None:
    macs = tuple(f"02:00:00:00:00:{n:02x}" for n in range(8))
    hosts = [
        Host("device", n, f"twin{n}", None, None, "active", ports=(Port(n, "eth0", "other", macs=macs),))
        for n in (1, 2)
    ]
    parse(Inventory(api_url=URL, loaded_at=0.0, hosts=hosts))
    shown = " ".join(capsys.readouterr().err.split())
    assert shown.count("is on twin1 (eth0) and on twin2 (eth0)") == 5
    assert "and 3 more of this kind" in shown
