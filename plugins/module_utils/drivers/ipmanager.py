# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: subnets whose addresses are allocated, bound to ports, and found again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from ..core import addresses
from ..core.addresses import IPAddress, IPNetwork
from ..core.allocation import Block
from ..core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError, RefusedError
from ..core.merge import Scope
from ..netbox.client import Client, Query
from ..netbox.records import World
from .allocation import Body, bearers, is_shared, known, take, there
from .documents import CUSTOM_FIELD, CustomFieldDocument
from .entity import Entity, checked, shown
from .place import Datacenter, Location, Place, around
from .ports import IPMI, Port, bearer
from .session import Record, Session, current
from .subnet import ADDRESSES, GATEWAY, NAME, PREFIXES, RANGES, Subnet, gateway_in, host_part, ranges_in, subnet
from .vrf import find_vrf, vrf_id, where

if TYPE_CHECKING:
    from .host import Host


class IPManager(Entity):
    """A subnet, given by `prefix` (192.168.20.0/22) or by `baseip` and `netmask`; in a VRF, by name or RD, if given.

    The gateway is never allocated. Of `ranges` (`192.168.20.50-192.168.20.99`) come the addresses that nobody names.
    ExistsError when an IP manager has the name, ConflictError when the subnet is one already; InvalidError for what is
    no subnet, and for a gateway or a range outside it.
    """

    object_type = "ipam.prefix"
    endpoint = PREFIXES
    _clusto_type = "ipmanager"

    seen: Subnet | None = None
    """Its subnet as it was when it was last looked at."""

    def __init__(  # noqa: PLR0913 - by keyword only, each a property of the manager
        self,
        name: str,
        *,
        prefix: str | None = None,
        baseip: str | None = None,
        netmask: str | int | None = None,
        gateway: str | None = None,
        ranges: Sequence[str] = (),
        vrf: str | None = None,
        datacenter: Datacenter | None = None,
        location: Location | None = None,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        net = subnet(name, prefix, baseip, netmask)
        place = around(f"IP manager {name!r}", datacenter, location)
        gate = None if gateway is None else gateway_in(Block(net), gateway)
        fields: dict[str, Any] = {
            NAME: name,
            GATEWAY: gate and str(gate),
            CUSTOM_FIELD: checked(attributes or {}) or None,
        }
        if ranges:
            fields[RANGES] = ranges_in(Block(net), ranges)
        table = find_vrf(self._session, vrf)
        self._refuse_taken(name)
        self.check_subnet(self._session, name, net, table)
        reserved = gate and reserve(self._client, gate, net.prefixlen, name, table)
        body = {"prefix": str(net), "vrf": table and table["id"], "custom_fields": fields, **scope_fields(place)}
        try:
            self.record = self._client.create(PREFIXES, body)
        except RefusedError:
            if reserved:
                self._client.delete(ADDRESSES, reserved["id"])
            raise

    @classmethod
    def check_subnet(cls, session: Session, name: str, net: IPNetwork, vrf: Record | None = None) -> None:
        """ConflictError when NetBox has the prefix already, in that VRF or, without one, in the global table."""
        for record in session.client.list(PREFIXES, prefix=str(net), vrf_id=vrf and vrf["id"]):
            prefix = f"IP manager {name!r}: prefix {where(net, record)}"
            if cls.is_entity(record):
                other = record["custom_fields"][NAME]
                raise ConflictError(f"{prefix} is that of IP manager {other!r} in NetBox, {record['display_url']}")
            raise ConflictError(
                f"{prefix} exists in NetBox, {record['display_url']}; to make it this IP manager, set its custom field"
                f" {NAME} to {name!r}"
            )

    # Finding

    @classmethod
    def query(cls, name: str) -> Query:
        return Query(PREFIXES, {f"cf_{NAME}": name})

    @classmethod
    def alike(cls, names: Sequence[str]) -> Query:
        return cls.ask(**{f"cf_{NAME}": names})

    @classmethod
    def is_entity(cls, record: Record) -> bool:
        return bool(record["custom_fields"].get(NAME))

    @classmethod
    def is_named(cls, record: Record, name: str) -> bool:
        return bool(record["custom_fields"].get(NAME) == name)

    @classmethod
    def get_ip_manager(cls, ip: str, *, vrf: str | None = None, session: Session | None = None) -> IPManager:
        """Find the manager that an address belongs to: of several, one in the other, the innermost.

        Without `vrf` it may be in any; an empty one means the global table. NotFoundError; AmbiguousError naming
        managers and VRFs.
        """
        session = session or current()
        wanted = addresses.ip(ip)
        filters = {} if vrf is None else {"vrf_id": (table := find_vrf(session, vrf)) and table["id"]}
        query = Query(PREFIXES, {"contains": str(ip_network(wanted)), **filters})
        found = [manager for manager in session.entities({cls.object_type: query}) if isinstance(manager, IPManager)]
        return responsible(wanted, found)

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
    def ranges(self) -> list[str]:
        """Where the next free address comes from; none when that is all of the subnet."""
        return list(self.record["custom_fields"].get(RANGES) or ())

    @property
    def vrf(self) -> str | None:
        """Name of its VRF; None in the global table."""
        return str(self.record["vrf"]["name"]) if self.record["vrf"] else None

    @property
    def vrf_id(self) -> int | None:
        return vrf_id(self.record)

    @property
    def here(self) -> str:
        """How messages name its subnet: `10.0.0.0/24 in VRF 'red'`."""
        return where(self.subnet, self.record)

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
    def documents(self) -> CustomFieldDocument:
        return CustomFieldDocument(self._client, self.endpoint, self.id)

    def scope(self, world: World) -> Scope:
        return world.prefix(self.record)

    def _rename(self, name: str) -> None:
        self.swap(lambda _: {"custom_fields": {NAME: name}})

    def set_gateway(self, gateway: str | None) -> None:
        """Reserve another gateway, or none, and set the old one free."""
        now = self.look()
        gate = None if gateway is None else gateway_in(now.outer, gateway)
        before = now.gateway
        if gate is not None:
            reserve(self._client, gate, self.subnet.prefixlen, self.name, self.record["vrf"])
        self.swap(lambda _: {"custom_fields": {GATEWAY: gate and str(gate)}})
        if before is not None and before != gate:
            self._release_gateway(before)

    def _release_gateway(self, gateway: IPAddress) -> None:
        for record in self._addresses(gateway):
            if record["status"]["value"] == "reserved" and record["assigned_object_id"] is None:
                self._client.delete(ADDRESSES, record["id"])

    def set_ranges(self, ranges: Iterable[str]) -> None:
        """Take the next free addresses from these ranges, without any from all of the subnet.

        Addresses that are allocated stay so. InvalidError for what is no range of the subnet, and for an overlap.
        """
        new = ranges_in(self.look().outer, ranges)
        self.swap(lambda _: {"custom_fields": {RANGES: new or None}})

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
        now = self.look()
        given = {} if ip is None else {"address": str(now.check(ip))}
        if entity is None:
            return host_part(take(self._client, now, [given])[0]["address"])
        if ip is not None:
            self.check_bindable(ip, entity)
        port, new = entity.osport_or_first(osport, porttype, portnum)
        body = {"assigned_object_type": port.object_type, "assigned_object_id": port.id, **given}
        try:
            found = host_part(take(self._client, now, [body])[0]["address"])
        except (ConflictError, RefusedError):
            if new:
                self._client.delete(port.endpoint, port.id)
            raise
        self._note_oob(entity, port, found)
        return found

    def look(self) -> Subnet:
        """Read its subnet as NetBox has it now."""
        return self.look_at(self._session, [self])[0]

    @classmethod
    def look_at(cls, session: Session, managers: Sequence[IPManager]) -> list[Subnet]:
        """Do so for several at once; they remember it for `check_bindable` and `has`."""
        found = Subnet.read(session.client, managers)
        for manager, seen in zip(managers, found, strict=True):
            manager.seen = seen
        return found

    def has(self, address: Record) -> bool:
        """Whether an IP address record is one of this manager's, and not of another inside it."""
        ip = addresses.ip(host_part(address["address"]))
        here = vrf_id(address) == self.vrf_id and ip in self.subnet
        return here and not (self.seen or self.look()).other_manager(ip)

    def take_many(self, bodies: Sequence[Body]) -> list[Record]:
        """Take an address for each body: what it is assigned to and, where it is given, `address`; all or none.

        One request makes all that are new. ConflictError names by whom one is taken, and when there are not enough.
        """
        return take(self._client, self.look(), bodies) if bodies else []

    def check_bindable(self, ip: str, entity: Host | None, records: Iterable[Record] | None = None) -> None:
        """Raise what binding an address to `entity` (None: to one that is not made yet) would raise.

        records: what NetBox has of the address, in any VRF, if that is known; then the subnet is as it was last seen.
        """
        if records is None:
            wanted = self.look().check(ip)
            mine = self._addresses(wanted)
        else:
            wanted = (self.seen or self.look()).check(ip)
            mine = [record for record in records if vrf_id(record) == self.vrf_id]
        there(self.label, wanted, mine, lambda r: entity is not None and entity.bears(r), bind=True)

    def next_free(self, but: Collection[str] = ()) -> str:
        """The address that would be allocated next if those in `but` were taken too; ConflictError when none is."""
        return self.forecast(1, but)[0]

    def forecast(self, count: int, but: Collection[str] = ()) -> list[str]:
        """The addresses that would be allocated next, in order; ConflictError when there are not as many."""
        now = self.look()
        found = now.free(count, [addresses.ip(ip) for ip in but])
        if len(found) < count:
            raise now.exhausted(count, len(found))
        return [str(ip) for ip in found]

    def _note_oob(self, entity: Host, port: Port, ip: str) -> None:
        """The address of a management card is the device's OOB address."""
        if port.name == IPMI and "oob_ip" in entity.record:
            [record] = [r for r in self._addresses(addresses.ip(ip)) if r["assigned_object_id"] == port.id]
            entity.update({"oob_ip": record["id"]})

    def deallocate(self, ip: str) -> None:
        """Set an address free, also if it is bound.

        NotFoundError when it is not allocated; ConflictError when NetBox has it several times, naming by whom.
        """
        wanted = self.look().check(ip)
        found = self._addresses(wanted)
        if not found:
            raise NotFoundError(f"{self.label}: IP address {wanted} is not allocated")
        if len(found) > 1:
            raise ConflictError(
                f"{self.label}: NetBox has IP address {wanted} {len(found)} times: {bearers(found)}; free it where it"
                " is not to be"
            )
        self._client.delete(ADDRESSES, found[0]["id"])

    def owner(self, ip: str) -> Entity | None:
        """Find the device or virtual machine that an address is bound to; None when it is bound to none.

        AmbiguousError when several bear it, be it as a shared one (VRRP, anycast …) or by mistake.
        """
        wanted = addresses.ip(ip)
        if wanted not in self.subnet:
            raise InvalidError(f"{self.label}: IP address {wanted} is not in {self.here}")
        bound = [record for record in self._addresses(wanted) if record["assigned_object_id"] is not None]
        owners = {owner: None for record in bound if (owner := self._owner(record)) is not None}
        if len(owners) > 1:
            how = "shared by" if all(map(is_shared, bound)) else "bound to several:"
            raise AmbiguousError(
                f"{self.label}: IP address {wanted} is {how} {bearers(bound)}", [one.reference for one in owners]
            )
        return next(iter(owners), None)

    def _owner(self, record: Record) -> Entity | None:
        found = record["assigned_object"] or {}
        if device := found.get("device"):
            return self._session.entity_by_id("dcim.device", device["id"])
        if machine := found.get("virtual_machine"):
            return self._session.entity_by_id("virtualization.virtualmachine", machine["id"])
        return None

    def _addresses(self, ip: IPAddress) -> list[Record]:
        return known(self._client, [ip], self.vrf_id)[ip]

    def _all_addresses(self) -> list[Record]:
        """All that belong to it but the gateway."""
        now = self.look()
        found = self._client.list(ADDRESSES, parent=self.prefix, vrf_id=self.vrf_id)
        by_ip = ((addresses.ip(host_part(record["address"])), record) for record in found)
        return [record for ip, record in by_ip if ip != now.gateway and not now.other_manager(ip)]

    # End

    def obstacles(self) -> list[str]:
        found = self._all_addresses()
        return [f"allocated of it are {shown(host_part(r['address']) for r in found)}"] if found else []

    def _delete(self) -> None:
        super()._delete()
        if self.gateway:
            self._release_gateway(addresses.ip(self.gateway))

    def describe(self) -> dict[str, Any]:
        self.refresh()
        return {
            **super().describe(),
            **self._description_of_place(),
            "prefix": self.prefix,
            "baseip": self.baseip,
            "netmask": self.netmask,
            "gateway": self.gateway,
            "ranges": self.ranges,
            "vrf": self.vrf,
            "addresses": [
                {"ip": host_part(r["address"]), "bound_to": bearer(r) if r["assigned_object_id"] else None}
                for r in sorted(self._all_addresses(), key=by_address)
            ],
        }


def by_address(record: Record) -> tuple[int, int]:
    ip = addresses.ip(host_part(record["address"]))
    return ip.version, int(ip)


def responsible(ip: IPAddress, managers: Iterable[IPManager]) -> IPManager:
    """The manager among some that an address belongs to: the innermost. NotFoundError, AmbiguousError."""
    holding = [manager for manager in managers if ip in manager.subnet]
    longest = {m.vrf_id: max(o.subnet.prefixlen for o in holding if o.vrf_id == m.vrf_id) for m in holding}
    found = [manager for manager in holding if manager.subnet.prefixlen == longest[manager.vrf_id]]
    if not found:
        raise NotFoundError(f"IP address {ip} is in the subnet of no IP manager")
    if len(found) > 1:
        subnets = ", ".join(f"{manager.name} ({manager.here})" for manager in found)
        raise AmbiguousError(
            f"IP address {ip} is in the subnets of several IP managers: {subnets}", [m.reference for m in found]
        )
    return found[0]


def scope_fields(place: Entity | None) -> dict[str, Any]:
    """The fields that put a prefix into a datacenter or location."""
    if place is None:
        return {"scope_type": None, "scope_id": None}
    if not isinstance(place, Place):
        raise InvalidError(f"{place.label} is no datacenter or location")
    return {"scope_type": place.object_type, "scope_id": place.id}


def reserve(client: Client, gateway: IPAddress, length: int, name: str, vrf: Record | None) -> Record | None:
    """Keep a gateway from being handed out. None when NetBox has the address already, be it a router's."""
    table = vrf["id"] if vrf else None
    if known(client, [gateway], table)[gateway]:
        return None
    body = {"address": f"{gateway}/{length}", "status": "reserved", "description": f"gateway of {name}"}
    return client.create(ADDRESSES, {**body, "vrf": table})
