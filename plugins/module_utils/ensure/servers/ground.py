# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox has of everything that the wishes are about, and what names mean there. No I/O: `reading` fills it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

from ...core import addresses, racks, references
from ...core.errors import InvalidError, NotFoundError
from ...core.references import Reference
from ...drivers import Datacenter, Device, IPManager, Rack, Session
from ...drivers.host import binding
from ...drivers.ipmanager import responsible
from ...drivers.namemanager import NameManager
from ...drivers.session import UNPLACED, Record
from ..bindings import in_order
from ..memberships import Memberships
from .wishes import Wish

DEVICES = "dcim/devices"
TYPES = "dcim/device-types"
RACKS = "dcim/racks"
ROLES = "dcim/device-roles"
MARK = "clusto: new, to bear "
"""Description of a device that is known again by its MAC address, until it bears it."""


class Ground:
    memberships: Memberships
    """Of those that are to be there."""

    def __init__(self, session: Session, wishes: Sequence[Wish], default_driver: str | None) -> None:
        self.session = session
        self.wishes = wishes
        self.default_driver = default_driver
        self.devices: dict[int, Device] = {}
        """By id: those that the wishes may mean, and those at the other ends of cables."""
        self.standing: dict[int, list[Device]] = defaultdict(list)
        """By the id of the rack."""
        self.racks: dict[int, Rack] = {}
        self.managers: Sequence[IPManager] = ()
        self.counters: Sequence[Record] = ()
        """What may be the name managers that are named."""
        self.macs: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.taken: dict[str, list[dict[str, Any]]] = defaultdict(list)
        """What NetBox has of the addresses that are given."""
        self.bound: dict[int, list[Record]] = defaultdict(list)
        """The addresses of a device, by its id."""
        self.templates: dict[int, dict[str, list[Record]]] = {}
        """Device type -> component -> templates."""
        self.models: Sequence[Record] = ()
        self.sites: Sequence[Record] = ()
        self._locations: dict[int, Record] = {}
        self._name_managers: dict[str, NameManager] = {}

    def know(self, records: Iterable[Record]) -> None:
        for record in records:
            self.devices.setdefault(record["id"], Device.from_record(self.session, record))

    def know_racks(self, records: Iterable[Record]) -> None:
        self.racks |= {record["id"]: Rack.from_record(self.session, record) for record in records}

    def know_locations(self, records: Iterable[Record]) -> None:
        self._locations |= {record["id"]: record for record in records}

    @cached_property
    def types(self) -> Collection[str]:
        """What may stand before the colon of a reference; asked where one has a colon."""
        given = [text for w in self.wishes for text in (*w.names, w.name_manager, w.rack, w.datacenter) if text]
        given += [wish["ip_manager"] for w in self.wishes for wish in w.ips or () if wish["ip_manager"]]
        return self.session.types if any(":" in text for text in (*given, *self._far_ends)) else ()

    @cached_property
    def _far_ends(self) -> set[str]:
        return {wish["connected_to"]["entity"] for w in self.wishes for wish in w.links}

    @cached_property
    def names(self) -> dict[str, list[Reference]]:
        """What stands for devices in the wishes, and what each may mean."""
        texts = self._far_ends.union(name for w in self.wishes for name in w.names)
        return {text: self.readings(text) for text in sorted(texts) if text.strip()}

    @cached_property
    def nameless(self) -> bool:
        """Whether a device is to be known again by what bears its MAC addresses, or stands where it is to be."""
        return any(w.name is None for w in self.wishes)

    def role(self, type_: str) -> Record:
        """The role of new devices of a type; NotFoundError."""
        return self.session.look_up(ROLES, "slug", type_)

    def name_manager(self, text: str) -> NameManager:
        """Made once, so that it takes the names that were forecast without looking anew. NotFoundError."""

        def among(reading: Reference) -> list[NameManager]:
            found = self.session.among({NameManager.object_type: self.counters}, reading)
            return [entity for entity in found if isinstance(entity, NameManager)]

        if text not in self._name_managers:
            self._name_managers[text] = references.resolve(text, self.types, among, lambda m: m.reading)
        return self._name_managers[text]

    @cached_property
    def _datacenters(self) -> list[Datacenter]:
        return [Datacenter.from_record(self.session, record) for record in self.sites]

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
            found = [d for d in self.among(reading) if d.type == wish.type]
            here = [d for d in found if d.datacenter_name == datacenter]
            return here if len(found) > 1 and datacenter is not None else found

        try:
            return references.resolve(wish.name or "", self.types, among, lambda d: d.reading)
        except NotFoundError:
            return None

    def manager(self, text: str) -> IPManager:
        """NotFoundError, AmbiguousError."""

        def among(reading: Reference) -> list[IPManager]:
            named = [m for m in self.managers if m.name == reading.name and reading.type in {None, m.type}]
            # Where one is in a datacenter, that has to be asked for.
            return [m for m in named if reading.datacenter is None or reading.datacenter == m.datacenter_name]

        return references.resolve(text, self.types, among, lambda m: m.reading)

    def holder(self, ip: str) -> IPManager:
        """The one IP manager whose subnet holds an address; NotFoundError, AmbiguousError."""
        return responsible(addresses.ip(ip), self.managers)

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
            "ips": in_order(map(binding, self.bound[device.id])),
            "ports": device.port_info(),
        }

    def readings(self, text: str) -> list[Reference]:
        return references.readings(text, self.types)

    def model(self, driver: str) -> Record:
        """The device type of a driver's name; NotFoundError."""
        return Device.model_of(driver, [record for record in self.models if record["slug"] == driver])

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
        occupied = {u: d.occupant for d in self.standing[rack.id] if d.id not in but for u in d.units}
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


def canonical_ip(text: str | None) -> str | None:
    """None for what is no address."""
    try:
        return str(addresses.ip(text or ""))
    except InvalidError:
        return None
