# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from prometheus_client import Metric

from clusto.core.errors import AccessError, UnavailableError
from clusto.mirror.freshness import Freshness
from clusto.service.freshness import metrics, told


def samples(families: list[Metric]) -> dict[tuple[str, ...], float]:
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_from_the_snapshot_while_netbox_is_away() -> None:
    freshness = Freshness("snapshot", 1000.0).failed(UnavailableError("away")).failed(AccessError("token"))
    freshness = freshness.failed(UnavailableError("away still"))
    assert told(freshness, 1060.0) == {"source": "snapshot", "age_seconds": 60.0, "error": "away still"}
    assert samples([*metrics(freshness, 7, 1060.0)]) == {
        ("clusto_inventory_age_seconds",): 60,
        ("clusto_inventory_hosts",): 7,
        ("clusto_inventory_source", "netbox"): 0,
        ("clusto_inventory_source", "snapshot"): 1,
        ("clusto_inventory_changes_total",): 0,
        ("clusto_inventory_reloads_total",): 0,
        ("clusto_inventory_reload_seconds",): 0,
        ("clusto_netbox_up",): 0,
        ("clusto_netbox_errors_total", "unavailable"): 2,
        ("clusto_netbox_errors_total", "access"): 1,
    }


def test_from_netbox() -> None:
    freshness = Freshness("netbox", 1000.0, 1050.0, changes=12, reloads=2, reload_seconds=0.5)
    assert told(freshness, 1052.0) == {"source": "netbox", "age_seconds": 2.0, "error": None}
    found = samples([*metrics(freshness, 7, 1052.0)])
    assert found["clusto_netbox_up",] == 1
    assert found["clusto_inventory_age_seconds",] == 2
    assert (found["clusto_inventory_changes_total",], found["clusto_inventory_reloads_total",]) == (12, 2)


def test_a_clock_that_was_set_back_makes_no_age_below_zero() -> None:
    assert Freshness("netbox", 1000.0).age(990.0) == 0
