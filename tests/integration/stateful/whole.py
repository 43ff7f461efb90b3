# SPDX-License-Identifier: BSD-2-Clause
"""The whole state at once: every entity as bulk reads and the mirror see it, against the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clusto.drivers import Entity, Session, get_entities
from clusto.mirror.inventory import Inventory
from clusto.mirror.load import load
from clusto.mirror.model import DEVICE

from .reference import Reference
from .things import HOSTS, Thing, datacenter, document, places

State = dict[str, Any]


def in_netbox(session: Session, entities: Mapping[Thing, Entity]) -> State:
    found = {(entity.object_type, entity.id): entity for entity in get_entities(session=session)}
    world, inventory = session.world(), load(session.client, 0)
    state = {}
    for thing, known in entities.items():
        entity = found[known.object_type, known.id]
        state[repr(thing)] = {
            "name": entity.name,
            "driver": entity.driver,
            "datacenter": entity.datacenter_name,
            "attributes": (own := entity.own_document(world)),
            "weight": context.weight if own and (context := world.contexts.get(entity.scope(world).own or 0)) else None,
            **_mirrored(thing.kind, entity, inventory),
        }
    return state


def _mirrored(kind: str, entity: Entity, inventory: Inventory) -> State:
    if kind in HOSTS:
        host = inventory.host(DEVICE, entity.id)
        assert host is not None
        return {
            "merged": host.attributes,
            "pools": sorted(host.pools),
            "locations": [place.name for place in host.locations],
            "rack": host.rack and host.rack.name,
            "unit": host.unit,
            "ports": {port.name: port.macs for port in host.ports},
            "ips": sorted((port.name, address.ip) for port, address in host.addresses()),
        }
    if kind == "pool":
        pool = inventory.pools[entity.name]
        return {"parents": sorted(pool.parents), "inner": sorted(pool.children), "depth": pool.depth}
    if kind == "ipmanager":
        [manager] = [one for one in inventory.managers if one.id == entity.id]
        return {"net": manager.network, "gateway": manager.gateway, "vrf": manager.vrf}
    return {}


def in_reference(reference: Reference) -> State:
    state = {}
    for thing in reference.things:
        here = datacenter(thing)
        state[repr(thing)] = {
            "name": thing.name,
            "driver": thing.driver,
            "datacenter": here.name if here else None,
            "attributes": document(thing.attrs),
            "weight": _weight(thing) if thing.attrs else None,
            **_remembered(thing, reference),
        }
    return state


def _weight(thing: Thing) -> int | None:
    """The weight of the config context that holds its attributes, if one does."""
    weights = {"pool": thing.weight, "datacenter": 2000, "location": 3000 + 10 * (len(places(thing)) - 1)}
    if thing.kind == "location" and datacenter(thing) is None:
        return weights["location"] + 10
    return weights.get(thing.kind)


def _remembered(thing: Thing, reference: Reference) -> State:
    if thing.kind in HOSTS:
        around = places(thing)
        pools = {pool.name for one in (thing, *around) for pool in reference.around(one)}
        racks = [place.name for place in around if place.kind == "rack"]
        return {
            "merged": reference.merged(thing),
            "pools": sorted(pools),
            "locations": [place.name for place in reversed(around) if place.kind == "location"],
            "rack": racks[0] if racks else None,
            "unit": float(thing.units[0]) if thing.units else None,
            "ports": {name: (nic.mac,) if nic.mac else () for name, nic in thing.ports.get("nic-eth", {}).items()},
            "ips": sorted((at[1], ip) for (_, ip), at in reference.bound.items() if at and at[0] is thing),
        }
    if thing.kind == "pool":
        inner = [other.name for other in reference.of("pool") if thing in other.pools]
        parents = [parent.name for parent in thing.pools]
        return {"parents": sorted(parents), "inner": sorted(inner), "depth": reference.depth(thing)}
    if thing.kind == "ipmanager":
        return {"net": str(thing.net), "gateway": thing.gateway, "vrf": thing.vrf}
    return {}
