# SPDX-License-Identifier: BSD-2-Clause
"""The first round: all that the wishes name, and what NetBox has of their MAC addresses and addresses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from ...core import addresses
from ...drivers import IPManager
from ...drivers.namemanager import NameManager
from ...drivers.ports import MACS
from ...drivers.session import PROFILES, Record
from ...drivers.subnet import ADDRESSES, NAME, PREFIXES, host_part
from ...netbox.client import Query
from . import fields
from .bearers import BEARER
from .ground import DEVICES, MARK, RACKS, TYPES, Ground, canonical_ip

FEW = 4
"""Up to so many given addresses NetBox is asked which subnets hold them; for more, all IP managers are read."""


def queries(ground: Ground) -> dict[str, Query]:
    wishes = ground.wishes
    readings = [reading for of_one in ground.names.values() for reading in of_one]
    racks = {r.name for w in wishes if w.rack for r in ground.readings(w.rack)}
    sites = {r.name for w in wishes if w.datacenter for r in ground.readings(w.datacenter)}
    sites |= {r.datacenter for r in readings if r.datacenter}
    drivers = named_drivers(ground)
    macs = {mac for w in wishes for mac in w.macs}
    marks = {MARK + mac for w in wishes if w.name is None and not w.stands for mac in w.macs}
    counters = {r.name for w in wishes if w.name_manager and w.name is None for r in ground.readings(w.name_manager)}
    bearer = (BEARER,) if ground.nameless else ()
    given = {ip for w in wishes for wish in w.ips or () if (ip := canonical_ip(wish["ip"]))}
    return {
        "named": fields.devices(name=sorted({r.name for r in readings})),
        "marked": Query(DEVICES, {"description": sorted(marks), "fields": fields.DEVICE}),
        "racks": Query(RACKS, {"name": sorted(racks), "fields": fields.RACK}),
        "sites": Query("dcim/sites", {"name": sorted(sites)}),
        "models": Query(TYPES, {"slug": sorted(drivers - ground.session.models.keys()), "fields": fields.TYPE}),
        "macs": Query(MACS, {"mac_address": sorted(macs), "fields": (*fields.MAC, *bearer)}),
        "taken": Query(ADDRESSES, {"address": sorted(given), "fields": fields.ADDRESS}),
        "profiles": Query(PROFILES, {"fields": ("id", "name")}),
        "name managers": NameManager.ask(name=sorted(counters)),
        **managers(ground),
    }


def named_drivers(ground: Ground) -> set[str]:
    return {(w.driver or ground.default_driver or "").lower() for w in ground.wishes if w.present} - {""}


def managers(ground: Ground) -> dict[str, Query]:
    """The IP managers that are named, and those that may hold the addresses that are given alone."""
    wanted = [wish for w in ground.wishes for wish in w.ips or ()]
    named = {r.name for wish in wanted if wish["ip_manager"] for r in ground.readings(wish["ip_manager"])}
    alone = {ip for wish in wanted if not wish["ip_manager"] and (ip := canonical_ip(wish["ip"]))}
    found = {"managers": IPManager.alike(sorted(named))}
    if len(alone) > FEW:
        return {**found, "managers of all": Query(PREFIXES, {f"cf_{NAME}__empty": False})}
    return {
        **found,
        **{f"managers of {ip}": Query(PREFIXES, {"contains": str(ip_network(ip))}) for ip in sorted(alone)},
    }


def take(ground: Ground, found: Mapping[str, Sequence[Any]]) -> None:
    ground.know(found["named"])
    ground.know(found["marked"])
    ground.know_racks(found["racks"])
    known = (record for driver in named_drivers(ground) for record in ground.session.models.get(driver, ()))
    ground.sites, ground.models = found["sites"], [*found["models"], *known]
    ground.session.remember(TYPES, found["models"])
    ground.session.remember_by("name", PROFILES, found["profiles"])
    ground.counters = found["name managers"]
    for record in found["macs"]:
        ground.macs[addresses.mac(record["mac_address"])].append(record)
    for record in found["taken"]:
        ground.taken[host_part(record["address"])].append(record)
    prefixes: dict[int, Record] = {r["id"]: r for key in found if key.startswith("managers") for r in found[key]}
    among = (IPManager.from_record(ground.session, r) for r in prefixes.values() if IPManager.is_entity(r))
    ground.managers = list(among)
