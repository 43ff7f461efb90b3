# SPDX-License-Identifier: BSD-2-Clause
"""What the mirror holds: plain immutable values, lean enough for 100,000 hosts in memory.

Strings that many hosts share (types, drivers, names of pools) are one object each; attributes that are equal are one
document, so nobody may change what they find here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, NamedTuple

from ..netbox.records import Surroundings

Document = Mapping[str, Any]
Kind = Literal["device", "virtualmachine"]

DEVICE: Kind = "device"
VIRTUAL_MACHINE: Kind = "virtualmachine"

NOWHERE: Final = Surroundings()


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address bound to a port, with the length of its network's prefix."""

    id: int
    ip: str
    """Canonical, without the prefix length: 192.168.1.50, 2001:db8::1."""
    prefix_length: int
    status: str
    """NetBox's: active, reserved, deprecated, dhcp, slaac."""
    role: str | None = None
    """NetBox's: loopback, secondary, anycast, vip, vrrp, hsrp, glbp, carp."""
    vrf: str | None = None
    dns_name: str = ""

    @property
    def version(self) -> Literal[4, 6]:
        return 6 if ":" in self.ip else 4

    def __str__(self) -> str:
        return f"{self.ip}/{self.prefix_length}"


@dataclass(frozen=True, slots=True)
class PortKind:
    """What the ports of many hosts have in common; see Port for the meaning."""

    name: str
    type: str
    label: str = ""
    enabled: bool = True
    mgmt_only: bool = False
    lag: int | None = None
    bridge: int | None = None
    parent: int | None = None


port_kind: Final = lru_cache(maxsize=10_000)(PortKind)
"""The one object for those that are equal."""


@dataclass(frozen=True, slots=True, init=False)
class Port:
    """A network interface of a host. `lag`, `bridge` and `parent` are ids of other ports of the same host.

    There are several for each host, and most have one MAC and no address: so it takes as little memory as it can.
    """

    id: int
    kind: PortKind
    addresses: tuple[Address, ...]
    _macs: str | tuple[str, ...]

    def __init__(  # noqa: PLR0913 - what an interface has
        self,
        id: int,  # noqa: A002 - NetBox's name for it
        name: str,
        type: str,  # noqa: A002 - NetBox's name for it
        *,
        label: str = "",
        enabled: bool = True,
        mgmt_only: bool = False,
        macs: tuple[str, ...] = (),
        lag: int | None = None,
        bridge: int | None = None,
        parent: int | None = None,
        addresses: tuple[Address, ...] = (),
    ) -> None:
        _fill(self, id, port_kind(name, type, label, enabled, mgmt_only, lag, bridge, parent), macs, addresses)

    @classmethod
    def of(cls, port_id: int, kind: PortKind, macs: tuple[str, ...], addresses: tuple[Address, ...]) -> Port:
        port = object.__new__(cls)
        _fill(port, port_id, kind, macs, addresses)
        return port

    @property
    def macs(self) -> tuple[str, ...]:
        """All of them as 00:11:22:33:44:55, the primary one first."""
        return (self._macs,) if isinstance(self._macs, str) else self._macs

    def has(self, mac: str) -> bool:
        """Whether one of them is this, in canonical notation."""
        return mac == self._macs if isinstance(self._macs, str) else mac in self._macs

    @property
    def name(self) -> str:
        return self.kind.name

    @property
    def type(self) -> str:
        """NetBox's: 1000base-t, lag, bridge, virtual …; "virtual" for every interface of a virtual machine."""
        return self.kind.type

    @property
    def label(self) -> str:
        return self.kind.label

    @property
    def enabled(self) -> bool:
        return self.kind.enabled

    @property
    def mgmt_only(self) -> bool:
        """True for an IPMI card's port."""
        return self.kind.mgmt_only

    @property
    def lag(self) -> int | None:
        return self.kind.lag

    @property
    def bridge(self) -> int | None:
        return self.kind.bridge

    @property
    def parent(self) -> int | None:
        return self.kind.parent


def _fill(port: Port, port_id: int, kind: PortKind, macs: tuple[str, ...], addresses: tuple[Address, ...]) -> None:
    set_ = object.__setattr__
    set_(port, "id", port_id)
    set_(port, "kind", kind)
    set_(port, "addresses", addresses)
    set_(port, "_macs", macs[0] if len(macs) == 1 else macs)


@dataclass(frozen=True, slots=True)
class Site:
    """A datacenter."""

    id: int
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Location:
    """A zone, cage or row; `parent` is the location around it."""

    id: int
    name: str
    slug: str
    site: Site | None
    parent: Location | None = None


@dataclass(frozen=True, slots=True)
class Rack:
    id: int
    name: str
    site: Site | None
    location: Location | None = None
    attributes: Document = field(default_factory=dict)
    """The rack's own (custom field clusto_attributes)."""

    def __hash__(self) -> int:
        return hash(("rack", self.id))


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool; names of pools are unique."""

    id: int
    name: str
    driver: str
    """pool, unique_pool or exclusive_pool."""
    depth: int = 0
    """0 for one that is in no other, else one more than its deepest parent's."""
    parents: tuple[str, ...] = ()
    """The pools that this one is directly in."""
    children: tuple[str, ...] = ()
    """The pools that are directly in this one."""


@dataclass(frozen=True, slots=True)
class Manager:
    """An IP manager: a prefix that bears a clusto name."""

    id: int
    name: str
    network: str
    """192.168.1.0/24"""
    gateway: str | None = None
    vrf: str | None = None
    attributes: Document = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash(("manager", self.id))


@dataclass(frozen=True, slots=True)
class Host:
    """A device or a virtual machine, with all that is known about it. `str(host)` names it in messages."""

    kind: Kind
    id: int
    """Unique within its kind only."""
    name: str | None
    """NetBox allows devices without one."""
    type: str | None
    """The role's slug: server, switch …; a virtual machine may have none."""
    driver: str | None
    """The device type's model: BasicServer …; none for a virtual machine."""
    status: str
    site: Site | None = None
    locations: tuple[Location, ...] = ()
    """Outermost first."""
    rack: Rack | None = None
    unit: float | None = None
    """The lowest rack unit that the device takes; NetBox has half units."""
    pools: tuple[str, ...] = ()
    """Every pool that it is in, also through outer pools and through its rack, locations and site; innermost first."""
    attributes: Document = field(default_factory=dict)
    """Merged: its own over those of its pools, rack, locations and datacenter."""
    own: Document = field(default_factory=dict)
    """Its own attributes alone."""
    ports: tuple[Port, ...] = ()
    """In NetBox's natural order."""
    primary_ip4: Address | None = None
    primary_ip6: Address | None = None
    oob_ip: Address | None = None
    around: Surroundings = NOWHERE
    """The ids and tags that site, locations, rack, pools and attributes follow from."""

    def __hash__(self) -> int:
        return hash((self.kind, self.id))

    def __str__(self) -> str:
        return self.name or f"{self.kind} {self.id}"

    def port(self, port_id: int) -> Port | None:
        """Find the port that `Port.lag`, `bridge` or `parent` names."""
        return next((port for port in self.ports if port.id == port_id), None)

    def addresses(self) -> Iterator[tuple[Port, Address]]:
        """Every address of the host with the port that bears it, in the order of its ports."""
        return ((port, address) for port in self.ports for address in port.addresses)

    def addresses_of(self, port: Port) -> tuple[Address, ...]:
        """List the addresses that answer behind a port: its own, then those of the LAG and bridge it is a member of."""
        found: list[Address] = []
        seen: set[int] = set()
        upper: list[Port] = [port]
        while upper:
            one = upper.pop(0)
            if one.id not in seen:
                seen.add(one.id)
                found += one.addresses
                upper += [p for link in (one.lag, one.bridge) if link is not None and (p := self.port(link))]
        return tuple(found)


class ByMac(NamedTuple):
    host: Host
    port: Port


class ByIp(NamedTuple):
    host: Host
    port: Port
    manager: Manager | None
    """The IP manager of that address; none if no prefix with a clusto name covers it."""
