# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: subnets whose addresses are allocated, bound to ports, and found again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..core import addresses
from ..core.addresses import IPAddress, IPNetwork
from ..core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError, RefusedError
from ..core.merge import Scope
from ..netbox.client import Client, Query
from ..netbox.records import World
from .documents import CUSTOM_FIELD, CustomFieldDocument
from .entity import Entity, checked, shown
from .place import Datacenter, Location, Place, around
from .ports import IPMI, Port, bearer
from .session import Record, Session, current

if TYPE_CHECKING:
    from .host import Host

ADDRESSES = "ipam/ip-addresses"
PREFIXES = "ipam/prefixes"
NAME = "clusto_name"
GATEWAY = "clusto_gateway"


class IPManager(Entity):
    """A subnet, given by `prefix` (192.168.20.0/22) or by `baseip` and `netmask`.

    The gateway is never allocated. ExistsError when an IP manager has the name, ConflictError when the subnet is one
    already; InvalidError for what is no subnet, and for a gateway outside it.
    """

    object_type = "ipam.prefix"
    endpoint = PREFIXES
    _clusto_type = "ipmanager"

    def __init__(  # noqa: PLR0913 - by keyword only, each a property of the manager
        self,
        name: str,
        *,
        prefix: str | None = None,
        baseip: str | None = None,
        netmask: str | int | None = None,
        gateway: str | None = None,
        datacenter: Datacenter | None = None,
        location: Location | None = None,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        net = subnet(name, prefix, baseip, netmask)
        place = around(f"IP manager {name!r}", datacenter, location)
        gate = None if gateway is None else gateway_in(net, gateway)
        fields = {NAME: name, GATEWAY: gate and str(gate), CUSTOM_FIELD: checked(attributes or {}) or None}
        self._refuse_taken(name)
        self.check_subnet(self._session, name, net)
        reserved = gate and reserve(self._client, gate, net.prefixlen, name)
        try:
            self.record = self._client.create(
                PREFIXES, {"prefix": str(net), "custom_fields": fields, **scope_fields(place)}
            )
        except RefusedError:
            if reserved:
                self._client.delete(ADDRESSES, reserved["id"])
            raise

    @classmethod
    def check_subnet(cls, session: Session, name: str, net: IPNetwork) -> None:
        """ConflictError when NetBox has the prefix already."""
        for record in session.client.list(PREFIXES, prefix=str(net), vrf_id="null"):
            of = f"is that of IP manager {record['custom_fields'][NAME]!r}" if cls.is_entity(record) else "exists"
            raise ConflictError(f"IP manager {name!r}: prefix {net} {of} in NetBox, {record['display_url']}")

    # Finding

    @classmethod
    def query(cls, name: str) -> Query:
        return Query(PREFIXES, {f"cf_{NAME}": name})

    @classmethod
    def is_entity(cls, record: Record) -> bool:
        return bool(record["custom_fields"].get(NAME))

    @classmethod
    def is_named(cls, record: Record, name: str) -> bool:
        return bool(record["custom_fields"].get(NAME) == name)

    @classmethod
    def get_ip_manager(cls, ip: str, *, session: Session | None = None) -> IPManager:
        """Find the one manager whose subnet holds an address; NotFoundError, AmbiguousError naming them."""
        session = session or current()
        wanted = addresses.ip(ip)
        found = session.entities({cls.object_type: Query(PREFIXES, {"contains": str(wanted), "vrf_id": "null"})})
        return cls.holding(wanted, [manager for manager in found if isinstance(manager, IPManager)])

    @staticmethod
    def holding(wanted: IPAddress, among: Iterable[IPManager]) -> IPManager:
        """Find it among managers that are read already."""
        managers = [manager for manager in among if wanted in manager.subnet]
        if not managers:
            raise NotFoundError(f"IP address {wanted} is in the subnet of no IP manager")
        if len(managers) > 1:
            names = [manager.reference for manager in managers]
            subnets = ", ".join(f"{manager.name} ({manager.prefix})" for manager in managers)
            raise AmbiguousError(f"IP address {wanted} is in the subnets of several IP managers: {subnets}", names)
        return managers[0]

    # Identity

    @property
    def name(self) -> str:
        return str(self.record["custom_fields"][NAME])

    @property
    def subnet(self) -> IPNetwork:
        return addresses.prefix(self.record["prefix"])

    @property
    def prefix(self) -> str:
        return str(self.subnet)

    @property
    def baseip(self) -> str:
        return str(self.subnet.network_address)

    @property
    def netmask(self) -> str:
        return str(self.subnet.netmask)

    @property
    def gateway(self) -> str | None:
        return self.record["custom_fields"].get(GATEWAY) or None

    @property
    def place(self) -> Place | None:
        for kind in (Datacenter, Location):
            if self.record["scope_type"] == kind.object_type:
                found = self._client.get(kind.endpoint, self.record["scope_id"]).record
                return kind.from_record(self._session, found)
        return None

    @property
    def datacenter_name(self) -> str | None:
        return self.place.datacenter_name if self.place else None

    def put(self, place: Entity | None) -> None:
        self.update(scope_fields(place))

    @property
    def _documents(self) -> CustomFieldDocument:
        return CustomFieldDocument(self._client, self.endpoint, self.id)

    def scope(self, world: World) -> Scope:
        return world.prefix(self.record)

    def _rename(self, name: str) -> None:
        self.swap(lambda _: {"custom_fields": {NAME: name}})

    def set_gateway(self, gateway: str | None) -> None:
        """Reserve another gateway, or none, and set the old one free."""
        gate = None if gateway is None else gateway_in(self.subnet, gateway)
        self.refresh()
        before = self.gateway
        if gate is not None:
            reserve(self._client, gate, self.subnet.prefixlen, self.name)
        self.swap(lambda _: {"custom_fields": {GATEWAY: gate and str(gate)}})
        if before is not None and addresses.ip(before) != gate:
            self._release_gateway(before)

    def _release_gateway(self, gateway: str) -> None:
        for record in self._addresses(addresses.ip(gateway)):
            if record["status"]["value"] == "reserved" and record["assigned_object_id"] is None:
                self._client.delete(ADDRESSES, record["id"])

    # Addresses

    def allocate(
        self,
        entity: Host | None = None,
        ip: str | None = None,
        osport: str | None = None,
        porttype: str | None = None,
        portnum: int | str | None = None,
    ) -> str:
        """Take an address, the given one or the next that is free; bound to a port of `entity` when that is given.

        Without `osport` that is its nic-eth 1. Returns the address. InvalidError for one that hosts of this subnet
        cannot bear, ConflictError for one that is taken, naming by whom, and when none is free.
        """
        wanted = None if ip is None else self._bearable(ip)
        taken = None if wanted is None else self._taken(wanted, entity, to_bind=entity is not None)
        if entity is None:
            return self._make(wanted, {})
        port, new = entity.osport_or_first(osport, porttype, portnum)
        assignment = {"assigned_object_type": port.object_type, "assigned_object_id": port.id}
        try:
            found = self._assign(taken, port, assignment) if taken else self._make(wanted, assignment)
        except (ConflictError, RefusedError):
            if new:
                self._client.delete(port.endpoint, port.id)
            raise
        self._note_oob(entity, port, found)
        return found

    def _bearable(self, ip: str) -> IPAddress:
        wanted = addresses.ip(ip)
        addresses.check_usable(self.subnet, wanted, f"{self.label}: IP address")
        if self.gateway is not None and wanted == addresses.ip(self.gateway):
            raise ConflictError(f"{self.label}: IP address {wanted} is its gateway")
        return wanted

    def check_bindable(self, ip: str, entity: Host | None, records: Iterable[Record] | None = None) -> Record | None:
        """Raise what binding an address to `entity` (None: to one that is not made yet) would raise.

        records: what NetBox has of that address, if it is read already. Returns the one that would be bound.
        """
        return self._taken(self._bearable(ip), entity, records, to_bind=True)

    def next_free(self, but: Collection[str] = ()) -> str:
        """The address that NetBox would allocate next if those in `but` were taken too; ConflictError when none is."""
        found = self._client.read(f"{PREFIXES}/{self.id}/available-ips", limit=len(but) + 1)
        for record in found:
            if (ip := host_part(record)) not in but:
                return ip
        raise ConflictError(f"{self.label}: no free address in {self.prefix}")

    def _taken(
        self, wanted: IPAddress, entity: Host | None, records: Iterable[Record] | None = None, *, to_bind: bool
    ) -> Record | None:
        """The address if NetBox has it already and `entity` may have it; ConflictError naming who has it."""
        for record in self._addresses(wanted) if records is None else records:
            if record["assigned_object_id"] is not None:
                if entity is None or not entity.bears(record):
                    raise ConflictError(f"{self.label}: IP address {wanted} is bound to {bearer(record)}")
            elif not to_bind or record["status"]["value"] == "reserved":
                status = record["status"]["value"]
                note = f" ({record['description']})" if record["description"] else ""
                raise ConflictError(f"{self.label}: IP address {wanted} is {status} in NetBox already{note}")
            return record
        return None

    def _make(self, wanted: IPAddress | None, assignment: Mapping[str, Any]) -> str:
        if wanted is not None:
            body = {"address": f"{wanted}/{self.subnet.prefixlen}", **assignment}
            record = self._client.create(ADDRESSES, body)
        else:
            try:
                record = self._client.post(f"{PREFIXES}/{self.id}/available-ips", dict(assignment))
            except RefusedError as exc:
                if "nsufficient" not in str(exc):
                    raise
                raise ConflictError(f"{self.label}: no free address in {self.prefix}") from exc
        return host_part(record)

    def _assign(self, record: Record, port: Port, assignment: Mapping[str, Any]) -> str:
        """Bind an address that NetBox has already: one that is bound nowhere, or to this very port."""

        def step(now: Record) -> Mapping[str, Any] | None:
            if now["assigned_object_id"] is None:
                return assignment
            if (now["assigned_object_type"], now["assigned_object_id"]) == (port.object_type, port.id):
                return None
            raise ConflictError(f"{self.label}: IP address {host_part(now)} is bound to {bearer(now)}")

        return host_part(self._client.compare_and_swap(ADDRESSES, record["id"], step))

    def _note_oob(self, entity: Host, port: Port, ip: str) -> None:
        """The address of a management card is the device's OOB address."""
        if port.name == IPMI and "oob_ip" in entity.record:
            [record] = [r for r in self._addresses(addresses.ip(ip)) if r["assigned_object_id"] == port.id]
            entity.update({"oob_ip": record["id"]})

    def deallocate(self, ip: str) -> None:
        """Set an address free, also if it is bound; NotFoundError when it is not allocated."""
        wanted = self._bearable(ip)
        found = self._addresses(wanted)
        if not found:
            raise NotFoundError(f"{self.label}: IP address {wanted} is not allocated")
        for record in found:
            self._client.delete(ADDRESSES, record["id"])

    def owner(self, ip: str) -> Entity | None:
        """Find the device or virtual machine that an address is bound to; None when it is bound to none."""
        wanted = addresses.ip(ip)
        if wanted not in self.subnet:
            raise InvalidError(f"{self.label}: IP address {wanted} is not in {self.prefix}")
        for record in self._addresses(wanted):
            assigned = record["assigned_object"] or {}
            if device := assigned.get("device"):
                return self._session.entity_by_id("dcim.device", device["id"])
            if machine := assigned.get("virtual_machine"):
                return self._session.entity_by_id("virtualization.virtualmachine", machine["id"])
        return None

    def _addresses(self, ip: IPAddress) -> list[Record]:
        return list(self._client.list(ADDRESSES, address=str(ip), vrf_id="null"))

    def _all_addresses(self) -> list[Record]:
        """All in the subnet but the gateway."""
        gate = self.gateway and addresses.ip(self.gateway)
        found = self._client.list(ADDRESSES, parent=self.prefix, vrf_id="null")
        return [record for record in found if addresses.ip(host_part(record)) != gate]

    # End

    def obstacles(self) -> list[str]:
        there = self._all_addresses()
        return [f"allocated of it are {shown(map(host_part, there))}"] if there else []

    def _delete(self) -> None:
        super()._delete()
        if self.gateway:
            self._release_gateway(self.gateway)

    def describe(self) -> dict[str, Any]:
        self.refresh()
        return {
            **super().describe(),
            **self._description_of_place(),
            "prefix": self.prefix,
            "baseip": self.baseip,
            "netmask": self.netmask,
            "gateway": self.gateway,
            "addresses": [
                {"ip": host_part(r), "bound_to": bearer(r) if r["assigned_object_id"] else None}
                for r in sorted(self._all_addresses(), key=by_address)
            ],
        }


def by_address(record: Record) -> tuple[int, int]:
    ip = addresses.ip(host_part(record))
    return ip.version, int(ip)


def host_part(record: Record) -> str:
    """An IP address record's address without the prefix length."""
    return str(record["address"]).partition("/")[0]


def subnet(name: str, prefix: str | None, baseip: str | None, netmask: str | int | None) -> IPNetwork:
    if prefix is not None and baseip is None and netmask is None:
        return addresses.prefix(prefix)
    if prefix is None and baseip is not None and netmask is not None:
        return addresses.network(baseip, netmask)
    raise InvalidError(f"IP manager {name!r}: expected either prefix, or baseip and netmask")


def gateway_in(net: IPNetwork, gateway: str) -> IPAddress:
    gate = addresses.ip(gateway)
    addresses.check_usable(net, gate, "gateway")
    return gate


def scope_fields(place: Entity | None) -> dict[str, Any]:
    """The fields that put a prefix into a datacenter or location."""
    if place is None:
        return {"scope_type": None, "scope_id": None}
    if not isinstance(place, Place):
        raise InvalidError(f"{place.label} is no datacenter or location")
    return {"scope_type": place.object_type, "scope_id": place.id}


def reserve(client: Client, gateway: IPAddress, length: int, name: str) -> Record | None:
    """Keep a gateway from being handed out. None when NetBox has the address already, be it a router's."""
    if client.list(ADDRESSES, address=str(gateway), vrf_id="null"):
        return None
    body = {"address": f"{gateway}/{length}", "status": "reserved", "description": f"gateway of {name}"}
    return client.create(ADDRESSES, body)
