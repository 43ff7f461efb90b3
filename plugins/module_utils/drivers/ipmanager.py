# SPDX-License-Identifier: BSD-2-Clause
"""IP managers: subnets whose addresses are allocated, bound to ports, and found again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from ..core import addresses
from ..core.addresses import IPAddress, IPNetwork
from ..core.allocation import Block
from ..core.errors import AmbiguousError, ConflictError, InvalidError, NotFoundError, RefusedError, shown
from ..core.merge import Scope
from ..netbox.client import Query
from ..netbox.records import World
from . import gateway as gateways
from .addressing import HasAddresses, by_address
from .documents import CUSTOM_FIELD, CustomFieldDocument, checked
from .entity import Entity
from .lost import again
from .place import Datacenter, Location, Place, around
from .ports import bearer
from .session import Record, Session, current
from .subnet import ADDRESSES, GATEWAY, NAME, PREFIXES, RANGES, block, gateway_in, host_part, ranges_in, subnet
from .vrf import find_vrf, where

ADOPTED = "clusto_adopted"


class IPManager(HasAddresses):
    """A subnet, given by `prefix` (192.168.20.0/22) or by `baseip` and `netmask`; in a VRF, by name or RD, if given.

    The gateway is never allocated. Of `ranges` (`192.168.20.50-192.168.20.99`) come the addresses that nobody names.
    ExistsError when an IP manager has the name, ConflictError when the subnet is one already; InvalidError for what is
    no subnet, and for a gateway or a range outside it.

    With `adopt` it takes over the prefix if others made it, with all that is in it. `delete` gives such a one back: it
    and its addresses stay, without what clusto wrote there.
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
        ranges: Sequence[str] = (),
        vrf: str | None = None,
        datacenter: Datacenter | None = None,
        location: Location | None = None,
        attributes: Mapping[str, Any] | None = None,
        adopt: bool = False,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        net = subnet(name, prefix, baseip, netmask)
        place = around(f"IP manager {name!r}", datacenter, location)
        table = find_vrf(self._session, vrf)
        self._refuse_taken(name)
        there = self.to_adopt(self._session, name, net, table, adopt=adopt)
        here = Block(net) if there is None else block(there)
        gate = None if gateway is None else gateway_in(here, gateway)
        fields: dict[str, Any] = {NAME: name, GATEWAY: gate and str(gate)}
        if attributes is not None:
            fields[CUSTOM_FIELD] = checked(attributes) or None
        if ranges:
            fields[RANGES] = ranges_in(here, ranges)
        body = {"custom_fields": fields, **(scope_fields(place) if place else {})}
        vrf_id = table["id"] if table else None
        reserved = gate and gateways.reserve(self._client, gate, net.prefixlen, name, vrf_id)
        try:
            if there is None:
                self.record = self._client.create(PREFIXES, {"prefix": str(net), "vrf": vrf_id, **body})
            else:
                self.record = self._adopt(there, body)
        except (ConflictError, RefusedError):
            if reserved:
                self._client.delete(ADDRESSES, reserved["id"])
            raise

    @classmethod
    def to_adopt(
        cls, session: Session, name: str, net: IPNetwork, vrf: Record | None = None, *, adopt: bool = True
    ) -> Record | None:
        """The prefix that others made, in that VRF or else in the global table; None when NetBox has none.

        ConflictError, saying whose it is, when it is not to be taken over, is an IP manager's, or there several times.
        """
        found = session.client.list(PREFIXES, prefix=str(net), vrf_id=vrf and vrf["id"])
        for record in found:
            prefix = f"IP manager {name!r}: prefix {where(net, record)}"
            if cls.is_entity(record):
                other = record["custom_fields"][NAME]
                raise ConflictError(f"{prefix} is that of IP manager {other!r} in NetBox, {record['display_url']}")
            if not adopt:
                raise ConflictError(
                    f"{prefix} exists in NetBox, {whose(record)}, {record['display_url']}; to make it this IP manager,"
                    " set adopt to true"
                )
            if len(found) > 1:
                pages = ", ".join(f"{whose(one)}, {one['display_url']}" for one in found)
                raise ConflictError(
                    f"{prefix} is in NetBox {len(found)} times: {pages}; leave one of them to be adopted"
                )
        return next(iter(found), None)

    def _adopt(self, there: Record, body: Mapping[str, Any]) -> Record:
        """Write into a prefix that it is this manager, unless it has become another in the meantime."""
        fields = {**body["custom_fields"], ADOPTED: True}

        def step(now: Record) -> Mapping[str, Any] | None:
            if self.is_named(now, fields[NAME]):
                return None
            if self.is_entity(now):
                raise ConflictError(f"prefix {now['prefix']} is that of IP manager {now['custom_fields'][NAME]!r} now")
            return {**body, "custom_fields": fields}

        return again(lambda: self._client.compare_and_swap(PREFIXES, there["id"], step))

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
    def adopted(self) -> bool:
        """Whether others made its prefix, which will outlast it."""
        return bool(self.record["custom_fields"].get(ADOPTED))

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
        if self.gateway:
            gateways.rename(self._client, addresses.ip(self.gateway), self.name, name, self.vrf_id)
        self.swap(lambda _: {"custom_fields": {NAME: name}})

    def set_gateway(self, gateway: str | None) -> None:
        """Reserve another gateway, or none, and set the old one free."""
        now = self.look()
        gate = None if gateway is None else gateway_in(now.outer, gateway)
        if gate is not None:
            gateways.reserve(self._client, gate, self.subnet.prefixlen, self.name, self.vrf_id)
        self.swap(lambda _: {"custom_fields": {GATEWAY: gate and str(gate)}})
        if now.gateway is not None and now.gateway != gate:
            gateways.release(self._client, now.gateway, self.name, self.vrf_id)

    def set_ranges(self, ranges: Iterable[str]) -> None:
        """Take the next free addresses from these ranges, without any from all of the subnet.

        Addresses that are allocated stay so. InvalidError for what is no range of the subnet, and for an overlap.
        """
        new = ranges_in(self.look().outer, ranges)
        self.swap(lambda _: {"custom_fields": {RANGES: new or None}})

    # End

    def obstacles(self) -> list[str]:
        found = [] if self.adopted else self._all_addresses()
        return [f"allocated of it are {shown(host_part(r['address']) for r in found)}"] if found else []

    def _delete(self) -> None:
        if self.gateway:
            gateways.release(self._client, addresses.ip(self.gateway), self.name, self.vrf_id)
        if self.adopted:
            self._give_back()
        else:
            super()._delete()

    def _give_back(self) -> None:
        pools = self._session.pool_map().direct(self._tags())
        nothing = dict.fromkeys((NAME, GATEWAY, RANGES, CUSTOM_FIELD, ADOPTED))
        self.update({"custom_fields": nothing, "remove_tags": [{"slug": pool.slug} for pool in pools]})

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
            "adopted": self.adopted,
            "addresses": [
                {"ip": host_part(r["address"]), "bound_to": bearer(r) if r["assigned_object_id"] else None}
                for r in sorted(self._all_addresses(), key=by_address)
            ],
        }


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


def whose(record: Record) -> str:
    """Who has a prefix that is no IP manager, as far as NetBox tells."""
    of = (f"{key} {record[key]['display']!r}" for key in ("owner", "tenant") if record.get(key))
    note = [repr(record["description"])] if record["description"] else []
    return ", ".join([*of, *note]) or "without owner, tenant or description"


def scope_fields(place: Entity | None) -> dict[str, Any]:
    """The fields that put a prefix into a datacenter or location."""
    if place is None:
        return {"scope_type": None, "scope_id": None}
    if not isinstance(place, Place):
        raise InvalidError(f"{place.label} is no datacenter or location")
    return {"scope_type": place.object_type, "scope_id": place.id}
