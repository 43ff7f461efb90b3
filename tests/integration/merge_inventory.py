# SPDX-License-Identifier: BSD-2-Clause
"""Random inventories for the oracle of the merge: made from a seed, written into a real NetBox in bulk.

What is made is known here by NetBox's ids, so that the test's own reference needs nothing of the code under test.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from clusto.netbox.client import Client

Record = dict[str, Any]
Parents = dict[int, int | None]

WEIGHTS = (0, 1000, 1000, 2000, 3010, 3999, 3999, 4000, 4000, 4001, 4001, 5000, 5010, 32767)
STEMS = (
    "ntp",
    "NTP",
    "Ntp",
    "ñtp",
    "n tp",
    "n_tp",
    "n-tp",
    "ntp1",
    "ntp10",
    "ntp2",
    "æ",
    "Z",
    "z",
    "Ω",
    "時",
    "~",
    "1",
)
KEYS = ("a", "b", "c", "B", "_d")
ODD_KEYS = (*KEYS, "", "1", "ключ", "a b")
CHUNK = 50
"""Objects in one request."""


class Dice(random.Random):
    """All choices of one inventory."""

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def maybe(self, options: Sequence[int], probability: float = 0.6) -> int | None:
        return self.choice(options) if options and self.chance(probability) else None

    def some(self, options: Sequence[Any], most: int = 3) -> list[Any]:
        return self.sample(options, self.randint(1, min(most, len(options))))

    def document(self, keys: Sequence[str] = ODD_KEYS, depth: int = 3) -> dict[str, Any]:
        """Objects of few keys, so that they meet in a merge."""
        return {key: self._value(depth) for key in self.sample(keys, self.randint(0 if depth < 3 else 1, 3))}

    def _value(self, depth: int) -> Any:
        if depth and self.chance(0.5):
            return self.document(depth=depth - 1)
        return self.choice([None, True, False, 0, 1, -7, 1.5, "", "x", "süß", [], [1, 1], [{"a": {}}], {}, 2**40])


@dataclass
class ContextSpec:
    """A config context as the test knows it. `tags` are slugs, other criteria ids."""

    name: str
    weight: int
    data: dict[str, Any]
    criteria: dict[str, list[Any]] = field(default_factory=dict)
    active: bool = True
    profile: str | None = None
    depth: int | None = None
    """Of a pool, else None."""


@dataclass
class Inventory:
    """Everything but contexts; ids of NetBox's, trees as child -> parent."""

    dice: Dice
    regions: Parents
    site_groups: Parents
    locations: Parents
    roles: Parents
    platforms: Parents
    sites: dict[int, Record]
    racks: dict[int, Record]
    device_types: list[int]
    tenant_groups: list[int]
    tenants: dict[int, int | None]
    clusters: dict[int, Record]
    cluster_types: list[int]
    cluster_groups: list[int]
    tags: list[str]
    location_sites: dict[int, int]
    location_tags: dict[int, list[str]]
    devices: dict[int, Record] = field(default_factory=dict)
    machines: dict[int, Record] = field(default_factory=dict)


def ancestors(parents: Parents, node: int | None) -> list[int]:
    """The node and all above it, innermost first."""
    found = []
    while node is not None:
        found.append(node)
        node = parents[node]
    return found


class Builder:
    """Writes the surroundings, then the hosts."""

    def __init__(self, client: Client, unique: Callable[[str], str], dice: Dice) -> None:
        self.client, self.unique, self.dice = client, unique, dice
        self._made: list[tuple[str, list[int]]] = []

    def build(self, devices: int, machines: int) -> Inventory:
        inventory = self._surroundings()
        rows = [self._device(inventory, n) for n in range(devices)]
        inventory.devices = dict(zip(self._make("dcim/devices", as_bodies(rows)), rows, strict=True))
        rows = [self._machine(inventory, n) for n in range(machines)]
        inventory.machines = dict(
            zip(self._make("virtualization/virtual-machines", as_bodies(rows)), rows, strict=True)
        )
        return inventory

    def remove(self) -> None:
        """Take away all that was made, the last first."""
        while self._made:
            self.client.delete_many(*self._made.pop())

    def _make(self, endpoint: str, bodies: Sequence[Mapping[str, Any]]) -> list[int]:
        """Ids of the new objects, in the order of the bodies."""
        found: list[int] = []
        for at in range(0, len(bodies), CHUNK):
            ids = [record["id"] for record in self.client.create(endpoint, bodies[at : at + CHUNK])]
            self._made.append((endpoint, ids))
            found += ids
        return found

    def _named(self, endpoint: str, stem: str, count: int, **more: Any) -> list[int]:
        names = [self.unique(f"{stem}{n}") for n in range(count)]
        return self._make(endpoint, [{"name": name, "slug": name, **more} for name in names])

    def _tree(self, endpoint: str, stem: str, widths: Iterable[int]) -> Parents:
        """A tree of so many nodes on each level."""
        parents: Parents = {}
        above: list[int] = []
        for level, width in enumerate(widths):
            names = [self.unique(f"{stem}{level}x{n}") for n in range(width)]
            chosen = [self.dice.choice(above) if above else None for _ in names]
            above = self._make(
                endpoint, [{"name": n, "slug": n, "parent": p} for n, p in zip(names, chosen, strict=True)]
            )
            parents.update(zip(above, chosen, strict=True))
        return parents

    def _surroundings(self) -> Inventory:
        dice = self.dice
        manufacturer = self._named("dcim/manufacturers", "maker", 1)[0]
        models = [self.unique(f"model{n}") for n in range(3)]
        tags = self._tags()
        regions = self._tree("dcim/regions", "region", (2, 3, 3))
        groups = self._tree("dcim/site-groups", "group", (2, 2))
        sites = self._sites(regions, groups, tags)
        locations, location_sites, location_tags = self._locations(list(sites), tags)
        tenant_groups = list(self._tree("tenancy/tenant-groups", "tenantgroup", (2, 2)))
        chosen = [dice.maybe(tenant_groups) for _ in range(5)]
        names = [self.unique(f"tenant{n}") for n in range(5)]
        tenants = self._make(
            "tenancy/tenants", [{"name": n, "slug": n, "group": g} for n, g in zip(names, chosen, strict=True)]
        )
        types = self._named("virtualization/cluster-types", "clustertype", 2)
        cluster_groups = self._named("virtualization/cluster-groups", "clustergroup", 2)
        clusters = [
            {"name": self.unique(f"cluster{n}"), "type": dice.choice(types), "group": dice.maybe(cluster_groups)}
            for n in range(4)
        ]
        return Inventory(
            dice=dice,
            regions=regions,
            site_groups=groups,
            locations=locations,
            roles=self._tree("dcim/device-roles", "role", (2, 3)),
            platforms=self._tree("dcim/platforms", "platform", (2, 2, 2)),
            sites=sites,
            racks=self._racks(sites, location_sites, tags),
            device_types=self._make(
                "dcim/device-types", [{"model": m, "slug": m, "manufacturer": manufacturer} for m in models]
            ),
            tenant_groups=tenant_groups,
            tenants=dict(zip(tenants, chosen, strict=True)),
            clusters=dict(zip(self._make("virtualization/clusters", clusters), clusters, strict=True)),
            cluster_types=types,
            cluster_groups=cluster_groups,
            tags=tags,
            location_sites=location_sites,
            location_tags=location_tags,
        )

    def _tags(self) -> list[str]:
        slugs = [self.unique(f"tag{n}") for n in range(12)]
        self._make("extras/tags", [{"name": slug.upper(), "slug": slug} for slug in slugs])
        return slugs

    def _sites(self, regions: Parents, groups: Parents, tags: list[str]) -> dict[int, Record]:
        dice = self.dice
        rows = [
            {
                "name": self.unique(f"site{n}"),
                "slug": self.unique(f"site{n}"),
                "region": dice.maybe(list(regions), 0.8),
                "group": dice.maybe(list(groups)),
                "tags": self._some_tags(tags, 0.4),
            }
            for n in range(5)
        ]
        return dict(zip(self._make("dcim/sites", as_bodies(rows)), rows, strict=True))

    def _locations(self, sites: list[int], tags: list[str]) -> tuple[Parents, dict[int, int], dict[int, list[str]]]:
        parents: Parents = {}
        in_site: dict[int, int] = {}
        tagged: dict[int, list[str]] = {}
        for level in range(3):
            rows: list[Record] = []
            for n in range(6):
                above = self.dice.choice(list(parents)) if level else None
                name = self.unique(f"location{level}x{n}")
                site = in_site[above] if above else self.dice.choice(sites)
                rows.append(
                    {"name": name, "slug": name, "site": site, "parent": above, "tags": self._some_tags(tags, 0.3)}
                )
            for id_, row in zip(self._make("dcim/locations", as_bodies(rows)), rows, strict=True):
                parents[id_], in_site[id_], tagged[id_] = row["parent"], row["site"], row["tags"]
        return parents, in_site, tagged

    def _racks(self, sites: Iterable[int], location_sites: Mapping[int, int], tags: list[str]) -> dict[int, Record]:
        rows: list[Record] = []
        for n in range(14):
            site = self.dice.choice(list(sites))
            rows.append(
                {
                    "name": self.unique(f"rack{n}"),
                    "site": site,
                    "location": self.dice.maybe([id_ for id_, s in location_sites.items() if s == site], 0.8),
                    "tags": self._some_tags(tags, 0.5),
                    "custom_fields": {"clusto_attributes": self.dice.choice([None, {}, self.dice.document(KEYS)])},
                }
            )
        return dict(zip(self._make("dcim/racks", as_bodies(rows)), rows, strict=True))

    def _some_tags(self, tags: list[str], probability: float) -> list[str]:
        return self.dice.some(tags) if self.dice.chance(probability) else []

    def _local(self) -> dict[str, Any] | None:
        return self.dice.choice([None, {}, self.dice.document(), self.dice.document()])

    def _device(self, inventory: Inventory, n: int) -> Record:
        dice = self.dice
        rack = dice.maybe(list(inventory.racks), 0.6)
        site = inventory.racks[rack]["site"] if rack else dice.choice(list(inventory.sites))
        inside = [id_ for id_, s in inventory.location_sites.items() if s == site]
        return {
            "name": self.unique(f"device{n}") if dice.chance(0.9) else None,
            "site": site,
            "rack": rack,
            "location": inventory.racks[rack]["location"] if rack else dice.maybe(inside),
            "role": dice.choice(list(inventory.roles)),
            "device_type": dice.choice(inventory.device_types),
            "platform": dice.maybe(list(inventory.platforms)),
            "tenant": dice.maybe(list(inventory.tenants)),
            "cluster": dice.maybe(list(inventory.clusters), 0.3),
            "tags": self._some_tags(inventory.tags, 0.7),
            "local_context_data": self._local(),
        }

    def _machine(self, inventory: Inventory, n: int) -> Record:
        dice = self.dice
        cluster = dice.maybe(list(inventory.clusters), 0.7)
        return {
            "name": self.unique(f"machine{n}"),
            "site": dice.maybe(list(inventory.sites)) if cluster else dice.choice(list(inventory.sites)),
            "cluster": cluster,
            "role": dice.maybe(list(inventory.roles)),
            "platform": dice.maybe(list(inventory.platforms)),
            "tenant": dice.maybe(list(inventory.tenants)),
            "tags": self._some_tags(inventory.tags, 0.7),
            "local_context_data": self._local(),
        }


def as_bodies(rows: Iterable[Record]) -> list[Record]:
    """Bodies for NetBox, which wants tags as objects."""
    return [{**row, "tags": [{"slug": slug} for slug in row["tags"]]} for row in rows]
