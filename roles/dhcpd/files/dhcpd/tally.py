# SPDX-License-Identifier: BSD-2-Clause
"""What was done with packets, counted for Prometheus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from prometheus_client import Metric
from prometheus_client.core import CounterMetricFamily

Counts = defaultdict[tuple[str, ...], int]


class Tally:
    """Plain numbers that one thread changes and any thread reads: a lock would cost the packet path more than they."""

    def __init__(self) -> None:
        self.transactions: Counts = defaultdict(int)
        """By request and reply; no reply is "none"."""
        self.unanswered: Counts = defaultdict(int)
        """By reason."""
        self.broken: Counts = defaultdict(int)
        """By interface and whether receiving or sending failed."""


def metrics(tallies: Iterable[Tally]) -> Iterator[Metric]:
    tallies = list(tallies)
    yield _family(
        ("clusto_dhcp_transactions", "Messages of hosts that are answered, and the replies."),
        ("request", "reply"),
        [tally.transactions for tally in tallies],
    )
    yield _family(
        ("clusto_dhcp_unanswered", "Messages that got no answer, by the reason."),
        ("reason",),
        [tally.unanswered for tally in tallies],
    )
    yield _family(
        ("clusto_dhcp_socket_errors", "How often receiving from a network or sending to it failed."),
        ("interface", "what"),
        [tally.broken for tally in tallies],
    )


def _family(
    named: tuple[str, str], labels: tuple[str, ...], counts: Iterable[Mapping[tuple[str, ...], int]]
) -> CounterMetricFamily:
    family = CounterMetricFamily(*named, labels=labels)
    sums: Counts = defaultdict(int)
    for one in counts:
        for key, count in dict(one).items():  # a copy, made at once: its thread may be adding to it
            sums[key] += count
    for key, count in sorted(sums.items()):
        family.add_metric(key, count)
    return family
