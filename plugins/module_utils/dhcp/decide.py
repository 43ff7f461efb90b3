# SPDX-License-Identifier: BSD-2-Clause
"""What a server does with a client's message: one table (RFC 2131 section 4.3), nothing remembered between messages.

That a REQUEST follows an OFFER is of no account: whoever holds the inventory answers the same, also after a restart.
"""

from __future__ import annotations

from collections.abc import Container
from enum import Enum, StrEnum, auto
from typing import Final

from .packet import UNSPECIFIED, Code, MessageType, Packet


class State(StrEnum):
    """What the client does, by its message; the states of REQUEST are those of RFC 2131 section 4.3.2."""

    DISCOVER = auto()
    SELECTING = auto()
    INIT_REBOOT = "init-reboot"
    RENEWING = auto()
    REBINDING = auto()
    DECLINE = auto()
    RELEASE = auto()
    INFORM = auto()


class Standing(Enum):
    """How the address that the client speaks of stands to what the inventory gives it on its network."""

    OWN = auto()  # it is that address, or the client names none
    WRONG = auto()  # it is another
    ELSEWHERE = auto()  # the host has addresses, but none on this network
    UNCHOSEN = auto()  # the message is for another server


class Action(Enum):
    """The reply, or why there is none."""

    OFFER = auto()
    ACK = auto()
    INFORM = auto()  # an ACK without address and lease times
    NAK = auto()  # only from a server that is authoritative, else silence
    RECORD = auto()  # no reply; the log tells
    IGNORE = auto()


_S, _P, _A = State, Standing, Action

TABLE: Final[dict[tuple[State, Standing], Action]] = {
    # 4.3.1: an address is offered. One that the client asks for (option 50) is a wish.
    (_S.DISCOVER, _P.OWN): _A.OFFER,
    (_S.DISCOVER, _P.WRONG): _A.OFFER,
    (_S.DISCOVER, _P.ELSEWHERE): _A.IGNORE,
    # 4.3.2 SELECTING: server id of the chosen server, requested address as offered. The client waits for our answer,
    # so what no longer holds is refused; a client that chose another server is left alone (3.1, step 4).
    (_S.SELECTING, _P.OWN): _A.ACK,
    (_S.SELECTING, _P.WRONG): _A.NAK,
    (_S.SELECTING, _P.ELSEWHERE): _A.NAK,
    (_S.SELECTING, _P.UNCHOSEN): _A.IGNORE,
    # 4.3.2 INIT-REBOOT: NAK when the address is wrong or the client is on the wrong network.
    (_S.INIT_REBOOT, _P.OWN): _A.ACK,
    (_S.INIT_REBOOT, _P.WRONG): _A.NAK,
    (_S.INIT_REBOOT, _P.ELSEWHERE): _A.NAK,
    # 4.3.2 RENEWING (unicast) and REBINDING (broadcast or relayed): the address is in ciaddr. A host whose address was
    # changed moves at its next renewal.
    (_S.RENEWING, _P.OWN): _A.ACK,
    (_S.RENEWING, _P.WRONG): _A.NAK,
    (_S.RENEWING, _P.ELSEWHERE): _A.NAK,
    (_S.REBINDING, _P.OWN): _A.ACK,
    (_S.REBINDING, _P.WRONG): _A.NAK,
    (_S.REBINDING, _P.ELSEWHERE): _A.NAK,
    # 4.3.3: the address is in use by somebody else: the operator must know; there is no other to give.
    (_S.DECLINE, _P.OWN): _A.RECORD,
    (_S.DECLINE, _P.WRONG): _A.RECORD,
    (_S.DECLINE, _P.ELSEWHERE): _A.RECORD,
    (_S.DECLINE, _P.UNCHOSEN): _A.IGNORE,
    # 4.3.4: nothing to give back: the address stays bound in the inventory.
    (_S.RELEASE, _P.OWN): _A.RECORD,
    (_S.RELEASE, _P.WRONG): _A.RECORD,
    (_S.RELEASE, _P.ELSEWHERE): _A.RECORD,
    (_S.RELEASE, _P.UNCHOSEN): _A.IGNORE,
    # 4.3.5: parameters only, whatever address the client has got itself on this network.
    (_S.INFORM, _P.OWN): _A.INFORM,
    (_S.INFORM, _P.WRONG): _A.INFORM,
    (_S.INFORM, _P.ELSEWHERE): _A.IGNORE,
}

_PLAIN: Final[dict[int, State]] = {
    MessageType.DISCOVER: State.DISCOVER,
    MessageType.DECLINE: State.DECLINE,
    MessageType.RELEASE: State.RELEASE,
    MessageType.INFORM: State.INFORM,
}
# Where the client's message has the address that it speaks of (RFC 2131 table 5).
_IN_CIADDR: Final = {State.RENEWING, State.REBINDING, State.RELEASE, State.INFORM}
# Messages that name the server they are for (RFC 2131 table 5).
_ADDRESSED: Final = {State.SELECTING, State.DECLINE, State.RELEASE}


def classify(packet: Packet, *, broadcast: bool) -> State | None:
    """Tell the client's state; None for what no client sends (BOOTP, replies, a REQUEST that asks for nothing).

    broadcast: the datagram's destination was the broadcast address.
    """
    kind = packet.message_type
    if kind != MessageType.REQUEST:
        return _PLAIN.get(kind)
    if Code.SERVER_ID in packet.options:
        return State.SELECTING
    if Code.REQUESTED_ADDRESS in packet.options:
        return State.INIT_REBOOT
    if packet.ciaddr == UNSPECIFIED:
        return None
    return State.REBINDING if broadcast or packet.giaddr != UNSPECIFIED else State.RENEWING


def standing(state: State, packet: Packet, address: bytes | None, server_ids: Container[bytes]) -> Standing:
    """Judge the client's claim. `address` is the inventory's for it on its network, `server_ids` are those we go by."""
    if state in _ADDRESSED and packet.options.get(Code.SERVER_ID) not in server_ids:
        return Standing.UNCHOSEN
    if address is None:
        return Standing.ELSEWHERE
    claimed = packet.ciaddr if state in _IN_CIADDR else packet.options.get(Code.REQUESTED_ADDRESS, address)
    return Standing.OWN if claimed == address else Standing.WRONG


def decide(state: State, place: Standing, *, authoritative: bool) -> Action:
    """Look the action up."""
    action = TABLE[state, place]
    return Action.IGNORE if action is Action.NAK and not authoritative else action
