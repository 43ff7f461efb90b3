# SPDX-License-Identifier: BSD-2-Clause
"""The ports of many devices, and what they are connected to, in requests that cost NetBox little.

NetBox tells a port's peers too, but looks them up for each port by itself: ten times the work of all the rest of a
list. So they are joined here, from the ends of the cables. Only where a connection is more than a cable between two
ports (patch panels, circuits, power feeds, cables that are split, wireless links) is NetBox asked for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple, cast

from ...core.errors import AccessError, RefusedError
from ...core.ports import PASS_THROUGH, Component
from ...drivers import Device
from ...drivers.ports import COUNTS, ENDPOINTS, Port
from ...drivers.session import Record
from ...netbox.client import Client, Query

ENDS = "dcim/cable-terminations"
FIELDS = (
    *("id", "name", "label", "type", "mgmt_only", "primary_mac_address", "custom_fields", "device"),
    *("cable", "wireless_link", "_occupied", "created", "last_updated"),
)
"""What NetBox tells of a port at little cost; when it changed last is what its ETag is made of."""
JOINED = tuple(f"{what}{of}" for what in ("link_peers", "connected_endpoints") for of in ("", "_type"))
"""What it is connected to."""
ENDPOINTS_OF_PATHS = frozenset(Component) - PASS_THROUGH

Key = tuple[str, int]
"""Component and id of a port."""


class End(NamedTuple):
    port: Key
    side: str


def queries(
    devices: Iterable[Device],
    components: Iterable[Component] = tuple(Component),
    besides: Iterable[tuple[Device, Component]] = (),
) -> dict[tuple[str, str], Query]:
    """Ask for the ports of devices; for those components only that they have. besides: of others these alone."""
    wanted = {*product(devices, components), *besides}
    having = {c: sorted(d.id for d, one in wanted if one == c and d.record[COUNTS[c]]) for c in Component}
    return {
        ("port", c): Query(ENDPOINTS[c], {"device_id": ids, "fields": FIELDS}, short=True) for c, ids in having.items()
    }


def take(found: Mapping[tuple[str, str], Sequence[Record]], devices: Iterable[Device]) -> None:
    """Sort what `queries` found by device."""
    by_device: dict[int, dict[str, list[Record]]] = {}
    for device in devices:
        device.known_ports = by_device[device.id] = {c: [] for c in Component}
    for component in Component:
        for record in found.get(("port", component), ()):
            by_device[record["device"]["id"]][component].append(record)


def ports(devices: Iterable[Device]) -> list[Port]:
    """All that are known of them."""
    known = (device.known_ports or {} for device in devices)
    return [Port(c, record) for of_one in known for c, records in of_one.items() for record in records]


def join(client: Client, wanted: Iterable[Port], known: Iterable[Port]) -> None:
    """Fill in what ports are connected to, the fields of JOINED, as NetBox would.

    wanted: those that shall tell. known: all that were read. Two rounds at most; the second is for what is at other
    devices, or is more than a cable.
    """
    telling = {key_of(port): port for port in wanted if port.cable or port.record.get("wireless_link")}
    records = {key_of(port): port.record for port in known}
    peers = pairs(ends(client, sorted({port.cable for port in telling.values() if port.cable})))
    simple = {key: peers[key] for key in telling if key in peers and is_simple(key, peers[key])}
    asked = {
        **queries_of("far", FIELDS, set(simple.values()) - records.keys()),
        **queries_of("odd", JOINED, telling.keys() - simple.keys()),
    }
    told = {(*key, record["id"]): record for key, found in client.fetch(asked).items() for record in found}
    for key, port in telling.items():
        if joined := told.get(("odd", *key)):
            fill(port, {field: joined.get(field) for field in JOINED})
        elif key in simple and (peer := records.get(simple[key]) or told.get(("far", *simple[key]))):
            fill(port, {field: simple[key][0] if field.endswith("_type") else [peer] for field in JOINED})


def ends(client: Client, cables: Collection[int]) -> Collection[Sequence[End]]:
    """The ends of cables, by cable; none where the token may not see them, or one is gone: then each port is asked."""
    fields = ("cable", "cable_end", "termination_type", "termination_id")
    try:
        found = client.list(ENDS, cable_id=cables, fields=fields)
    except (AccessError, RefusedError):
        return ()
    by_cable: dict[int, list[End]] = defaultdict(list)
    for record in found:
        key = (record["termination_type"], record["termination_id"])
        by_cable[record["cable"]].append(End(key, record["cable_end"]))
    return by_cable.values()


def key_of(port: Port) -> Key:
    return port.object_type, port.id


def pairs(cables: Iterable[Sequence[End]]) -> dict[Key, Key]:
    """Port -> the one at the other end, of cables that have one port at each end."""
    straight = (ends for ends in cables if sorted(end.side for end in ends) == ["A", "B"])
    return {one.port: other.port for a, b in straight for one, other in ((a, b), (b, a))}


def is_simple(key: Key, peer: Key) -> bool:
    """Whether the connection ends where the cable does, or NetBox tells no more of such a port than its cable."""
    return peer[0] in ENDPOINTS_OF_PATHS or (peer[0] in PASS_THROUGH and key[0] in PASS_THROUGH)


def queries_of(what: str, fields: Sequence[str], keys: Iterable[Key]) -> dict[tuple[str, str], Query]:
    ids: dict[str, list[int]] = defaultdict(list)
    for component, id_ in sorted(keys):
        ids[component].append(id_)
    return {(what, c): Query(ENDPOINTS[c], {"id": of_one, "fields": fields}) for c, of_one in ids.items()}


def fill(port: Port, fields: Mapping[str, Any]) -> None:
    cast("dict[str, Any]", port.record).update(fields)
