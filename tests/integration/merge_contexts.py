# SPDX-License-Identifier: BSD-2-Clause
"""Random config contexts over an inventory, and the plain reference: what each host's attributes have to be.

The reference knows the contexts by the specifications they were made from and the order by NetBox's own answer; it goes
through everything for every host and copies everything. It shares nothing with the code under test.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .merge_inventory import KEYS, STEMS, WEIGHTS, ContextSpec, Dice, Inventory, ancestors

Record = dict[str, Any]
FOREIGN = 32  # contexts that are none of clusto's; the last is assigned to nothing
POOL_PROFILES = ("clusto pool", "clusto unique pool", "clusto exclusive pool")


class ContextDice:
    """Makes one set of contexts."""

    def __init__(self, inventory: Inventory, unique: Callable[[str], str], dice: Dice) -> None:
        self.inventory, self.unique, self.dice = inventory, unique, dice

    def all(self) -> list[ContextSpec]:
        return [*self._foreign(), *self._places(), *self._pools()]

    def _foreign(self) -> list[ContextSpec]:
        """What others made: names that collate in odd ways, with each kind of assignment, and one without any."""
        candidates = self._candidates()
        return [
            ContextSpec(
                name=self.unique(f"{self.dice.choice(STEMS)}.{n}"),  # of which ntp2 and 2 are not ntp and 22
                weight=self.dice.choice(WEIGHTS),
                data=self.dice.document(),
                criteria={c: self.dice.some(candidates[c], 4) for c in self._criteria(n, list(candidates))},
                active=n < len(candidates) or self.dice.chance(0.8),
            )
            for n in range(FOREIGN)
        ]

    def _criteria(self, n: int, names: list[str]) -> list[str]:
        """Each criterion alone twice, the first time active for sure; then two together, which seldom both hold."""
        if n < 2 * len(names):
            return [names[n % len(names)]]
        return self.dice.sample(names, 2) if n < FOREIGN - 1 else []

    def _candidates(self) -> dict[str, list[Any]]:
        i = self.inventory
        return {
            "regions": list(i.regions),
            "site_groups": list(i.site_groups),
            "sites": list(i.sites),
            "locations": list(i.locations),
            "device_types": i.device_types,
            "roles": list(i.roles),
            "platforms": list(i.platforms),
            "cluster_types": i.cluster_types,
            "cluster_groups": i.cluster_groups,
            "clusters": list(i.clusters),
            "tenant_groups": i.tenant_groups,
            "tenants": list(i.tenants),
            "tags": i.tags,
        }

    def _places(self) -> list[ContextSpec]:
        """Attributes of some sites and locations."""
        specs = [self._place("sites", id_, 2000) for id_ in self.inventory.sites if self.dice.chance(0.6)]
        for id_ in self.inventory.locations:
            if self.dice.chance(0.5):
                depth = len(ancestors(self.inventory.locations, id_)) - 1
                specs.append(self._place("locations", id_, 3000 + 10 * depth))
        return specs

    def _place(self, criterion: str, id_: int, weight: int) -> ContextSpec:
        return ContextSpec(
            name=self.unique(f"{criterion}:{self.dice.choice(STEMS)}.{id_}"),
            weight=weight if self.dice.chance(0.8) else self.dice.choice(WEIGHTS),
            data=self.dice.document(KEYS),
            criteria={criterion: [id_]},
            profile="clusto attributes",
        )

    def _pools(self) -> list[ContextSpec]:
        """Two thirds of the tags are pools; each but the first may be inside earlier ones."""
        own = self.dice.sample(self.inventory.tags, 8)
        outer: dict[str, set[str]] = {}
        depths: dict[str, int] = {}
        for n, slug in enumerate(own):
            parents = self.dice.sample(own[:n], min(n, self.dice.choice([0, 0, 1, 1, 2])))
            outer[slug] = {*parents, *(above for p in parents for above in outer[p])}
            depths[slug] = max((depths[p] + 1 for p in parents), default=0)
        return [
            ContextSpec(
                name=slug.upper(),  # that of the tag
                weight=5000 + 10 * depths[slug] if self.dice.chance(0.75) else self.dice.choice(WEIGHTS),
                data=self.dice.document(KEYS),
                criteria={
                    "tags": [slug, *(inner for inner in own if slug in outer[inner])],
                    **({"roles": self.dice.some(list(self.inventory.roles))} if self.dice.chance(0.1) else {}),
                },
                active=self.dice.chance(0.9),
                profile=self.dice.choice(POOL_PROFILES),
                depth=depths[slug],
            )
            for slug in own
        ]


def overlay(target: dict[str, Any], document: dict[str, Any]) -> None:
    """Merge a document into another, which changes."""
    for key, value in document.items():
        if isinstance(value, dict) and value and isinstance(target.get(key), dict):
            overlay(target[key], value)
        else:
            target[key] = copy.deepcopy(value)


def met(spec: ContextSpec, has: dict[str, Iterable[Any]]) -> bool:
    return spec.active and all(set(wanted) & set(has[name]) for name, wanted in spec.criteria.items())


class Reference:
    """What a host has to have. `order` are all contexts as NetBox sorts them."""

    def __init__(self, inventory: Inventory, order: Sequence[ContextSpec]) -> None:
        self.inventory, self.order = inventory, order

    def merged(self, host: Record, *, is_device: bool) -> dict[str, Any]:
        has = self._has(host, is_device=is_device)
        direct = [(spec.weight, 1, at, spec.data) for at, spec in enumerate(self.order) if met(spec, has)]
        used = [at for _, _, at, _ in direct]
        steps = direct + self._rack_level(host, has, used)
        found: dict[str, Any] = {}
        for *_, document in sorted(steps, key=lambda step: step[:3]):
            overlay(found, document)
        overlay(found, host["local_context_data"] or {})
        return found

    def _has(self, host: Record, *, is_device: bool) -> dict[str, Iterable[Any]]:
        """Criterion -> what the host has of it, as NetBox's documentation of config contexts says."""
        i = self.inventory
        site = i.sites.get(host["site"], {})
        cluster = i.clusters.get(host["cluster"], {})
        return {
            "regions": ancestors(i.regions, site.get("region")),
            "site_groups": ancestors(i.site_groups, site.get("group")),
            "sites": [host["site"]],
            "locations": ancestors(i.locations, host["location"]) if is_device else [],
            "device_types": [host["device_type"]] if is_device else [],
            "roles": ancestors(i.roles, host["role"]),
            "platforms": ancestors(i.platforms, host["platform"]),
            "cluster_types": [cluster.get("type")],
            "cluster_groups": [cluster.get("group")],
            "clusters": [host["cluster"]],
            "tenant_groups": [i.tenants.get(host["tenant"])],
            "tenants": [host["tenant"]],
            "tags": host["tags"],
        }

    def _rack_level(
        self, host: Record, has: dict[str, Iterable[Any]], used: list[int]
    ) -> list[tuple[int, int, int, dict[str, Any]]]:
        """Walked from the rack outwards, so that a pool counts where it is nearest to the host."""
        i = self.inventory
        rack = i.racks.get(host.get("rack"), {})
        location = host.get("location")
        inwards = [
            (i.sites.get(host["site"], {}).get("tags", []), None),
            *((i.location_tags[one], None) for one in reversed(ancestors(i.locations, location))),
            (rack.get("tags", []), (rack.get("custom_fields") or {}).get("clusto_attributes")),
        ]
        steps = []
        for place, (tags, own) in reversed(list(enumerate(inwards))):
            for at, spec in enumerate(self.order):
                if spec.depth is None or at in used or not met(spec, {**has, "tags": tags}):
                    continue
                used.append(at)
                if spec.weight == 5000 + 10 * spec.depth:
                    steps.append((4000, 0, 1000 * place + at, spec.data))
                else:
                    steps.append((spec.weight, 1, at, spec.data))
            if own:
                steps.append((4000, 0, 1000 * place + 999, own))
        return steps
