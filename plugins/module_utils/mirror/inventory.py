# SPDX-License-Identifier: BSD-2-Clause
"""The whole inventory as one immutable value whose look-ups cost the same at ten hosts and at 100,000."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from ..core import addresses
from .model import Address, ByIp, ByMac, Host, Kind, Location, Manager, Pool, Port, Rack, Site

# Roles under which one address may be on several hosts (NetBox: IPADDRESS_ROLES_NONUNIQUE).
SHARED_ROLES = frozenset({"anycast", "vip", "vrrp", "hsrp", "glbp", "carp"})


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
        return self._by_mac.get(mac) or self._by_mac.get(addresses.mac(mac))

    def by_ip(self, ip: str) -> ByIp | None:
        """Find the host and port that bear an address, and the IP manager that covers it.

        An address that exists in several VRFs is the one outside any VRF. Raises InvalidError for what is no address.
        """
        found = self._by_ip.get(ip) or self._by_ip.get(str(addresses.ip(ip)))
        if found is None:
            return None
        host, port, address = found
        return ByIp(host, port, self.manager_of(address.ip, vrf=address.vrf))

    def by_name(self, name: str) -> tuple[Host, ...]:
        """Find every host of that name: names are unique within a site only."""
        return self._by_name.get(name, ())

    def host(self, kind: Kind, host_id: int) -> Host | None:
        return self._by_id.get((kind, host_id))

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
        by_name: dict[str, list[Host]] = {}
        self._by_id: dict[tuple[Kind, int], Host] = {(host.kind, host.id): host for host in self.hosts}
        self._by_mac: dict[str, ByMac] = {}
        self._by_ip: dict[str, tuple[Host, Port, Address]] = {}
        warnings: list[str] = []
        for host in self.hosts:
            if host.name is not None:
                by_name.setdefault(host.name, []).append(host)
            for port in host.ports:
                warnings += self._index_port(host, port)
        self._by_name = {name: tuple(hosts) for name, hosts in by_name.items()}
        self._networks = _by_length(self.managers)
        self.warnings = tuple(warnings)

    def _index_port(self, host: Host, port: Port) -> list[str]:
        """Enter a port's MACs and addresses; says which of them another host had already."""
        taken = []
        for mac in port.macs:
            first = self._by_mac.setdefault(mac, ByMac(host, port))
            if first.host is not host:
                taken.append(f"MAC {mac} is on {_place(first.host, first.port)} and on {_place(host, port)}")
        for address in port.addresses:
            holder, there, known = self._by_ip.setdefault(address.ip, (host, port, address))
            if address.vrf is None and known.vrf is not None:
                self._by_ip[address.ip] = (host, port, address)
            elif holder is not host and address.vrf == known.vrf and address.role not in SHARED_ROLES:
                taken.append(f"IP {address.ip} is on {_place(holder, there)} and on {_place(host, port)}")
        return taken


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
