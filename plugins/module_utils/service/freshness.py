# SPDX-License-Identifier: BSD-2-Clause
"""What is known of a mirror's freshness, as Prometheus and whoever asks for readiness want it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from ..mirror.freshness import Freshness

SOURCES = ("netbox", "snapshot")


def told(freshness: Freshness, now: float) -> dict[str, Any]:
    """What /readyz says. now: seconds since the epoch."""
    return {"source": freshness.source, "age_seconds": round(freshness.age(now), 3), "error": freshness.error}


def metrics(freshness: Freshness, hosts: int, now: float) -> Iterator[Metric]:
    """What /metrics says, of an inventory of so many hosts. now: seconds since the epoch."""
    age = "Seconds since NetBox last said that the inventory is what it has."
    yield GaugeMetricFamily("clusto_inventory_age_seconds", age, freshness.age(now))
    yield GaugeMetricFamily("clusto_inventory_hosts", "Devices and virtual machines in the inventory.", hosts)
    source = GaugeMetricFamily("clusto_inventory_source", "1 for where the inventory is from.", labels=("source",))
    for name in SOURCES:
        source.add_metric((name,), name == freshness.source)
    yield source
    changes = "Entries of NetBox's change log that were followed."
    yield CounterMetricFamily("clusto_inventory_changes", changes, freshness.changes)
    yield CounterMetricFamily("clusto_inventory_reloads", "How often everything was read.", freshness.reloads)
    spent = "Seconds that reading everything took the last time; 0 before the first."
    yield GaugeMetricFamily("clusto_inventory_reload_seconds", spent, freshness.reload_seconds or 0)
    yield GaugeMetricFamily("clusto_netbox_up", "1 if NetBox answered when it was last asked.", not freshness.error)
    why = "How often NetBox was asked in vain, and how that failed."
    errors = CounterMetricFamily("clusto_netbox_errors", why, labels=("reason",))
    for reason, count in freshness.failures.items():
        errors.add_metric((reason,), count)
    yield errors
