# SPDX-License-Identifier: BSD-2-Clause
"""Whatever changes in NetBox, following its log comes to the same as reading everything."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from clusto.mirror.replica import Held, Replica
from tests.contents import contents

from .netbox import NetBox

DEVICES, MACHINES = "dcim/devices", "virtualization/virtual-machines"
INTERFACES, VM_INTERFACES = "dcim/interfaces", "virtualization/interfaces"
MACS, IPS, PREFIXES = "dcim/mac-addresses", "ipam/ip-addresses", "ipam/prefixes"
SITES, LOCATIONS, RACKS, REGIONS = "dcim/sites", "dcim/locations", "dcim/racks", "dcim/regions"
TAGS, CONTEXTS = "extras/tags", "extras/config-contexts"
HELD = {INTERFACES: ("device", DEVICES), VM_INTERFACES: ("virtual_machine", MACHINES)}
ASSIGNABLE = {INTERFACES: "dcim.interface", VM_INTERFACES: "virtualization.vminterface"}

values = st.sampled_from([0, 1, True, False, "a", ["a"], [True], {"b": 1}, {"b": True}])
documents = st.dictionaries(st.sampled_from("xyz"), values, max_size=2)
picks = st.integers(0, 1_000_000)
"""Which of what there is by then."""


class Datacenter(RuleBasedStateMachine):
    """Changes the fake NetBox at random; some at once, some before the log is read."""

    def __init__(self) -> None:
        super().__init__()
        self.netbox = NetBox()
        for endpoint in (REGIONS, SITES, LOCATIONS, RACKS, TAGS, DEVICES, MACHINES):
            self.netbox.add(endpoint)
        self.replica = Replica(self.netbox, clock=lambda: 1.0)
        self.held: Held = self.replica.load()
        self.unread = False

    def one(self, endpoint: str, pick: int) -> dict[str, int] | None:
        there = sorted(self.netbox.tables[endpoint])
        return {"id": there[pick % len(there)]} if there else None

    @rule(kind=st.sampled_from([DEVICES, MACHINES]), pick=picks, own=documents, tag=picks)
    def add_host(self, kind: str, pick: int, own: Any, tag: int) -> None:
        self.netbox.add(kind, site=self.one(SITES, pick), local_context_data=own, tags=self.tags(tag))

    @rule(pick=picks, to=picks, own=documents, tag=picks, field=st.sampled_from(["site", "rack", "location"]))
    def change_device(self, pick: int, to: int, own: Any, tag: int, field: str) -> None:
        if device := self.one(DEVICES, pick):
            there = self.one(f"dcim/{field}s", to)
            changes = {field: there, "local_context_data": own, "tags": self.tags(tag)}
            self.netbox.change(DEVICES, device["id"], **changes)

    @rule(kind=st.sampled_from([*HELD]), pick=picks)
    def add_interface(self, kind: str, pick: int) -> None:
        holder, endpoint = HELD[kind]
        if host := self.one(endpoint, pick):
            self.netbox.add(kind, **{holder: host})

    @rule(kind=st.sampled_from([MACS, IPS]), pick=picks, number=st.integers(1, 9), to=st.sampled_from([*HELD, None]))
    def assign(self, kind: str, pick: int, number: int, to: str | None) -> None:
        address = {"mac_address": f"02:00:00:00:00:0{number}"} if kind == MACS else {"address": f"10.0.0.{number}/24"}
        self.netbox.add(kind, **address, **self.assigned(to, pick))

    @rule(kind=st.sampled_from([MACS, IPS]), pick=picks, to=st.sampled_from([*HELD, None]), port=picks)
    def reassign(self, kind: str, pick: int, to: str | None, port: int) -> None:
        if one := self.one(kind, pick):
            self.netbox.change(kind, one["id"], **self.assigned(to, port))

    @rule(pick=picks, address=picks)
    def make_primary(self, pick: int, address: int) -> None:
        """An address of another's too: one outside a NAT."""
        if device := self.one(DEVICES, pick):
            self.netbox.change(DEVICES, device["id"], primary_ip4=self.one(IPS, address))

    @rule(pick=picks, number=st.integers(1, 9))
    def renumber(self, pick: int, number: int) -> None:
        if address := self.one(IPS, pick):
            self.netbox.change(IPS, address["id"], address=f"10.0.1.{number}/24")

    @rule(kind=st.sampled_from([SITES, LOCATIONS, RACKS, TAGS]), pick=picks, own=documents, tag=picks)
    def add_place(self, kind: str, pick: int, own: Any, tag: int) -> None:
        more = {LOCATIONS: {"parent": self.one(LOCATIONS, pick)}, RACKS: {"custom_fields": {"clusto_attributes": own}}}
        self.netbox.add(kind, **more.get(kind, {}), **({} if kind == TAGS else {"tags": self.tags(tag)}))

    @rule(
        kind=st.sampled_from([SITES, LOCATIONS, RACKS]), pick=picks, own=documents, tag=picks, name=st.text(max_size=1)
    )
    def change_place(self, kind: str, pick: int, own: Any, tag: int, name: str) -> None:
        if place := self.one(kind, pick):
            more = {"custom_fields": {"clusto_attributes": own}} if kind == RACKS else {}
            self.netbox.change(kind, place["id"], name=name, tags=self.tags(tag), **more)

    @rule(pick=picks, to=picks)
    def move_rack(self, pick: int, to: int) -> None:
        """NetBox moves the devices along without a word."""
        site, rack = self.one(SITES, to), self.one(RACKS, pick)
        if rack and self.netbox.tables[RACKS][rack["id"]]["site"] != site:
            self.netbox.change(RACKS, rack["id"], site=site)
            for device in self.netbox.tables[DEVICES].values():
                if device["rack"] == rack:
                    device["site"] = site

    @rule(pick=picks, data=documents, weight=st.integers(1, 3), of=st.sampled_from(["pool", "tag", "site", "region"]))
    def add_context(self, pick: int, data: Any, weight: int, of: str) -> None:
        tags = [tag["id"]] if (tag := self.one(TAGS, pick)) and of in {"pool", "tag"} else []
        sites = [one] if (one := self.one(SITES, pick)) and of == "site" else []
        regions = [one] if (one := self.one(REGIONS, pick)) and of == "region" else []
        profile = {"name": "clusto pool"} if of == "pool" and tags else None
        kind = {"tags": tags, "sites": sites, "regions": regions, "profile": profile}
        self.netbox.add(CONTEXTS, data=data, weight=weight, **kind)

    @rule(pick=picks, to=picks)
    def move_site(self, pick: int, to: int) -> None:
        if site := self.one(SITES, pick):
            self.netbox.change(SITES, site["id"], region=self.one(REGIONS, to) if to % 3 else None)

    @rule(pick=picks, nested=st.booleans())
    def add_region(self, pick: int, nested: bool) -> None:  # noqa: FBT001 - hypothesis names it
        self.netbox.add(REGIONS, parent=self.one(REGIONS, pick) if nested else None)

    @rule(pick=picks, data=documents, weight=st.integers(1, 3))
    def change_context(self, pick: int, data: Any, weight: int) -> None:
        if context := self.one(CONTEXTS, pick):
            self.netbox.change(CONTEXTS, context["id"], data=data, weight=weight)

    @rule(pick=picks, slug=st.sampled_from("abc"))
    def rename_tag(self, pick: int, slug: str) -> None:
        taken = {tag["slug"] for tag in self.netbox.tables[TAGS].values()}
        if (tag := self.one(TAGS, pick)) and slug not in taken:
            self.netbox.change(TAGS, tag["id"], slug=slug, name=slug)

    @rule(name=st.sampled_from([None, "a", "b"]), pick=picks, network=st.sampled_from(["10.0.0.0/24", "10.0.1.0/25"]))
    def add_or_change_prefix(self, name: str | None, pick: int, network: str) -> None:
        fields = {"prefix": network, "custom_fields": {"clusto_name": name}}
        prefix = self.one(PREFIXES, pick)
        if prefix and pick % 2:
            self.netbox.change(PREFIXES, prefix["id"], **fields)
        else:
            self.netbox.add(PREFIXES, **fields)

    @rule(
        kind=st.sampled_from([DEVICES, MACHINES, INTERFACES, VM_INTERFACES, MACS, IPS, PREFIXES, CONTEXTS]), pick=picks
    )
    def remove(self, kind: str, pick: int) -> None:
        if one := self.one(kind, pick):
            self.delete(kind, one["id"])

    @rule(pick=picks)
    def remove_tag(self, pick: int) -> None:
        """Logged for the contexts it is taken from, but not for hosts and places."""
        if tag := self.one(TAGS, pick):
            for number, context in [*self.netbox.tables[CONTEXTS].items()]:
                if tag["id"] in context["tags"]:
                    self.netbox.change(CONTEXTS, number, tags=[t for t in context["tags"] if t != tag["id"]])
            for table in self.netbox.tables.values():
                for record in table.values():
                    record["tags"] = [t for t in record.get("tags") or () if t != tag["id"]]
            self.netbox.remove(TAGS, tag["id"])

    def delete(self, kind: str, number: int) -> None:
        """With what NetBox deletes along, or sets to nothing."""
        for endpoint, one in [*self.inner(kind, number)]:
            self.delete(endpoint, one)
        if kind == IPS:
            for host in (*self.netbox.tables[DEVICES].values(), *self.netbox.tables[MACHINES].values()):
                if host["primary_ip4"] == {"id": number}:
                    host["primary_ip4"] = None
        self.netbox.remove(kind, number)

    def inner(self, kind: str, number: int) -> Iterator[tuple[str, int]]:
        """Interfaces of hosts; what is assigned to interfaces."""
        for endpoint, (holder, outer) in HELD.items():
            if kind == outer:
                inner = self.netbox.tables[endpoint].items()
                yield from ((endpoint, one) for one, record in inner if record[holder]["id"] == number)
        for endpoint in (MACS, IPS) if kind in HELD else ():
            for one, record in self.netbox.tables[endpoint].items():
                if (record["assigned_object_type"], record["assigned_object_id"]) == (ASSIGNABLE[kind], number):
                    yield endpoint, one

    def tags(self, pick: int) -> list[int]:
        return [tag["id"]] if pick % 3 and (tag := self.one(TAGS, pick)) else []

    def assigned(self, to: str | None, pick: int) -> dict[str, Any]:
        port = self.one(to, pick) if to else None
        return {
            "assigned_object_type": ASSIGNABLE[to] if to and port else None,
            "assigned_object_id": port["id"] if port else None,
        }

    @rule()
    def leave_the_log_unread_for_a_step(self) -> None:
        self.unread = True

    @invariant()
    def following_comes_to_the_same_as_reading_everything(self) -> None:
        if self.unread:
            self.unread = False
            return
        before = self.held
        self.held, changes = self.replica.catch_up(before)
        everything = Replica(self.netbox, clock=lambda: 1.0).load()
        assert contents(self.held.inventory) == contents(everything.inventory)
        if not changes:
            assert self.held.inventory is before.inventory
        if contents(self.held.inventory) == contents(before.inventory):
            assert self.held.inventory is before.inventory
        again = Replica(self.netbox, clock=lambda: 2.0).load(self.held)
        assert again.inventory is self.held.inventory


Datacenter.TestCase.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestDatacenter = Datacenter.TestCase
