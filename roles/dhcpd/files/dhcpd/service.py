# SPDX-License-Identifier: BSD-2-Clause
"""The packet path: parse, look up, decide, build. Bytes in, bytes out; sockets are the server's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, Protocol

from ..dhcp.decide import Action, Standing, State, classify, decide, standing
from ..dhcp.packet import BOOTREQUEST, UNSPECIFIED, Code, MalformedError, MessageType, Packet, dotted, parse
from ..dhcp.reply import Destination, Template, destination, nak
from ..dhcp.subnet import select, selectors
from .config import Config
from .directory import Directory, Known, Lack
from .journal import Arrival, Case, Journal

REPLIES = {
    Action.OFFER: MessageType.OFFER,
    Action.ACK: MessageType.ACK,
    Action.INFORM: MessageType.ACK,
    Action.NAK: MessageType.NAK,
}


UNKNOWN: Final = Lack("unknown", "no host in NetBox has this MAC address")
IPMI: Final = Lack("ipmi", "an IPMI card that NetBox takes for the server itself")


class Reply(NamedTuple):
    octets: bytes
    destination: Destination


class Surroundings(Protocol):
    """What the packet path hands over to; both only take note and return at once."""

    def recheck(self, arrival: Arrival) -> bool:
        """Take what would go unanswered; True if it will come back with `final`, when the inventory is newer."""

    def ipmi(self, known: Known, packet: Packet) -> bool:
        """Take note of a request; True if it is an IPMI card's that the inventory takes for the server itself."""


class Service:
    """Answers one datagram at a time.

    own_ids: every server id that clients may address us by. directory: gives the current one.
    """

    def __init__(
        self,
        config: Config,
        journal: Journal,
        own_ids: frozenset[bytes],
        directory: Callable[[], Directory],
        surroundings: Surroundings,
    ) -> None:
        self._server_id = config.server_id.packed if config.server_id else None
        self._authoritative = config.authoritative
        self._own_ids = own_ids | {self._server_id} if self._server_id else own_ids
        self._journal = journal
        self._directory = directory
        self._surroundings = surroundings

    def handle(self, arrival: Arrival, *, final: bool = False) -> Reply | None:
        """Give the reply, or None. Nothing is raised, whatever the bytes."""
        try:
            packet = parse(arrival.data)
            state = classify(packet, broadcast=arrival.broadcast) if packet.op == BOOTREQUEST else None
            near = selectors(packet, arrival.addresses, broadcast=arrival.broadcast)
        except MalformedError as exc:
            self._journal.malformed(arrival.interface, exc)
            return None
        if state is None:
            return None
        known = self._directory().by_mac.get(packet.chaddr)
        lack = self._lack(known, packet)
        if known is not None and lack is None:
            template = select(known.templates, near)
            place = standing(state, packet, template.address if template else None, self._ids(template))
            action = decide(state, place, authoritative=self._authoritative)
            if action is not Action.IGNORE or place is not Standing.ELSEWHERE:
                return self._act(action, Case(arrival, packet, state, known, template))
            lack = Lack("elsewhere", f"none of its addresses is in the subnet of {', '.join(map(dotted, near))}")
        if lack and (final or not self._surroundings.recheck(arrival)):
            self._journal.unanswered(arrival, packet, known, lack)
        return None

    def _lack(self, known: Known | None, packet: Packet) -> Lack | None:
        """Tell why a client is not answered at all."""
        if known is None:
            return UNKNOWN
        if self._surroundings.ipmi(known, packet):
            return IPMI
        return known.lack

    def _act(self, action: Action, case: Case) -> Reply | None:
        packet, template = case.packet, case.template
        message_type = REPLIES.get(action)
        omitted: tuple[int, ...] = ()
        reply = None
        if message_type is MessageType.NAK:
            claimed = packet.options.get(Code.REQUESTED_ADDRESS, packet.ciaddr)
            reason = f"{dotted(claimed)} is not the address of {case.known.host} on this network"
            octets = nak(packet, self._id(template, case.arrival), reason)
            reply = Reply(octets, destination(packet, message_type, UNSPECIFIED))
        elif message_type is not None and template is not None:
            octets, omitted = template.reply(packet, message_type, self._id(template, case.arrival))
            reply = Reply(octets, destination(packet, message_type, template.address))
        self._journal.transaction(case, message_type, omitted)
        if action is Action.RECORD and case.state is State.DECLINE:
            self._journal.declined(case)
        return reply

    def _ids(self, template: Template | None) -> frozenset[bytes]:
        return self._own_ids | {template.server_id} if template and template.server_id else self._own_ids

    def _id(self, template: Template | None, arrival: Arrival) -> bytes:
        """Name ourselves: as the host's attributes say, as configured, else by the interface's address nearest it."""
        if template and template.server_id:
            return template.server_id
        if self._server_id:
            return self._server_id
        if template:
            for address in arrival.addresses:
                if template.covers(address):
                    return address
        return arrival.addresses[0]
