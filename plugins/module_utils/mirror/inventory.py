# SPDX-License-Identifier: BSD-2-Clause
"""The whole inventory as one immutable value whose look-ups cost the same at ten hosts and at 100,000."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from ..core import addresses
from .model import DEVICE, VIRTUAL_MACHINE, ByIp, ByMac, Host, Kind, Location, Manager, Pool, Port, Rack, Site

# Roles under which one address may be on several hosts (NetBox: IPADDRESS_ROLES_NONUNIQUE).
SHARED_ROLES = frozenset({"anycast", "vip", "vrrp", "hsrp", "glbp", "carp"})

FEW = 8
"""Ports among which one is found fast enough."""


class Inventory:
    """All hosts, pools, sites, locations, racks and IP managers of one NetBox at one moment.

    Where two hosts claim one MAC or one IP address, the first in the order of `hosts` has it; `warnings` names both.
    """

    __slots__ = (
        "_by_id",
        "_by_ip",
        "_by_mac",
        "_by_name",
        "_networks",
        "api_url",
        "hosts",
        "loaded_at",
        "locations",
        "managers",
        "pools",
        "racks",
        "sites",
        "warnings",
    )

    def __init__(  # noqa: PLR0913 - one argument per kind of thing it holds, by keyword only
        self,
        *,
        api_url: str,
        loaded_at: float,
        hosts: Iterable[Host] = (),
        pools: Iterable[Pool] = (),
        sites: Iterable[Site] = (),
        locations: Iterable[Location] = (),
        racks: Iterable[Rack] = (),
        managers: Iterable[Manager] = (),
    ) -> None:
        self.api_url = api_url
        self.loaded_at = loaded_at
        """When the reading began, in seconds since the epoch."""
        self.hosts: tuple[Host, ...] = tuple(hosts)
        """Devices, then virtual machines, each by id."""
        self.pools: Mapping[str, Pool] = MappingProxyType({pool.name: pool for pool in pools})
        self.sites: Mapping[int, Site] = MappingProxyType({site.id: site for site in sites})
        self.locations: Mapping[int, Location] = MappingProxyType({place.id: place for place in locations})
        self.racks: Mapping[int, Rack] = MappingProxyType({rack.id: rack for rack in racks})
        self.managers: tuple[Manager, ...] = tuple(managers)
        self.warnings: tuple[str, ...] = ()
        self._index()

    def by_mac(self, mac: str) -> ByMac | None:
        """Find host and port by MAC address in any notation; the canonical one (00:11:22:33:44:55) is fastest.

        Raises InvalidError for what is no MAC address.
        """
        if (found := self._by_mac.get(mac)) is None:
            mac = addresses.mac(mac)
            if (found := self._by_mac.get(mac)) is None:
                return None
        if isinstance(found, ByMac):
            return found
        for port in found.ports:
            if port.has(mac):
                return ByMac(found, port)
        return None

    def by_ip(self, ip: str) -> ByIp | None:
        """Find the host and port that bear an address, and the IP manager that covers it.

        An address that exists in several VRFs is the one outside any VRF. Raises InvalidError for what is no address.
        """
        found = self._by_ip.get(ip) or self._by_ip.get(ip := str(addresses.ip(ip)))
        if found is None:
            return None
        host, vrf = (found, None) if isinstance(found, Host) else found
        port = next(port for port in host.ports if any((a.ip, a.vrf) == (ip, vrf) for a in port.addresses))
        return ByIp(host, port, self.manager_of(ip, vrf=vrf))

    def by_name(self, name: str) -> tuple[Host, ...]:
        """Find every host of that name: names are unique within a site only."""
        found = self._by_name.get(name, ())
        return (found,) if isinstance(found, Host) else found

    def host(self, kind: Kind, host_id: int) -> Host | None:
        return self._by_id[kind].get(host_id)

    def manager_of(self, ip: str, *, vrf: str | None = None) -> Manager | None:
        """Find the IP manager with the smallest network that covers an address; raises InvalidError for none such."""
        address = addresses.ip(ip)
        number, bits = int(address), address.max_prefixlen
        for length, networks in self._networks.get((vrf, address.version), ()):
            if manager := networks.get(number >> (bits - length)):
                return manager
        return None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Inventory) and all(
            getattr(self, name) == getattr(other, name)
            for name in ("api_url", "loaded_at", "hosts", "pools", "sites", "locations", "racks", "managers")
        )

    def __hash__(self) -> int:
        return hash((self.api_url, self.loaded_at))

    def __repr__(self) -> str:
        return f"<Inventory of {self.api_url}: {len(self.hosts)} hosts>"

    def _index(self) -> None:
        """Of 100,000 hosts these take a third of the memory: no tuple is kept that can be made when it is asked for."""
        self._by_id: dict[Kind, dict[int, Host]] = {DEVICE: {}, VIRTUAL_MACHINE: {}}
        self._by_name: dict[str, Host | tuple[Host, ...]] = {}
        self._by_mac: dict[str, Host | ByMac] = {}
        self._by_ip: dict[str, Host | tuple[Host, str]] = {}
        warnings: list[str] = []
        for host in self.hosts:
            self._by_id[host.kind][host.id] = host
            if host.name is not None and (first := self._by_name.setdefault(host.name, host)) is not host:
                self._by_name[host.name] = (*((first,) if isinstance(first, Host) else first), host)
            for port in host.ports:
                warnings += self._index_macs(host, port)
                if port.addresses:
                    warnings += self._index_addresses(host, port)
        self._networks = _by_length(self.managers)
        self.warnings = tuple(warnings)

    def _index_macs(self, host: Host, port: Port) -> Iterator[str]:
        """Enter a port's MACs; says which of them another host had already."""
        for mac in port.macs:
            first = self._by_mac.setdefault(mac, host if len(host.ports) <= FEW else ByMac(host, port))
            if (holder := first if isinstance(first, Host) else first.host) is not host:
                there = next(port for port in holder.ports if port.has(mac))
                yield f"MAC {mac} is on {_place(holder, there)} and on {_place(host, port)}"

    def _index_addresses(self, host: Host, port: Port) -> Iterator[str]:
        """Enter a port's addresses, those in no VRF rather than others; says which of them another host had already."""
        for address in port.addresses:
            entry = host if address.vrf is None else (host, address.vrf)
            first = self._by_ip.setdefault(address.ip, entry)
            holder, vrf = (first, None) if isinstance(first, Host) else first
            if address.vrf is None and vrf is not None:
                self._by_ip[address.ip] = host
            elif holder is not host and address.vrf == vrf and address.role not in SHARED_ROLES:
                there = next(p for p in holder.ports if any((a.ip, a.vrf) == (address.ip, vrf) for a in p.addresses))
                yield f"IP {address.ip} is on {_place(holder, there)} and on {_place(host, port)}"


_Networks = dict[tuple[str | None, int], tuple[tuple[int, dict[int, Manager]], ...]]


def _by_length(managers: Iterable[Manager]) -> _Networks:
    """(VRF, IP version) -> ((prefix length, {leading bits: manager}) ...), the longest first; of equals the first."""
    tables: dict[tuple[str | None, int], dict[int, dict[int, Manager]]] = {}
    for manager in managers:
        network = addresses.prefix(manager.network)
        table = tables.setdefault((manager.vrf, network.version), {}).setdefault(network.prefixlen, {})
        table.setdefault(int(network.network_address) >> (network.max_prefixlen - network.prefixlen), manager)
    return {key: tuple(sorted(table.items(), reverse=True, key=lambda row: row[0])) for key, table in tables.items()}


def _place(host: Host, port: Port) -> str:
    where = f"{host.site.name}/" if host.site else ""
    return f"{where}{host} ({port.name})"
