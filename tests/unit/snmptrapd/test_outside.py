# SPDX-License-Identifier: BSD-2-Clause
"""What is remembered of ports at which no server is to be made, and what ends it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import pytest

from clusto.mirror.inventory import Inventory
from clusto.mirror.model import DEVICE, Host
from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd import outside as module
from clusto.snmptrapd.events import DONE, Outcome, Sighting, SwitchPort, ignored, retry
from clusto.snmptrapd.outside import Outside

SWITCH, OTHER = (Host(DEVICE, id_, f"sw{id_}", "networkswitch", "cisco4948", "active") for id_ in (1, 2))
INVENTORY = Inventory(api_url="", loaded_at=0)
UPLINK = 48
LACK = ignored("the layout has no server there", is_lasting=True)


class Around:
    """What is behind, and NetBox. `looks`: the ports that were looked at, for each time."""

    def __init__(self) -> None:
        self.looks: list[list[int]] = []
        self.news: list[set[str] | None] = []
        """What NetBox tells when it is asked."""
        self.answers = True
        self.meanwhile: Collection[str] = ()
        """What NetBox tells while somebody looks."""
        self.uplink = LACK
        self.outside = Outside(self, self.caught_up)

    def caught_up(self) -> bool:
        while self.news:
            self.outside.hold(self.news.pop())
        return self.answers

    def handle(self, _: Inventory, __: Host, sightings: Sequence[Sighting]) -> Sequence[Outcome]:
        self.looks.append([one.port.base_port for one in sightings])
        self.outside.hold(self.meanwhile)
        return [self.uplink if one.port.base_port == UPLINK else DONE for one in sightings]

    def learnt(self, *ports: int, switch: Host = SWITCH, operation: Operation = Operation.LEARNT) -> list[Outcome]:
        changes = [MacChange(operation, 1, f"02:00:00:00:00:{n:02x}", port) for n, port in enumerate(ports)]
        sightings = [Sighting(0, SwitchPort(one.base_port), one) for one in changes]
        return list(self.outside.handle(INVENTORY, switch, sightings))


@pytest.fixture
def around() -> Around:
    return Around()


def test_an_uplink_is_looked_at_once(around: Around) -> None:
    assert [around.learnt(UPLINK), around.learnt(UPLINK, UPLINK)] == [[LACK], [LACK, LACK]]
    assert around.looks == [[UPLINK]]


def test_what_was_learnt_elsewhere_is_looked_at_each_time_in_order(around: Around) -> None:
    assert around.learnt(1, UPLINK, 2) == [DONE, LACK, DONE]
    assert around.learnt(2, UPLINK, 1) == [DONE, LACK, DONE]
    assert around.looks == [[1, UPLINK, 2], [2, 1]]


def test_a_port_of_another_switch_is_another_port(around: Around) -> None:
    around.learnt(UPLINK)
    around.learnt(UPLINK, switch=OTHER)
    assert around.looks == [[UPLINK], [UPLINK]]


@pytest.mark.parametrize("reason", [ignored("only this address"), retry("no names left")])
def test_what_holds_for_one_address_alone_is_not_remembered(around: Around, reason: Outcome) -> None:
    around.uplink = reason
    assert [around.learnt(UPLINK), around.learnt(UPLINK)] == [[reason], [reason]]
    assert len(around.looks) == 2


def test_what_is_forgotten_by_the_switch_is_not_learnt(around: Around) -> None:
    around.learnt(UPLINK)
    around.learnt(UPLINK, operation=Operation.REMOVED)
    assert around.looks == [[UPLINK], [UPLINK]]


@pytest.mark.parametrize(
    ("news", "looks"),
    [
        ({"extras.configcontext"}, 2),
        ({"dcim.rack", "ipam.ipaddress"}, 2),
        ({"dcim.cable"}, 2),
        ({"ipam.ipaddress", "dcim.macaddress"}, 1),
        (set(), 1),
        (None, 2),
    ],
)
def test_it_holds_until_something_changes_that_it_follows_from(
    around: Around, news: set[str] | None, looks: int
) -> None:
    around.learnt(UPLINK)
    around.news = [news]
    around.learnt(UPLINK)
    assert len(around.looks) == looks


def test_what_changed_while_somebody_looked_may_have_been_overlooked(around: Around) -> None:
    around.meanwhile = {"dcim.device"}
    around.learnt(UPLINK)
    around.meanwhile = ()
    around.learnt(UPLINK)
    assert len(around.looks) == 2


def test_it_is_not_believed_while_netbox_does_not_answer(around: Around) -> None:
    around.learnt(UPLINK)
    around.answers = False
    around.learnt(UPLINK)
    assert len(around.looks) == 2


def test_netbox_is_asked_only_where_something_is_known(around: Around) -> None:
    around.news = [None]
    around.learnt(UPLINK, 1)
    assert around.news == [None]


def test_memory_is_bounded(around: Around, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 1)
    for switch in (SWITCH, OTHER) * 2:
        around.learnt(UPLINK, switch=switch)
    assert around.looks == [[UPLINK]] * 3
