# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest

from clusto.dhcp.decide import TABLE, Action, Standing, State, classify, decide, standing
from clusto.dhcp.packet import Code, MessageType, Packet, parse

from .captures import DHCLIENT_DISCOVER

OURS, THEIRS = bytes([192, 168, 1, 1]), bytes([192, 168, 1, 2])
OWN, OTHER = bytes([192, 168, 1, 50]), bytes([192, 168, 1, 51])
RELAY = bytes([192, 168, 7, 1])
ZERO = bytes(4)


def message(
    kind: MessageType | None,
    *,
    ciaddr: bytes = ZERO,
    giaddr: bytes = ZERO,
    asked: bytes | None = None,
    server: bytes | None = None,
) -> Packet:
    options = {
        Code.MESSAGE_TYPE: bytes((kind,)) if kind else None,
        Code.REQUESTED_ADDRESS: asked,
        Code.SERVER_ID: server,
    }
    given = {int(code): value for code, value in options.items() if value is not None}
    return parse(DHCLIENT_DISCOVER)._replace(ciaddr=ciaddr, giaddr=giaddr, options=given)


R = MessageType.REQUEST


@pytest.mark.parametrize(
    ("packet", "broadcast", "state"),
    [
        (message(MessageType.DISCOVER), True, State.DISCOVER),
        (message(R, asked=OWN, server=OURS), True, State.SELECTING),
        (message(R, asked=OWN), True, State.INIT_REBOOT),
        (message(R, ciaddr=OWN), False, State.RENEWING),
        (message(R, ciaddr=OWN), True, State.REBINDING),
        (message(R, ciaddr=OWN, giaddr=RELAY), False, State.REBINDING),
        (message(MessageType.DECLINE, asked=OWN, server=OURS), True, State.DECLINE),
        (message(MessageType.RELEASE, ciaddr=OWN, server=OURS), False, State.RELEASE),
        (message(MessageType.INFORM, ciaddr=OWN), False, State.INFORM),
        (message(R), True, None),
        (message(None), True, None),
        (message(MessageType.OFFER), True, None),
        (message(MessageType.ACK), True, None),
        (message(MessageType.NAK), True, None),
    ],
)
def test_classify(packet: Packet, state: State | None, *, broadcast: bool) -> None:
    assert classify(packet, broadcast=broadcast) is state


@pytest.mark.parametrize(
    ("state", "packet", "address", "expected"),
    [
        (State.DISCOVER, message(MessageType.DISCOVER), OWN, Standing.OWN),
        (State.DISCOVER, message(MessageType.DISCOVER, asked=OTHER), OWN, Standing.WRONG),
        (State.DISCOVER, message(MessageType.DISCOVER), None, Standing.ELSEWHERE),
        (State.SELECTING, message(R, asked=OWN, server=OURS), OWN, Standing.OWN),
        (State.SELECTING, message(R, asked=OTHER, server=OURS), OWN, Standing.WRONG),
        (State.SELECTING, message(R, asked=OWN, server=OURS), None, Standing.ELSEWHERE),
        (State.SELECTING, message(R, asked=OWN, server=THEIRS), OWN, Standing.UNCHOSEN),
        (State.SELECTING, message(R, asked=OWN, server=THEIRS), None, Standing.UNCHOSEN),
        (State.INIT_REBOOT, message(R, asked=OWN), OWN, Standing.OWN),
        (State.INIT_REBOOT, message(R, asked=OTHER), OWN, Standing.WRONG),
        (State.INIT_REBOOT, message(R, asked=OWN), None, Standing.ELSEWHERE),
        (State.RENEWING, message(R, ciaddr=OWN), OWN, Standing.OWN),
        (State.RENEWING, message(R, ciaddr=OTHER), OWN, Standing.WRONG),
        (State.REBINDING, message(R, ciaddr=OWN), OWN, Standing.OWN),
        (State.REBINDING, message(R, ciaddr=OTHER), OWN, Standing.WRONG),
        (State.DECLINE, message(MessageType.DECLINE, asked=OWN, server=OURS), OWN, Standing.OWN),
        (State.DECLINE, message(MessageType.DECLINE, asked=OWN, server=THEIRS), OWN, Standing.UNCHOSEN),
        (State.RELEASE, message(MessageType.RELEASE, ciaddr=OWN, server=OURS), OWN, Standing.OWN),
        (State.RELEASE, message(MessageType.RELEASE, ciaddr=OWN, server=THEIRS), OWN, Standing.UNCHOSEN),
        (State.RELEASE, message(MessageType.RELEASE, ciaddr=OWN), OWN, Standing.UNCHOSEN),
        (State.INFORM, message(MessageType.INFORM, ciaddr=OTHER), OWN, Standing.WRONG),
    ],
)
def test_standing(state: State, packet: Packet, address: bytes | None, expected: Standing) -> None:
    assert standing(state, packet, address, {OURS}) is expected


ACTIONS = """
discover     OWN OFFER    WRONG OFFER   ELSEWHERE IGNORE
selecting    OWN ACK      WRONG NAK     ELSEWHERE NAK      UNCHOSEN IGNORE
init-reboot  OWN ACK      WRONG NAK     ELSEWHERE NAK
renewing     OWN ACK      WRONG NAK     ELSEWHERE NAK
rebinding    OWN ACK      WRONG NAK     ELSEWHERE NAK
decline      OWN RECORD   WRONG RECORD  ELSEWHERE RECORD   UNCHOSEN IGNORE
release      OWN RECORD   WRONG RECORD  ELSEWHERE RECORD   UNCHOSEN IGNORE
inform       OWN INFORM   WRONG INFORM  ELSEWHERE IGNORE
"""
EXPECTED = {
    (State(words[0]), Standing[place]): Action[action]
    for words in map(str.split, ACTIONS.strip().splitlines())
    for place, action in zip(words[1::2], words[2::2], strict=True)
}


def test_the_table_has_exactly_these_rows() -> None:
    assert EXPECTED == TABLE


@pytest.mark.parametrize(("state", "place"), EXPECTED)
def test_decide(state: State, place: Standing) -> None:
    expected = EXPECTED[state, place]
    assert decide(state, place, authoritative=True) is expected
    assert decide(state, place, authoritative=False) is (Action.IGNORE if expected is Action.NAK else expected)
