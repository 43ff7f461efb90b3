# SPDX-License-Identifier: BSD-2-Clause
"""What /metrics says of messages and events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from .journal import Journal
from .report import Report


def metrics(report: Report, journal: Journal, dropped: int) -> Iterator[Metric]:
    """`dropped`: datagrams that the kernel had no room for."""
    kinds = {
        "mac-changed": report.accepted,
        "other": report.others,
        "repeated": report.duplicates,
        "not kept": report.unkept,
    }
    yield _counters("clusto_snmp_notifications", "Notifications of senders that may send them.", "kind", kinds)
    yield _counters("clusto_snmp_refused", "Messages that were refused, by the reason.", "reason", report.refused)
    yield _counters("clusto_snmp_faults", "What was wrong in notifications about MACs.", "fault", report.faults)
    yield _counters("clusto_snmp_events", "What became of MAC addresses learnt or removed.", "outcome", report.outcomes)
    yield GaugeMetricFamily("clusto_snmp_waiting", "Notifications kept that are not done yet.", journal.waiting)
    yield GaugeMetricFamily("clusto_snmp_journal_bytes", "Size of the journal.", journal.size)
    yield CounterMetricFamily("clusto_snmp_dropped", "Datagrams that the kernel had no room for.", dropped)


def _counters(name: str, what: str, label: str, counts: Mapping[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, what, labels=(label,))
    for key, count in sorted(dict(counts).items()):
        family.add_metric((key,), count)
    return family
