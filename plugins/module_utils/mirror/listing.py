# SPDX-License-Identifier: BSD-2-Clause
"""The inventory as Ansible wants it: hosts chosen by filters, a name for each, groups with their nesting, variables."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import translate
from typing import Any, NamedTuple, TypeVar

from ..core.errors import InvalidError, NotFoundError
from .inventory import Inventory
from .model import DEVICE, VIRTUAL_MACHINE, Host, Location, Port, Rack

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Filter:
    """Which hosts; an empty list asks for nothing. `pools` are all to be met, `-NAME` excludes; of the others any.

    `names` are patterns as Ansible has them: NAME with `*`, `?` and `[abc]`, `~REGEX`; with `!` before it one excludes.
    """

    names: Sequence[str] = ()
    pools: Sequence[str] = ()
    datacenters: Collection[str] = ()
    types: Collection[str] = ()
    statuses: Collection[str] = ()
    virtual_machines: bool = True

    def hosts(self, inventory: Inventory) -> list[Host]:
        """Choose the hosts.

        Raises NotFoundError for pools and datacenters that there are none of, InvalidError for a faulty pattern.
        """
        wanted = {name for name in self.pools if not name.startswith("-")}
        unwanted = {name[1:] for name in self.pools if name.startswith("-")}
        _check("pool", wanted | unwanted, inventory.pools)
        _check("datacenter", self.datacenters, {site.name for site in inventory.sites.values()})
        return [
            host
            for host in self._called(inventory)
            if wanted.issubset(host.pools)
            and unwanted.isdisjoint(host.pools)
            and (not self.datacenters or (host.site is not None and host.site.name in self.datacenters))
            and (not self.types or host.type in self.types)
            and (not self.statuses or host.status in self.statuses)
            and (self.virtual_machines or host.kind != VIRTUAL_MACHINE)
        ]

    def _called(self, inventory: Inventory) -> Iterable[Host]:
        """Those that the names choose; of names that only exclude all others."""
        if not self.names:
            return inventory.hosts
        matching = self._matching(inventory)
        wanted = [hosts for pattern, hosts in matching.items() if not pattern.startswith("!")] or [[*inventory.hosts]]
        unwanted = {host for pattern, hosts in matching.items() if pattern.startswith("!") for host in hosts}
        chosen = set().union(*wanted) - unwanted
        return (host for host in inventory.hosts if host in chosen)

    def _matching(self, inventory: Inventory) -> dict[str, list[Host]]:
        """Pattern -> the hosts that it means: as NetBox calls them, or as they are called here."""
        called = {host: {name, host.name or name} for host, name in host_names(inventory).items()}
        compiled = {pattern: _compiled(pattern.removeprefix("!")) for pattern in self.names}
        return {
            pattern: [host for host, names in called.items() if any(map(expression.match, names))]
            for pattern, expression in compiled.items()
        }

    def unmet(self, inventory: Inventory) -> list[str]:
        """Say which names, types and states no host has; they may be misspelt, or there are no such hosts yet."""
        matching = self._matching(inventory) if self.names else {}
        return [f"no host is called {pattern!r}" for pattern, hosts in matching.items() if not hosts] + [
            f"no host is of {what} {value!r}; there are {', '.join(sorted(there)) or 'none'}"
            for what, asked, there in (
                ("type", self.types, {host.type for host in inventory.hosts if host.type}),
                ("status", self.statuses, {host.status for host in inventory.hosts}),
            )
            for value in sorted(set(asked) - there)
        ]


def _compiled(pattern: str) -> re.Pattern[str]:
    """Read a pattern as Ansible does; besides, whatever is in it, the name that is written alike."""
    if not pattern.startswith("~"):
        return re.compile(rf"{re.escape(pattern)}\Z|{translate(pattern)}")
    try:
        return re.compile(pattern[1:])
    except re.error as error:
        raise InvalidError(f"names: {pattern!r} is no regular expression: {error}") from None


def _check(what: str, asked: Iterable[str], there: Collection[str]) -> None:
    if unknown := sorted(set(asked) - set(there)):
        raise NotFoundError(
            f"no {what} {', '.join(map(repr, unknown))} in NetBox; expected one of {', '.join(sorted(there)) or 'none'}"
        )


def host_names(inventory: Inventory) -> dict[Host, str]:
    """Give each host a name that no other has: its own, else DATACENTER/NAME, else with kind and id.

    Filters do not change it, since all hosts are looked at.
    """
    return _distinct({host: list(_host_candidates(host)) for host in inventory.hosts})


def _host_candidates(host: Host) -> Iterator[str]:
    identity = f"{host.kind}-{host.id}"
    if host.name is not None:
        yield host.name
        if host.site is not None:
            yield f"{host.site.name}/{host.name}"
        yield f"{host.name}-{identity}"
    yield identity


def _distinct(candidates: Mapping[Key, Sequence[str]]) -> dict[Key, str]:
    """Give each the first of its candidates that nobody else could have; the last one is taken in any case."""
    claims = Counter(name for names in candidates.values() for name in set(names))
    return {key: next((name for name in names if claims[name] == 1), names[-1]) for key, names in candidates.items()}


class Group(NamedTuple):
    """A group by what it stands for: `key` is the id of a datacenter, location or rack, else the name."""

    kind: str
    key: int | str


class Groups:
    """The groups of an inventory. safe: makes a text one that Ansible allows as a group's name."""

    def __init__(self, inventory: Inventory, safe: Callable[[str], str]) -> None:
        self._inventory = inventory
        self._safe = safe
        candidates: dict[Group, list[str]] = {}
        for pool in inventory.pools.values():
            candidates[Group("pool", pool.name)] = [f"pool_{pool.name}", f"pool_{pool.name}_{pool.id}"]
        for site in inventory.sites.values():
            candidates[Group("datacenter", site.id)] = [f"datacenter_{site.name}", f"datacenter_{site.name}_{site.id}"]
        for kind, places in (("location", inventory.locations), ("rack", inventory.racks)):
            for place in places.values():
                candidates[Group(kind, place.id)] = _place_candidates(kind, place)
        self._names = _distinct({group: [safe(name) for name in names] for group, names in candidates.items()})

    def name(self, group: Group) -> str:
        return self._names.get(group) or self._safe(f"{group.kind}_{group.key}")

    def of(self, host: Host) -> list[Group]:
        """List the groups to put a host into; it is in those above them by their nesting."""
        pools = self._inventory.pools
        groups = [Group("pool", name) for name in host.pools if not any(c in host.pools for c in pools[name].children)]
        if host.rack is not None:
            groups.append(Group("rack", host.rack.id))
        if host.locations and not (host.rack and host.rack.location == host.locations[-1]):
            groups.append(Group("location", host.locations[-1].id))
        elif host.site is not None and not host.rack:
            groups.append(Group("datacenter", host.site.id))
        groups += [Group(kind, key) for kind, key in (("type", host.type), ("driver", host.driver)) if key is not None]
        return groups

    def above(self, group: Group) -> list[Group]:
        """List the groups that this one is a child of."""
        if group.kind == "pool":
            return [Group("pool", parent) for parent in self._inventory.pools[str(group.key)].parents]
        if group.kind == "rack":
            rack = self._inventory.racks[int(group.key)]
            return _around(rack.location, rack)
        if group.kind == "location":
            location = self._inventory.locations[int(group.key)]
            return _around(location.parent, location)
        return []


def _place_candidates(kind: str, place: Location | Rack) -> list[str]:
    return [
        f"{kind}_{place.name}",
        *([f"{kind}_{place.site.name}_{place.name}"] if place.site else []),
        f"{kind}_{place.name}_{place.id}",
    ]


def _around(location: Location | None, place: Location | Rack) -> list[Group]:
    if location is not None:
        return [Group("location", location.id)]
    return [Group("datacenter", place.site.id)] if place.site is not None else []


class Connection(NamedTuple):
    """What an interface of a device leads to, behind all patch panels."""

    device: int | None
    """The id of the device; a power feed or circuit is at none."""
    entity: str | None
    """What NetBox calls the device."""
    type: str
    port: str


Connections = Mapping[int, Connection]
"""By the ids of devices' interfaces."""


def variables(host: Host, connected: Mapping[int, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """Describe a host to Ansible, in plain JSON types. `ansible_host` is left out where no rule gives it.

    connected: what the interfaces of devices lead to, by their ids; None: it was not asked for.
    """
    found: dict[str, Any] = {
        "clusto_attributes": host.attributes,
        "clusto_type": host.type,
        "clusto_driver": host.driver,
        "clusto_status": host.status,
        "clusto_pools": list(host.pools),
        "clusto_datacenter": host.site.name if host.site else None,
        "clusto_locations": [location.name for location in host.locations],
        "clusto_rack": host.rack.name if host.rack else None,
        "clusto_ru": int(host.unit) if host.unit is not None and host.unit == int(host.unit) else host.unit,
        "clusto_ips": [address.ip for _, address in host.addresses()],
        "clusto_ports": {port.name: _port(host, port) for port in host.ports},
    }
    if connected is not None:
        for port in host.ports:
            found["clusto_ports"][port.name]["connected_to"] = connected.get(port.id) if host.kind == DEVICE else None
    if ansible_host := _reached_at(host):
        found["ansible_host"] = ansible_host
    return found


def connected(inventory: Inventory, connections: Connections) -> dict[int, dict[str, Any]]:
    """Describe what interfaces lead to; devices are called as their hosts are here."""
    names = {host.id: name for host, name in host_names(inventory).items() if host.kind == DEVICE}
    return {
        interface: {"entity": names.get(end.device or 0, end.entity), "type": end.type, "port": end.port}
        for interface, end in connections.items()
    }


def _port(host: Host, port: Port) -> dict[str, Any]:
    links = {"lag": port.lag, "bridge": port.bridge, "parent": port.parent}
    return {
        "type": port.type,
        "label": port.label,
        "enabled": port.enabled,
        "mgmt_only": port.mgmt_only,
        "macs": list(port.macs),
        "ips": [str(address) for address in port.addresses],
        **{name: other.name if link and (other := host.port(link)) else None for name, link in links.items()},
    }


def _reached_at(host: Host) -> str | None:
    """Choose the primary address, else the first bound one, but not one that leads to an IPMI card."""
    bound = [address for port, address in host.addresses() if not port.mgmt_only and address != host.oob_ip]
    first = next(iter(sorted(bound, key=lambda address: address.version)), None)
    address = host.primary_ip4 or host.primary_ip6 or first
    return address.ip if address else None
