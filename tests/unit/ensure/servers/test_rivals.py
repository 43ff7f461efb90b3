# SPDX-License-Identifier: BSD-2-Clause
"""Which of two that came at once gives way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from clusto.core.errors import BatchError
from clusto.drivers import Session
from clusto.ensure.servers.rivals import NEIGHBOURS, Rivals
from clusto.ensure.servers.targets import Target
from clusto.ensure.servers.writing import Writing
from clusto.netbox.client import Query

from .grounds import MODEL, Nowhere, device, ground, planned

OURS = 5


class Rack(Nowhere):
    """What stands in the rack: at each look the next of these; then the last for ever."""

    def __init__(self, looks: Sequence[Sequence[Mapping[str, Any]]]) -> None:
        super().__init__()
        self.looks = list(looks)

    def fetch(self, queries: Mapping[Any, Query]) -> dict[Any, list[dict[str, Any]]]:
        [(asked, query)] = queries.items()
        assert (query.endpoint, query.filters["rack_id"]) == ("dcim/devices", [1])
        return {asked: [dict(record) for record in (self.looks.pop(0) if len(self.looks) > 1 else self.looks[0])]}


def look(*looks: Sequence[Mapping[str, Any]], patience: float) -> None:
    """A server of ours, device OURS, was put into unit 3."""
    of = ground([device(OURS, 1)], [{"name": f"s{OURS}", "ru": [3]}])
    targets: list[Target] = planned(of)
    of.session = Session(Rack(looks))
    of.session.remember("dcim/device-types", [MODEL])
    writing = Writing(of.session.client, "servers", [t.title for t in targets], lambda _: None)
    rivals = Rivals(of, targets, writing, patience)
    rivals.refuse_units(of.session.client.fetch(rivals.neighbours())[NEIGHBOURS])


ALONE = [device(OURS, 3), device(1, 4)]
LATER = [*ALONE, device(OURS + 1, 3)]
FIRST = [*ALONE, device(OURS - 1, 3)]


def test_alone() -> None:
    look(ALONE, patience=0)


def test_the_later_one_gives_way_at_once() -> None:
    with pytest.raises(BatchError, match=r"servers\[0\] \(s5\): rack r1, device s5: unit 3 is occupied by s4"):
        look(FIRST, ALONE, patience=60)


def test_the_first_one_waits_for_that() -> None:
    look(LATER, LATER, ALONE, patience=60)


def test_the_first_one_gives_way_to_one_that_has_not_seen_it() -> None:
    with pytest.raises(BatchError, match="unit 3 is occupied by s6"):
        look(LATER, patience=0)
