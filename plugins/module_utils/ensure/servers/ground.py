# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox has of everything that the wishes are about, read in few bulk requests however many wishes there are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from ipaddress import ip_network
from typing import Any

from ...core import addresses, racks, references
from ...core.errors import InvalidError, NotFoundError
from ...core.ports import Component
from ...core.references import Reference
from ...drivers import Datacenter, Device, IPManager, Rack, Session
from ...drivers.ipmanager import responsible
from ...drivers.ports import COUNTS, ENDPOINTS, MACS
from ...drivers.ports import FIELDS as PORT_FIELDS
from ...drivers.session import UNPLACED, Record
from ...netbox.client import Query
from ..bindings import Binding, in_order
from ..memberships import Memberships
from .wishes import Wish

DEVICES = "dcim/devices"
TYPES = "dcim/device-types"
RACKS = "dcim/racks"
ADDRESSES = "ipam/ip-addresses"
PREFIXES = "ipam/prefixes"
FIELDS = (
    *("id", "name", "display", "display_url", "role", "device_type", "site", "location", "rack", "position", "face"),
    *("tags", "local_context_data", "oob_ip", "description"),
    *(COUNTS[component] for component in Component),
)
"""Of a device: all that its entity, its state and its description need."""
TEMPLATES = {component: f"{ENDPOINTS[component].removesuffix('s')}-templates" for component in Component}
"""What the ports of a new device are made from."""
FEW = 4
"""Up to so many given addresses NetBox is asked which subnets hold them; for more, all IP managers are read."""
MARK = "clusto: new, to bear "
"""Description of a device that is known again by its MAC address, until it bears it."""


class Ground:
    """`read` asks; everything else answers from that."""

    def __init__(self, session: Session, type_: str, wishes: Sequence[Wish], default_driver: str | None) -> None:
        self.session = session
        self.type = type_
        self.wishes = wishes
        self.default_driver = default_driver
        self.devices: dict[int, Device] = {}
        """By id: those that the wishes may mean, and those at the other ends of cables."""
        self.standing: dict[int, list[Device]] = defaultdict(list)
        """By the id of the rack."""
        self.racks: dict[int, Rack] = {}
        self._managers: list[IPManager] = []
        self.macs: dict[str, list[Record]] = defaultdict(list)
        self.taken: dict[str, list[Record]] = defaultdict(list)
        """What NetBox has of the addresses that are given."""
        self.bound: dict[int, list[Record]] = defaultdict(list)
        """By the id of the device."""
        self.templates: dict[int, dict[str, list[Record]]] = {}
        """Device type -> component -> templates."""
        self._locations: dict[int, Record] = {}
        self._models: Sequence[Record] = []
        self._sites: Sequence[Record] = []

    def read(self) -> None:
        self._read_named()
        self._read_around()
        self._read_racks()
        self._read_parts()

    # What is asked

    @cached_property
    def types(self) -> Collection[str]:
        """What may stand before the colon of a reference."""
        given = [text for w in self.wishes for text in (w.name, w.rack, w.datacenter) if text]
        given += [wish["ip_manager"] for w in self.wishes for wish in w.ips or () if wish["ip_manager"]]
        return self.session.types if any(":" in text for text in (*given, *self._far_ends)) else ()

    @cached_property
    def _far_ends(self) -> set[str]:
        return {wish["connected_to"]["entity"] for w in self.wishes for wish in w.links}

    @cached_property
    def _names(self) -> dict[str, list[Reference]]:
        texts = self._far_ends.union(w.name for w in self.wishes if w.name)
        return {text: self.readings(text) for text in sorted(texts) if text.strip()}

    def _read_named(self) -> None:
        readings = [reading for of_one in self._names.values() for reading in of_one]
        racks_named = {r.name for w in self.wishes if w.rack for r in self.readings(w.rack)}
        sites = {r.name for w in self.wishes if w.datacenter for r in self.readings(w.datacenter)}
        sites |= {r.datacenter for r in readings if r.datacenter}
        drivers = {(w.driver or self.default_driver or "").lower() for w in self.wishes if w.present} - {""}
        macs = {mac for w in self.wishes for mac in w.macs}
        marks = {MARK + mac for w in self.wishes if w.name_manager for mac in w.macs}
        found = self.session.client.fetch(
            {
                "named": Query(DEVICES, {"name": sorted({r.name for r in readings}), "fields": FIELDS}),
                "marked": Query(DEVICES, {"description": sorted(marks), "fields": FIELDS}),
                "racks": Query(RACKS, {"name": sorted(racks_named)}),
                "sites": Query("dcim/sites", {"name": sorted(sites)}),
                "models": Query(TYPES, {"slug": sorted(drivers)}),
                "macs": Query(MACS, {"mac_address": sorted(macs)}),
                "taken": Query(ADDRESSES, {"address": sorted(self._given)}),
                **self._managers_wanted(),
            }
        )
        self._know(found["named"] + found["marked"])
        self.racks = {record["id"]: Rack.from_record(self.session, record) for record in found["racks"]}
        self._sites, self._models = found["sites"], found["models"]
        for record in found["macs"]:
            self.macs[addresses.mac(record["mac_address"])].append(record)
        for record in found["taken"]:
            self.taken[str(addresses.ip(host_part(record)))].append(record)
        prefixes = {r["id"]: r for key, of_one in found.items() if key.startswith("managers") for r in of_one}
        among = (IPManager.from_record(self.session, r) for r in prefixes.values() if IPManager.is_entity(r))
        self._managers = list(among)
        self.session.remember(TYPES, self._models)
        given = {id_ for w in self.wishes for wish in w.ips or () for id_ in self._holding(wish)}
        IPManager.look_at(self.session, [m for m in self._managers if m.id in given])

    def _holding(self, wish: Mapping[str, Any]) -> set[int]:
        """The managers that a given address may be of."""
        ip = canonical_ip(wish["ip"])
        return {m.id for m in self._managers if ip and addresses.ip(ip) in m.subnet}

    @cached_property
    def _given(self) -> set[str]:
        """The addresses that are given; what is none is refused later."""
        return {ip for w in self.wishes for wish in w.ips or () if (ip := canonical_ip(wish["ip"]))}

    def _managers_wanted(self) -> dict[str, Query]:
        wanted = [wish for w in self.wishes for wish in w.ips or ()]
        named = {r.name for wish in wanted if wish["ip_manager"] for r in self.readings(wish["ip_manager"])}
        free = {ip for wish in wanted if not wish["ip_manager"] and (ip := canonical_ip(wish["ip"]))}
        queries = {"managers": IPManager.alike(sorted(named))}
        if len(free) > FEW:
            queries["managers of all"] = Query(PREFIXES, {"cf_clusto_name__empty": False})
        else:
            queries |= {f"managers of {ip}": Query(PREFIXES, {"contains": str(ip_network(ip))}) for ip in sorted(free)}
        return queries

    def _read_around(self) -> None:
        """What is known by now to be needed: bearers of MAC addresses, and the racks that devices stand in."""
        bearers = {
            owner["id"]
            for w in self.wishes
            if w.name is None
            for mac in w.macs
            for record in self.macs[mac]
            if (owner := (record["assigned_object"] or {}).get("device"))
        }
        racks_of = {d.record["rack"]["id"] for d in self.devices.values() if d.record["rack"]}
        found = self.session.client.fetch(
            {
                "bearers": Query(DEVICES, {"id": sorted(bearers - self.devices.keys()), "fields": FIELDS}),
                "racks": Query(RACKS, {"id": sorted(racks_of - self.racks.keys())}),
            }
        )
        self._know(found["bearers"])
        self.racks |= {record["id"]: Rack.from_record(self.session, record) for record in found["racks"]}

    def _read_racks(self) -> None:
        """What stands in the racks that units are wanted of."""
        wanted = [w for w in self.wishes if w.present and (w.rack or w.ru)]
        if not wanted:
            return
        by_name = {w.rack for w in wanted if w.rack}
        ids = [id_ for id_, rack in self.racks.items() if any(name.endswith(rack.name) for name in by_name)]
        if any(not w.rack for w in wanted):
            ids = list(self.racks)
        found = self.session.client.list(DEVICES, rack_id=ids, fields=FIELDS)
        for record in found:
            self.standing[record["rack"]["id"]].append(Device.from_record(self.session, record))
        if any(w.name_manager for w in wanted):
            self._know(found)

    def _know(self, records: Iterable[Record]) -> None:
        for record in records:
            self.devices.setdefault(record["id"], Device.from_record(self.session, record))

    def _read_parts(self) -> None:
        """The ports and addresses of all these devices, how high they are, and what new ones will be made of."""
        models = {record["id"] for record in self._models}
        there = {d.record["device_type"]["id"] for d in self.devices.values()}
        heights = there.union(d.record["device_type"]["id"] for some in self.standing.values() for d in some)
        queries: dict[tuple[str, str], Query] = {
            ("", "models"): Query(TYPES, {"id": sorted(heights - models)}),
            ("", "locations"): Query("dcim/locations", {"site_id": sorted(self._sites_with_locations())}),
        }
        queries |= part_queries(self.devices.values() if any(w.present for w in self.wishes) else ())
        queries["", "bound"] = Query(ADDRESSES, {"device_id": sorted(self.devices)})
        new = self._models if self._some_are_new else ()
        for component in Component:
            having = sorted(r["id"] for r in new if r[COUNTS[component].replace("_count", "_template_count")])
            queries["new", component] = Query(TEMPLATES[component], {"device_type_id": having})
        found = self.session.client.fetch(queries)
        self.session.remember(TYPES, found["", "models"])
        self._locations = {record["id"]: record for record in found["", "locations"]}
        self.take_parts(found, self.devices)
        for component in Component:
            for record in found["new", component]:
                of_model = self.templates.setdefault(record["device_type"]["id"], defaultdict(list))
                of_model[component].append(record)

    @property
    def _some_are_new(self) -> bool:
        known = {d.name for d in self.devices.values()}
        texts = [w.name for w in self.wishes]
        return any(text is None or not any(r.name in known for r in self._names.get(text, ())) for text in texts)

    def take_parts(self, found: Mapping[tuple[str, str], Sequence[Record]], devices: Mapping[int, Device]) -> None:
        """Sort what `part_queries` found by device."""
        by_device: dict[int, dict[str, list[Record]]] = {id_: {c: [] for c in Component} for id_ in devices}
        for component in Component:
            for record in found["port", component]:
                by_device[record["device"]["id"]][component].append(record)
        for id_, device in devices.items():
            device.known_ports = by_device[id_]
        for record in found["", "bound"]:
            self.bound[record["assigned_object"]["device"]["id"]].append(record)

    def _sites_with_locations(self) -> set[int]:
        placed = [*self.devices.values(), *self.racks.values()]
        return {e.record["site"]["id"] for e in placed if e.record["location"]}

    def read_again(self, written: Mapping[int, int]) -> dict[int, Device]:
        """What was written, as it is now; item -> id of its device."""
        records = self.session.client.list(DEVICES, id=sorted(written.values()), fields=FIELDS)
        devices = {record["id"]: Device.from_record(self.session, record) for record in records}
        sites = {d.record["site"]["id"] for d in devices.values() if d.record["location"]}
        found = self.session.client.fetch(
            {
                **part_queries(devices.values()),
                ("", "locations"): Query("dcim/locations", {"site_id": sorted(sites)}),
            }
        )
        for id_ in devices:
            self.bound.pop(id_, None)
        self.take_parts(found, devices)
        self._locations |= {record["id"]: record for record in found["", "locations"]}
        return {item: devices[id_] for item, id_ in written.items()}

    # What is answered

    @cached_property
    def memberships(self) -> Memberships:
        return Memberships(self.session)

    @cached_property
    def role(self) -> Record:
        return self.session.look_up("dcim/device-roles", "slug", self.type)

    @cached_property
    def _datacenters(self) -> list[Datacenter]:
        return [Datacenter.from_record(self.session, record) for record in self._sites]

    def has_datacenter(self, name: str) -> bool:
        return any(d.name == name for d in self._datacenters)

    def datacenter(self, text: str) -> Datacenter:
        """NotFoundError."""

        def among(reading: Reference) -> list[Datacenter]:
            named = [d for d in self._datacenters if d.name == reading.name and reading.datacenter is None]
            return named if reading.type in {None, Datacenter.clusto_type()} else []

        return references.resolve(text, self.types, among, lambda d: d.reading)

    def rack(self, text: str, datacenter: str | None) -> Rack:
        """The rack that a wish means: the one in its datacenter, if it says so. NotFoundError, AmbiguousError."""

        def among(reading: Reference) -> list[Rack]:
            named = [r for r in self.racks.values() if r.name == reading.name]
            found = [r for r in named if reading.type in {None, "rack"}]
            if reading.datacenter is not None:
                return [r for r in found if r.datacenter_name == reading.datacenter]
            if datacenter is None:
                return found
            here = [r for r in found if r.datacenter_name == datacenter]
            return here or found[:1]  # whoever asks says that this one is elsewhere

        try:
            return references.resolve(text, self.types, among, lambda r: r.reading)
        except NotFoundError:
            raise NotFoundError(f"there is no rack {text!r}") from None

    def far_end(self, text: str) -> Device:
        """A device of any type; NotFoundError, AmbiguousError."""
        return references.resolve(text, self.types, self.among, lambda d: d.reading)

    def meant(self, wish: Wish, datacenter: str | None) -> Device | None:
        """The device of the wish's name, if it is there; its datacenter counts where several have the name."""

        def among(reading: Reference) -> list[Device]:
            found = [d for d in self.among(reading) if d.type == self.type]
            here = [d for d in found if d.datacenter_name == datacenter]
            return here if len(found) > 1 and datacenter is not None else found

        try:
            return references.resolve(wish.name or "", self.types, among, lambda d: d.reading)
        except NotFoundError:
            return None

    def manager(self, text: str) -> IPManager:
        """NotFoundError, AmbiguousError."""

        def among(reading: Reference) -> list[IPManager]:
            named = [m for m in self._managers if m.name == reading.name and reading.type in {None, m.type}]
            return [m for m in named if reading.datacenter in {None, m.datacenter_name}]

        return references.resolve(text, self.types, among, lambda m: m.reading)

    def holder(self, ip: str) -> IPManager:
        """The one IP manager whose subnet holds an address; NotFoundError, AmbiguousError."""
        return responsible(addresses.ip(ip), self._managers)

    def describe(self, device: Device) -> dict[str, Any]:
        """What `device.describe()` tells, without asking again."""
        record = device.record
        return {
            "name": device.name,
            "type": device.type,
            "driver": device.driver,
            "url": device.url,
            "pools": self.memberships.around(self.memberships.direct(device)),
            "attributes": dict(record["local_context_data"] or {}),
            **self.where(record),
            "rack": record["rack"]["name"] if record["rack"] else None,
            "units": list(device.units),
            "ips": in_order(binding(record) for record in self.bound[device.id]),
            "ports": device.port_info(),
        }

    def readings(self, text: str) -> list[Reference]:
        return references.readings(text, self.types)

    def model(self, driver: str) -> Record:
        """The device type of a driver's name; NotFoundError."""
        return Device.model_of(driver, [record for record in self._models if record["slug"] == driver])

    def among(self, reading: Reference) -> list[Device]:
        """The devices that one reading of a reference means."""
        return [
            device
            for device in self.devices.values()
            if device.record["name"] == reading.name
            and reading.type in {None, device.type}
            and reading.datacenter in {None, device.datacenter_name}
        ]

    def layout(self, rack: Rack, but: Collection[int]) -> racks.Rack:
        """A rack's units and what stands in them, the devices of the ids `but` left out. Its units may be added to."""
        occupied = {u: d.name for d in self.standing[rack.id] if d.id not in but for u in d.units}
        return racks.Rack(rack.name, rack.min_u, rack.max_u, occupied)

    def where(self, record: Record) -> dict[str, Any]:
        """A place as `describe()` tells it, of a device or rack: locations from the outermost inwards."""
        site, node = record["site"], record["location"]
        path: list[str] = []
        while node is not None:
            known = self._locations[node["id"]]
            path.insert(0, str(known["name"]))
            node = known["parent"]
        return {"datacenter": None if site["slug"] == UNPLACED else site["name"], "locations": path}


def part_queries(devices: Iterable[Device]) -> dict[tuple[str, str], Query]:
    """Ask for the ports of devices, and for their addresses; for those components only that they have."""
    known = sorted(devices, key=lambda d: d.id)
    having = {c: [d.id for d in known if d.record[COUNTS[c]]] for c in Component}
    return {
        **{("port", c): Query(ENDPOINTS[c], {"device_id": having[c], "fields": PORT_FIELDS}) for c in Component},
        ("", "bound"): Query(ADDRESSES, {"device_id": [d.id for d in known]}),
    }


def canonical_ip(text: str | None) -> str | None:
    """None for what is no address."""
    try:
        return str(addresses.ip(text or ""))
    except InvalidError:
        return None


def binding(record: Record) -> Binding:
    return {"ip": host_part(record), "osport": record["assigned_object"]["name"]}


def host_part(record: Record) -> str:
    """An IP address record's address without the prefix length."""
    return str(record["address"]).partition("/")[0]
