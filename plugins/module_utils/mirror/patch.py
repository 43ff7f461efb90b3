# SPDX-License-Identifier: BSD-2-Clause
"""A newer inventory made of an older one, by reading again only what was touched.

What is unchanged stays the same object, so that whoever made something of a host can tell fast that it still holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

from ..core.errors import RefusedError
from ..core.merge import same
from ..netbox.client import Client, Query
from ..netbox.records import QUERIES, depended_on
from .build import hosts, managers
from .changes import GapError, Touched
from .inventory import Inventory
from .load import HOSTS, read
from .memory import collector_paused
from .model import DEVICE, VIRTUAL_MACHINE, Host, Kind, Manager
from .places import Lists, Places, Record

Key = tuple[Kind, int]

FEW: Final = 1000
"""So many hosts are read one by one without a question; of more, a quarter of all is the limit."""
VANISHING: Final = 3
"""Times that hosts are read again because one of them vanished meanwhile."""


class Patched(NamedTuple):
    inventory: Inventory
    """The older one itself if nothing that it holds has changed."""
    places: Places


def patch(client: Client, old: Inventory, places: Places | None, touched: Touched, loaded_at: float) -> Patched:
    """places: those of the older inventory; None: they are read again. loaded_at: what the time is now.

    Raises GapError when so much is touched that reading everything is the shorter way, and what `Client.fetch` does.
    """
    with collector_paused():
        newer = _places(client, old, places, touched)
        keys = _touched_hosts(client, old, touched)
        if len(keys) > max(FEW, len(old.hosts) // 4):
            raise GapError(f"{len(keys)} hosts are touched at once")
        found = _read(client, newer, keys)
        rest = [host for host in old.hosts if (host.kind, host.id) not in keys] if keys else old.hosts
        unmoved = rest if newer is places else newer.again(rest)
        made = [_kept(old, host) for host in found]
        made = sorted([*unmoved, *made], key=lambda host: (host.kind != DEVICE, host.id))
        return _patched(old, newer, made, _managers(client, old, touched), loaded_at)


def renew(old: Inventory | None, records: Lists, api_url: str, loaded_at: float) -> Patched:
    """The inventory of everything, read again; None: for the first time."""
    old = old or Inventory(api_url=api_url, loaded_at=loaded_at)
    places = Places(records, old)
    made = [_kept(old, host) for host in hosts(records, places)]
    found = managers(records["prefixes"])
    return _patched(old, places, made, old.managers if _same_managers(old.managers, found) else found, loaded_at)


def _patched(
    old: Inventory, places: Places, made: list[Host], managing: Sequence[Manager], loaded_at: float
) -> Patched:
    pools = {pool.name: pool for pool in places.pools}
    unchanged = (
        all_identical(made, old.hosts)
        and managing is old.managers
        and pools == old.pools
        and all_identical(places.sites.values(), old.sites.values())
        and all_identical(places.locations.values(), old.locations.values())
        and all_identical(places.racks.values(), old.racks.values())
    )
    if unchanged:
        return Patched(old, places.fresh(old))
    new = Inventory(
        api_url=old.api_url,
        loaded_at=loaded_at,
        hosts=made,
        pools=pools.values(),
        sites=places.sites.values(),
        locations=places.locations.values(),
        racks=places.racks.values(),
        managers=managing,
    )
    return Patched(new, places.fresh(new))


def all_identical(these: Iterable[object], those: Iterable[object]) -> bool:
    one, other = list(these), list(those)
    return len(one) == len(other) and all(map(lambda a, b: a is b, one, other))


def _kept(old: Inventory, host: Host) -> Host:
    """The old host if it is the same. Rack and documents are looked at closely: Python holds true for 1."""
    known = old.host(host.kind, host.id)
    if known is None or known.rack is not host.rack or known != host:
        return host
    return known if same(known.attributes, host.attributes) and same(known.own, host.own) else host


def _places(client: Client, old: Inventory, places: Places | None, touched: Touched) -> Places:
    if places is None or touched.all_lists:
        return Places(read(client, QUERIES), old)
    if not touched.lists:
        return places
    queries = {
        # Only NetBox knows the order of contexts, so their list is read whole.
        kind: QUERIES[kind] if kind == "contexts" else only(QUERIES[kind], id=sorted(ids))
        for kind, ids in touched.lists.items()
        if kind in places.lists
    }
    lists = dict(places.lists)
    for kind, records in client.fetch(queries).items():
        lists[kind] = records if kind == "contexts" else _replaced(lists[kind], records, touched.lists[kind])
    more = client.fetch({kind: QUERIES[kind] for kind in depended_on(lists["contexts"]) - lists.keys()})
    if not more and all(same(lists[kind], places.lists[kind]) for kind in queries):
        return places
    lists |= more
    return Places(lists, old)


def _replaced(before: Sequence[Record], records: Sequence[Record], touched: set[int]) -> list[Record]:
    return sorted([*(r for r in before if r["id"] not in touched), *records], key=lambda r: r["id"])


def _managers(client: Client, old: Inventory, touched: Touched) -> Sequence[Manager]:
    """Those of the older inventory themselves if they are unchanged."""
    if not touched.prefixes:
        return old.managers
    query = only(HOSTS["prefixes"], id=sorted(touched.prefixes))
    before = {manager.id: manager for manager in old.managers if manager.id in touched.prefixes}
    after = {manager.id: manager for manager in managers(client.ask(query))}
    if _same_managers([*before.values()], [*after.values()]):
        return old.managers
    rest = (manager for manager in old.managers if manager.id not in touched.prefixes)
    return sorted([*rest, *after.values()], key=lambda manager: manager.id)


def _same_managers(these: Sequence[Manager], those: Sequence[Manager]) -> bool:
    return [*these] == [*those] and all(
        same(one.attributes, other.attributes) for one, other in zip(these, those, strict=True)
    )


def _touched_hosts(client: Client, old: Inventory, touched: Touched) -> set[Key]:
    keys: set[Key] = {(DEVICE, number) for number in touched.devices}
    keys |= {(VIRTUAL_MACHINE, number) for number in touched.machines}
    if touched.racks or touched.tags:
        keys |= {
            (host.kind, host.id)
            for host in old.hosts
            if host.around.rack in touched.racks or not touched.tags.isdisjoint(host.around.tags)
        }
    if touched.ports or touched.addresses:
        found = {(key, port) for host in old.hosts for key, port in _bearing(host, touched)}
        keys |= {key for key, _ in found}
        keys |= _owners(client, touched.ports - {port for _, port in found})
    return keys


def _bearing(host: Host, touched: Touched) -> Iterator[tuple[Key, int | None]]:
    """What of a host is touched: its ports, and its primary addresses if they are on no port of its."""
    for port in host.ports:
        if port.id in touched.ports or any(address.id in touched.addresses for address in port.addresses):
            yield (host.kind, host.id), port.id
    for address in (host.primary_ip4, host.primary_ip6, host.oob_ip):
        if address is not None and address.id in touched.addresses:
            yield (host.kind, host.id), None


def _owners(client: Client, ports: set[int]) -> set[Key]:
    """Ask whose interfaces these are; they are new."""
    found = client.fetch(
        {
            "device": Query("dcim/interfaces", {"id": sorted(ports), "fields": "device"}),
            "virtual_machine": Query("virtualization/interfaces", {"id": sorted(ports), "fields": "virtual_machine"}),
        }
    )
    devices: set[Key] = {(DEVICE, record["device"]["id"]) for record in found["device"]}
    return devices | {(VIRTUAL_MACHINE, record["virtual_machine"]["id"]) for record in found["virtual_machine"]}


def _read(client: Client, places: Places, keys: set[Key]) -> list[Host]:
    """Read those hosts that are there."""
    if not keys:
        return []
    for _ in range(VANISHING):
        with suppress(RefusedError):  # NetBox refuses to filter by a device that has vanished since it was found
            return list(hosts(_records(client, keys), places))
    return list(hosts(_records(client, keys), places))


def _records(client: Client, keys: set[Key]) -> Lists:
    """In three rounds: what they are, their interfaces, what is assigned to these."""
    devices = sorted(number for kind, number in keys if kind == DEVICE)
    machines = sorted(number for kind, number in keys if kind == VIRTUAL_MACHINE)
    records: dict[str, list[dict[str, Any]]] = client.fetch(
        {
            "devices": only(HOSTS["devices"], id=devices),
            "virtual_machines": only(HOSTS["virtual_machines"], id=machines),
        }
    )
    records |= client.fetch(
        {
            "interfaces": only(HOSTS["interfaces"], device_id=_ids(records["devices"])),
            "vm_interfaces": only(HOSTS["vm_interfaces"], virtual_machine_id=_ids(records["virtual_machines"])),
        }
    )
    ports = sorted({*_ids(records["interfaces"]), *_ids(records["vm_interfaces"])})
    return records | client.fetch(
        {kind: only(HOSTS[kind], assigned_object_id=ports) for kind in ("mac_addresses", "ip_addresses")}
    )


def _ids(records: Iterable[Mapping[str, Any]]) -> list[int]:
    return [record["id"] for record in records]


def only(query: Query, **filters: Sequence[int]) -> Query:
    """The part of a query that has these ids."""
    return Query(query.endpoint, {**query.filters, **filters})
