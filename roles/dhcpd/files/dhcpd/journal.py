# SPDX-License-Identifier: BSD-2-Clause
"""What the log says of packets: a line per transaction, and warnings of what went unanswered."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..dhcp.decide import State
from ..dhcp.packet import UNSPECIFIED, Code, MessageType, Packet, dotted
from ..dhcp.reply import Template
from ..service.log import Log
from ..service.notices import Notices
from .directory import Known, Lack
from .tally import Tally

HOSTNAME = 12  # RFC 2132 section 3.14


class Arrival(NamedTuple):
    """A datagram and where it came in. `addresses` are the interface's own, 4 octets each."""

    data: bytes
    interface: str
    addresses: tuple[bytes, ...]
    broadcast: bool


class Case(NamedTuple):
    """All that was found out about one packet of a host that is answered."""

    arrival: Arrival
    packet: Packet
    state: State
    known: Known
    template: Template | None


class Journal:
    """Of one thread, like its tally."""

    def __init__(self, log: Log, notices: Notices, tally: Tally) -> None:
        self._log = log
        self._notices = notices
        self._tally = tally

    def transaction(self, case: Case, reply: MessageType | None, omitted: tuple[int, ...]) -> None:
        """Tell a message and its reply; `omitted` are the codes of options for which the client leaves no room."""
        packet = case.packet
        answer = reply.name.lower() if reply else None
        self._tally.transactions[case.state.value, answer or "none"] += 1
        fields: dict[str, Any] = {
            "request": case.state.value,
            "reply": answer,
            "xid": packet.xid.hex(),
            "mac": packet.mac,
            "ip": dotted(case.template.address) if case.template else None,
            "host": str(case.known.host),
            "interface": case.arrival.interface,
        }
        if packet.giaddr != UNSPECIFIED:
            fields["giaddr"] = dotted(packet.giaddr)
        if omitted:
            fields["omitted"] = omitted
        self._log.info("transaction", **fields)

    def unanswered(self, arrival: Arrival, packet: Packet, known: Known | None, lack: Lack) -> None:
        self._tally.unanswered[lack.reason,] += 1
        options = packet.options
        self._notices.warn(
            ("unanswered", packet.chaddr),
            f"unanswered: {lack.text}",
            mac=packet.mac,
            host=str(known.host) if known else None,
            interface=arrival.interface,
            giaddr=dotted(packet.giaddr) if packet.giaddr != UNSPECIFIED else None,
            client_id=options[Code.CLIENT_ID].hex(":") if Code.CLIENT_ID in options else None,
            vendor_class=_text(options.get(Code.VENDOR_CLASS)),
            hostname=_text(options.get(HOSTNAME)),
        )

    def declined(self, case: Case) -> None:
        address = case.packet.options.get(Code.REQUESTED_ADDRESS)
        self._notices.warn(
            ("declined", case.packet.chaddr),
            f"{case.known.host} found the address in use by another machine",
            mac=case.packet.mac,
            ip=dotted(address) if address else None,
            interface=case.arrival.interface,
        )

    def malformed(self, interface: str, error: Exception) -> None:
        self._tally.unanswered["malformed",] += 1
        self._notices.warn(("malformed", interface), f"malformed packet: {error}", interface=interface)

    def broken(self, interface: str, what: str, error: OSError) -> None:
        """Tell that a socket failed: an interface that is down, a relay that cannot be reached."""
        self._tally.broken[interface, what] += 1
        self._notices.warn(
            ("socket", interface, what, error.errno), f"{what} failed: {error.strerror}", interface=interface
        )


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("utf-8", "backslashreplace")
