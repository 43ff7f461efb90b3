# SPDX-License-Identifier: BSD-2-Clause
"""Fills the ground in a few rounds of parallel requests, however long the list; what nothing depends on is left out.

| round | what | why then |
|---|---|---|
| named | all that wishes name, and what NetBox has of their MAC addresses and addresses | |
| around | bearers of MAC addresses, racks that wishes mean without naming them | by what was found |
| units | what stands in the racks, where somebody moves | the racks are known |
| parts | ports, subnets, pools, locations, heights, what new ones are made of | the devices are known |
| ends | cables, bound addresses, who has what a wish wants | the ports are known |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ...core import addresses
from ...core.errors import ClustoError
from ...core.ports import Component, port_type
from ...drivers import Device, Rack
from ...drivers.pool_map import PoolMap
from ...drivers.ports import ENDPOINTS, MACS, Port
from ...drivers.subnet import ADDRESSES, Subnet
from ...netbox.client import Query
from ..memberships import Memberships
from . import bearers, fields, named, parts
from .bearers import BEARER
from .ground import RACKS, ROLES, TYPES, Ground, canonical_ip
from .wishes import Wish

TEMPLATES = {component: f"{ENDPOINTS[component].removesuffix('s')}-templates" for component in Component}
"""What the ports of a new device are made from."""

Queries = dict[Any, Query]


class Reading:
    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._session = ground.session
        self._client = ground.session.client
        self._wishes = ground.wishes
        self._recognisable: set[int] = set()
        """The ids of devices that wishes without a name may mean."""

    def run(self) -> None:
        found = self._client.fetch(named.queries(self._ground))
        named.take(self._ground, found)
        self._recognisable.update(record["id"] for record in found["marked"])
        self._around()
        self._units()
        self._parts()
        self._ends()

    def again(self, ids: Iterable[int]) -> dict[int, Device]:
        """These devices as they are now, with all that describes them."""
        records = self._client.ask(fields.devices(id=sorted(ids)))
        devices = {record["id"]: Device.from_record(self._session, record) for record in records}
        found = self._client.fetch({**parts.queries(devices.values()), **self._locations(devices.values())})
        parts.take(found, devices.values())
        self._ground.know_locations(found["locations"])
        ports = parts.ports(devices.values())
        parts.join(self._client, ports, ports)
        self._bind(devices.values())
        return devices

    # What is around

    def _around(self) -> None:
        bearing = {
            owner["id"]
            for w in self._wishes
            if w.name is None
            for mac in w.macs
            for record in self._ground.macs[mac]
            if (owner := (record[BEARER] or {}).get("device"))
        }
        self._recognisable |= bearing
        ids = sorted(bearing - self._ground.devices.keys())
        self._ground.know(self._client.ask(fields.devices(id=ids)))
        staying = any(not w.rack and (w.ru or w.rack == "") for w in self._wishes)
        racks = {d.record["rack"]["id"] for d in self._own() if d.record["rack"]} if staying else set()
        missing = sorted(racks - self._ground.racks.keys())
        self._ground.know_racks(self._client.list(RACKS, id=missing, fields=fields.RACK))

    def _own(self) -> list[Device]:
        """Those that wishes are or may be about; far ends of cables, and what else stands in the racks, left out."""
        names = {r.name for w in self._wishes for name in w.names for r in self._ground.names.get(name, ())}
        meant = self._recognisable
        return [d for d in self._ground.devices.values() if d.record["name"] in names or d.id in meant]

    def _units(self) -> None:
        """What stands in the racks that somebody is put into; where all stay, nobody is in their way."""
        moving = [w for w in self._wishes if w.present and (w.rack or w.ru) and not self._stands(w)]
        names = {w.rack for w in moving if w.rack}
        ids = [id_ for id_, rack in self._ground.racks.items() if any(name.endswith(rack.name) for name in names)]
        if any(not w.rack for w in moving):
            ids = list(self._ground.racks)
        wanted = fields.DEVICE if self._ground.nameless else fields.STANDING
        found = self._client.ask(fields.devices(wanted, rack_id=ids))
        for record in found:
            self._ground.standing[record["rack"]["id"]].append(Device.from_record(self._session, record))
        if self._ground.nameless:
            self._ground.know(found)
            lowest = {min(w.ru) for w in self._wishes if w.name is None and w.ru}
            self._recognisable.update(record["id"] for record in found if record["position"] in lowest)

    def _stands(self, wish: Wish) -> bool:
        """Whether the one device that is meant stands in the one rack of that name, at the unit if one is given."""
        meant = [d for d in self._ground.devices.values() if d.record["name"] == wish.name]
        racks = [rack for rack in self._ground.racks.values() if rack.name == wish.rack]
        if len(meant) != 1 or len(racks) != 1:
            return False
        device = meant[0]
        here = (device.record["rack"] or {}).get("id") == racks[0].id and device.type == wish.type
        return here and (not wish.ru or device.position == min(wish.ru))

    # Their parts

    def _parts(self) -> None:
        ground = self._ground
        present = any(w.present for w in self._wishes)
        own = self._own()
        far = set(self._far_components()) if present else set()
        devices = {*own, *(device for device, _ in far)}
        standing = (device for some in ground.standing.values() for device in some)
        heights = {d.record["device_type"]["id"] for d in (*own, *standing)}
        some_are_new = self._some_are_new
        given = {
            id_ for w in self._wishes for wish in w.ips or () for id_ in self._holding(wish, next_too=some_are_new)
        }
        managers = [m for m in ground.managers if m.id in given]
        new = ground.models if some_are_new else ()
        queries: Queries = {
            "models": Query(TYPES, {"id": self._session.unknown(TYPES, heights), "fields": fields.TYPE}),
            **self._locations([*own, *ground.racks.values()]),
            **parts.queries(own, Component if present else (Component.INTERFACE,), far),
            **Subnet.queries(managers),
            **(PoolMap.queries(self._session) if present else {}),
            "roles": Query(ROLES, {"slug": sorted({w.type for w in self._wishes}) if some_are_new else ()}),
        }
        for component in Component:
            having = sorted(record["id"] for record in new if record[fields.TEMPLATE_COUNTS[component]])
            queries["new", component] = Query(TEMPLATES[component], {"device_type_id": having})
        found = self._client.fetch(queries)
        self._session.remember(TYPES, found["models"])
        self._session.remember_by("slug", ROLES, found["roles"])
        ground.know_locations(found["locations"])
        parts.take(found, devices)
        for manager, subnet in zip(managers, Subnet.of(self._client, managers, found), strict=True):
            manager.seen = subnet
        if present:
            ground.memberships = Memberships(self._session, PoolMap(self._session, found))
        for component in Component:
            for record in found["new", component]:
                of_model = ground.templates.setdefault(record["device_type"]["id"], defaultdict(list))
                of_model[component].append(record)

    def _holding(self, wish: Mapping[str, Any], *, next_too: bool) -> set[int]:
        """The managers that a given address may be of; next_too: also the one that is to give its next."""
        if next_too and not wish["ip"]:
            with suppress(ClustoError):  # of none it is told later
                return {self._ground.manager(wish["ip_manager"]).id}
        ip = canonical_ip(wish["ip"])
        return {m.id for m in self._ground.managers if ip and addresses.ip(ip) in m.subnet}

    @property
    def _some_are_new(self) -> bool:
        known, names = {d.name for d in self._ground.devices.values()}, self._ground.names
        texts = [w.name for w in self._wishes]
        return any(text is None or not any(r.name in known for r in names.get(text, ())) for text in texts)

    def _locations(self, placed: Iterable[Device | Rack]) -> Queries:
        sites = {entity.record["site"]["id"] for entity in placed if entity.record["location"]}
        return {"locations": Query("dcim/locations", {"site_id": sorted(sites)})}

    # What the ports bear, and lead to

    def _ends(self) -> None:
        ground, own = self._ground, self._own()
        ports, known = parts.ports(own), parts.ports(ground.devices.values())
        self._bind(own)
        bearers.tell(self._client, {MACS: ground.macs, ADDRESSES: ground.taken}, known)
        if any(w.present for w in self._wishes):
            parts.join(self._client, [*ports, *self._far_ports()], known)

    def _bind(self, devices: Collection[Device]) -> None:
        """Read the addresses of devices, whose ports are known."""
        interfaces = {port.id: port for port in parts.ports(devices) if port.is_interface}
        found = self._client.list(ADDRESSES, interface_id=sorted(interfaces), fields=fields.ADDRESS)
        for device in devices:
            self._ground.bound[device.id] = []
        for record in found:
            port = interfaces[record["assigned_object_id"]].record
            self._ground.bound[port["device"]["id"]].append({**record, BEARER: port})

    def _far_ends(self) -> Iterator[tuple[Device, str, str | int]]:
        """Where cables are wished to lead: device, type and name or number of a port."""
        for wish in (wish for w in self._wishes if w.present for wish in w.links):
            to = wish["connected_to"]
            with suppress(ClustoError):  # what is none is refused later
                yield self._ground.far_end(to["entity"]), to["type"] or wish["type"], to["name"] or to["number"]

    def _far_components(self) -> Iterator[tuple[Device, Component]]:
        for device, type_, _ in self._far_ends():
            with suppress(ClustoError):
                yield from ((device, component) for component in port_type(type_).components)

    def _far_ports(self) -> Iterator[Port]:
        for device, type_, port in self._far_ends():
            with suppress(ClustoError):
                yield device.port(type_, port)
