# SPDX-License-Identifier: BSD-2-Clause
"""Records as NetBox gives them, cut down to the fields that are asked for."""

from __future__ import annotations

from typing import Any

import pytest

from clusto.core.merge import CRITERIA, merged
from clusto.netbox.records import FIELDS, QUERIES, Pools, World, attributes

Record = dict[str, Any]


def record(kind: str, id_: int, **given: Any) -> Record:
    """Exactly the fields that are asked for; what is not given is empty, plain ids become objects."""
    found: Record = dict.fromkeys(FIELDS[kind])
    found |= {"tags": []} if "tags" in found else {}
    found |= {"id": id_, **given}
    assert found.keys() == set(FIELDS[kind])
    for name in ("parent", "region", "group", "site", "location", "rack", "role", "platform", "tenant", "type"):
        if isinstance(found.get(name), int):
            found[name] = {"id": found[name]}
    return found | ({"tags": [{"slug": slug} for slug in found["tags"]]} if "tags" in found else {})


def context(id_: int, name: str, weight: int = 1000, profile: str | None = None, **given: Any) -> Record:
    data = given.pop("data", {"v": name})
    assigned = {c: [{"id": one, "name": f"{c}-{one}"} for one in given.pop(c, ())] for c in CRITERIA if c != "tags"}
    return {
        "id": id_,
        "name": name,
        "weight": weight,
        "profile": {"name": profile} if profile else None,
        "is_active": given.pop("active", True),
        "data": data,
        "tags": list(given.pop("tags", ())),
        **assigned,
        **given,
    }


def world(*contexts: Record, **lists: list[Record]) -> World:
    slugs = sorted({slug for c in contexts for slug in c["tags"]})
    tags = [{"id": n, "name": slug, "slug": slug} for n, slug in enumerate(slugs)]
    return World(dict.fromkeys(QUERIES, ()) | {"contexts": contexts, "tags": tags} | lists)


PLACES: dict[str, list[Record]] = {
    "regions": [record("regions", 1), record("regions", 2, parent=1)],
    "site_groups": [record("site_groups", 1), record("site_groups", 2, parent=1)],
    "sites": [record("sites", 1, name="dc", region=2, group=2, tenant=1, tags=["s"])],
    "locations": [
        record("locations", 1, name="zone", site=1, tags=["l"]),
        record("locations", 2, name="cage", site=1, parent=1),
    ],
    "racks": [
        record("racks", 1, name="r1", site=1, location=2, tags=["r"], custom_fields={"clusto_attributes": {"u": 42}}),
        record("racks", 2, name="r2", site=1, custom_fields={}),
    ],
    "roles": [record("roles", 1), record("roles", 2, parent=1)],
    "platforms": [record("platforms", 1), record("platforms", 2, parent=1)],
    "tenants": [record("tenants", 1, group=5)],
    "clusters": [record("clusters", 1, type=3, group=4), record("clusters", 2, type=3)],
}
HERE = world(**PLACES)


def device(**given: Any) -> Record:
    return record("devices", 1, **{"device_type": {"id": 1}, "role": 2, "site": 1, **given})


def test_scope_of_a_device() -> None:
    scope = HERE.device(
        device(platform=2, tenant=1, location=2, rack=1, cluster={"id": 1}, tags=["a", "b"], device_type={"id": 9})
    )
    assert {name: sorted(getattr(scope, name)) for name in CRITERIA} == {
        "regions": [1, 2],
        "site_groups": [1, 2],
        "sites": [1],
        "locations": [1, 2],
        "device_types": [9],
        "roles": [1, 2],
        "platforms": [1, 2],
        "cluster_types": [3],
        "cluster_groups": [4],
        "clusters": [1],
        "tenant_groups": [5],
        "tenants": [1],
        "tags": ["a", "b"],
    }
    assert [(p.origin, sorted(p.tags), p.attributes) for p in scope.places] == [
        ("datacenter:dc", ["s"], {}),
        ("location:zone", ["l"], {}),
        ("location:cage", [], {}),
        ("rack:r1", ["r"], {"u": 42}),
    ]


def test_equal_surroundings_make_equal_scopes() -> None:
    one, other = (HERE.device(device(rack=1, tags=tags)) for tags in (["a", "b"], ["b", "a"]))
    assert one == other
    assert hash(one) == hash(other)


def test_a_rack_places_its_devices_though_netbox_does_not_say_where() -> None:
    scope = HERE.device(device(rack=1))
    assert scope.locations == frozenset()
    assert [place.origin for place in scope.places] == ["datacenter:dc", "location:zone", "location:cage", "rack:r1"]


def test_what_was_made_while_the_lists_were_read_stands_for_itself() -> None:
    scope = HERE.device(device(site=7, location=8, rack=9, role=10, tenant=11, cluster={"id": 12}))
    assert (scope.sites, scope.locations, scope.roles, scope.tenants, scope.clusters, scope.places) == (
        *(frozenset({n}) for n in (7, 8, 10, 11, 12)),
        (),
    )


def test_scope_of_a_virtual_machine() -> None:
    bare = HERE.virtual_machine(record("virtual_machines", 1))
    assert not any(bare[: len(CRITERIA)])
    scope = HERE.virtual_machine(record("virtual_machines", 1, site=1, cluster={"id": 2}, tags=["a"]))
    assert (sorted(scope.regions), scope.cluster_types, scope.cluster_groups) == ([1, 2], {3}, frozenset())
    assert [place.origin for place in scope.places] == ["datacenter:dc"]


def test_own_attributes() -> None:
    assert attributes(device()) == {}
    assert attributes(device(local_context_data={"a": 1})) == {"a": 1}
    assert [attributes(rack) for rack in PLACES["racks"]] == [{"u": 42}, {}]
    assert attributes({"custom_fields": {"clusto_attributes": None}}) == {}


# Contexts


def test_contexts_are_ranked_as_netbox_gave_them() -> None:
    contexts = world(context(9, "b", 5), context(3, "A", 5), context(4, "c", 1, active=False)).contexts
    assert [(c.id, c.rank, c.active) for c in contexts] == [(9, 0, True), (3, 1, True), (4, 2, False)]


def test_origins() -> None:
    ours = "clusto attributes"
    contexts = world(
        context(1, "p", profile="clusto pool", tags=["p"]),
        context(2, "dc", profile=ours, sites=[1]),
        context(3, "loc", profile=ours, locations=[1]),
        context(4, "two sites", profile=ours, sites=[1, 2]),
        context(5, "site and role", profile=ours, sites=[1], roles=[1]),
        context(6, "site", sites=[1]),
        context(7, "a second", profile=ours, sites=[1]),
        context(8, "region", profile=ours, regions=[1]),
    ).contexts
    assert [c.origin for c in contexts] == [
        "pool:p",
        "datacenter:sites-1",
        "location:locations-1",
        "context:two sites",
        "context:site and role",
        "context:site",
        "context:a second",
        "context:region",
    ]


# What has attributes and is no host

MERGED = world(
    context(1, "region", 100, data={"v": "region", "region": 1}, regions=[1]),
    context(2, "theirs", 100, data={"v": "theirs"}, tags=["s", "l", "r", "m"]),
    context(3, "dc", 2000, "clusto attributes", data={"v": "dc", "dc": 1}, sites=[1]),
    context(4, "zone", 3000, "clusto attributes", data={"v": "zone", "zone": 1}, locations=[1]),
    context(5, "s", 5000, "clusto pool", data={"v": "s", "s": 1}, tags=["s"]),
    context(6, "l", 5000, "clusto pool", data={"v": "l", "l": 1}, tags=["l"]),
    context(7, "r", 5000, "clusto pool", data={"v": "r", "r": 1}, tags=["r", "m"]),
    context(8, "m", 5010, "clusto pool", data={"v": "m", "m": 1}, tags=["m"]),
    **PLACES,
)


def ours(scope: Any, own: Any = None) -> dict[str, Any]:
    return dict(merged(scope, MERGED.contexts, own))


def test_merged_attributes_of_a_site() -> None:
    assert ours(MERGED.site(PLACES["sites"][0])) == {"v": "dc", "dc": 1, "region": 1, "s": 1}


def test_merged_attributes_of_a_location() -> None:
    outer, inner = PLACES["locations"]
    assert ours(MERGED.location(outer)) == {"v": "zone", "dc": 1, "region": 1, "s": 1, "l": 1, "zone": 1}
    assert ours(MERGED.location(inner)) == {"v": "l", "dc": 1, "region": 1, "s": 1, "l": 1, "zone": 1}


def test_merged_attributes_of_a_rack() -> None:
    one, other = PLACES["racks"]
    everything = {"v": "r", "dc": 1, "region": 1, "s": 1, "l": 1, "zone": 1, "r": 1, "u": 42}
    assert ours(MERGED.rack(one), attributes(one)) == everything
    assert ours(MERGED.rack(other), {"v": "own"}) == {"v": "own", "dc": 1, "region": 1, "s": 1}
    in_it = MERGED.device(device(rack=1, location=2))
    assert ours(in_it) == everything


def test_merged_attributes_of_a_pool() -> None:
    assert ours(MERGED.pool("m")) == {"v": "m", "r": 1, "m": 1}
    assert ours(MERGED.pool("r")) == {"v": "r", "r": 1}


@pytest.mark.parametrize(
    ("scope_type", "scope_id", "expected"),
    [
        (None, None, {"v": "m", "r": 1, "m": 1}),
        ("dcim.region", 2, {"v": "m", "region": 1, "r": 1, "m": 1}),
        ("dcim.sitegroup", 2, {"v": "m", "r": 1, "m": 1}),
        ("dcim.site", 1, {"v": "m", "region": 1, "dc": 1, "s": 1, "r": 1, "m": 1}),
        ("dcim.location", 2, {"v": "m", "region": 1, "dc": 1, "zone": 1, "s": 1, "l": 1, "r": 1, "m": 1}),
    ],
)
def test_merged_attributes_of_a_prefix(scope_type: str | None, scope_id: int | None, expected: Record) -> None:
    prefix = record("prefixes", 1, scope_type=scope_type, scope_id=scope_id, tags=["m"], custom_fields={})
    assert ours(MERGED.prefix(prefix)) == expected


# Pools


def pools(*contexts: tuple[str, list[str]], names: dict[str, str] | None = None) -> Pools:
    tags = [{"name": name, "slug": slug} for name, slug in (names or {}).items()]
    records = [context(n, name, profile="clusto pool", tags=slugs) for n, (name, slugs) in enumerate(contexts)]
    return Pools(records, tags)


def test_nesting_is_the_transitive_reduction() -> None:
    found = pools(("a", ["a", "b", "c", "d"]), ("b", ["b", "c"]), ("c", ["c"]), ("d", ["d", "c"]), ("e", ["e"]))
    assert {p.slug: (p.depth, sorted(p.parents), sorted(p.outer)) for p in found} == {
        "a": (0, [], []),
        "b": (1, ["a"], ["a"]),
        "c": (2, ["b", "d"], ["a", "b", "d"]),
        "d": (1, ["a"], ["a"]),
        "e": (0, [], []),
    }
    assert [p.name for p in found.of(["c", "e", "foreign"])] == ["c", "d", "b", "e", "a"]
    assert found.of(["foreign"]) == []


def test_nesting_is_closed_though_an_assignment_is_missing() -> None:
    found = pools(("a", ["a", "b"]), ("b", ["b", "c"]), ("c", ["c"]))
    assert [p.name for p in found.of(["c"])] == ["c", "b", "a"]


def test_pools_in_a_circle_are_not_nested() -> None:
    names = {name: name for name in "abcd"}
    found = pools(("a", ["a", "b"]), ("b", ["b", "c"]), ("c", ["c", "a", "d"]), ("d", ["d"]), names=names)
    assert {p.slug: (p.depth, sorted(p.parents)) for p in found} == {
        "a": (0, []),
        "b": (0, []),
        "c": (0, []),
        "d": (1, ["a", "b", "c"]),
    }


def test_a_pools_own_tag_is_that_of_its_name() -> None:
    found = pools(("web", ["web-1a2b", "web"]), ("front", ["web"]), names={"web": "web-1a2b", "front": "web"})
    assert {p.slug: p.name for p in found} == {"web-1a2b": "web", "web": "front"}
    assert found.by_slug["web"].parents == {"web-1a2b"}


def test_a_renamed_pool_has_the_tag_that_is_no_others() -> None:
    found = pools(("new name", ["x", "y"]), ("y", ["y"]), names={"x": "x", "y": "y"})
    assert {p.slug: p.name for p in found} == {"x": "new name", "y": "y"}


def test_a_pool_without_a_tag_of_its_own_is_none() -> None:
    found = pools(("gone", ["y"]), ("y", ["y"]), ("bare", []), ("unclear", ["p", "q"]), names={"y": "y"})
    assert [p.name for p in found] == ["y"]


def test_only_profiles_make_pools() -> None:
    records = [
        context(0, "a", tags=["a"]),
        context(1, "b", tags=["b"], profile="clusto unique pool"),
        context(2, "c", tags=["c"], profile="clusto exclusive pool", active=False),
        context(3, "d", tags=["d"], profile="clusto attributes"),
    ]
    assert {p.name: p.driver for p in Pools(records)} == {"b": "unique_pool", "c": "exclusive_pool"}
