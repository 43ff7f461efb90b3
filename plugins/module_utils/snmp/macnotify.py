# SPDX-License-Identifier: BSD-2-Clause
"""CISCO-MAC-NOTIFICATION-MIB: what a switch tells of the MAC addresses that it learns and forgets.

cmnHistMacChangedMsg packs tuples of 11 octets: operation (1), VLAN (2), MAC address (6), dot1dBasePort (2). Operation 0
is "end of MIB object": what follows it is not read. As an object has at most 254 octets, which is 23 tuples and one
octet, the end need not be a whole tuple.

What is wrong with one tuple says nothing of the others, which are of one length: each is judged by itself. Only a
truncated tuple ends the reading. Of a message without an end the whole tuples count: no octet of them is in doubt.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from struct import Struct
from typing import Final, NamedTuple

from .ber import OCTET_STRING, arcs, oid
from .pdu import Binding, Notification

MAC_CHANGED: Final = oid("1.3.6.1.4.1.9.9.215.2.0.1")  # cmnMacChangedNotification
MESSAGE: Final = oid("1.3.6.1.4.1.9.9.215.1.1.8.1.2")  # cmnHistMacChangedMsg, before its cmnHistIndex
TUPLE: Final = Struct("!BH6sH")
NO_MAC: Final = bytes(6)
LAST_VLAN: Final = 4094  # IEEE 802.1Q: 4095 is reserved, 0 is no VLAN


class Operation(IntEnum):
    END = 0
    LEARNT = 1
    REMOVED = 2


class MacChange(NamedTuple):
    """One good tuple. `mac` is canonical; `base_port` is the bridge's number of the port, not its ifIndex."""

    operation: Operation
    vlan: int
    mac: str
    base_port: int


class Fault(StrEnum):
    """What can be wrong; the words are for the log."""

    NO_MESSAGE = "no cmnHistMacChangedMsg"
    NO_OCTETS = "cmnHistMacChangedMsg is no OCTET STRING"
    NO_END = "no end tuple"
    TRUNCATED = "truncated tuple"
    OPERATION = "unknown operation"
    VLAN = "no VLAN"
    ZERO_MAC = "MAC address zero"
    MULTICAST_MAC = "multicast MAC address"
    PORT = "base port 0"


class Problem(NamedTuple):
    """What is wrong with one message or tuple; `where` names it: cmnHistMacChangedMsg.INDEX, tuple N from 1."""

    fault: Fault
    where: str
    octets: bytes

    def __str__(self) -> str:
        return f"{self.where}: {self.fault}" + (f" ({self.octets.hex()})" if self.octets else "")


class Told(NamedTuple):
    """All of one notification, in its order."""

    changes: tuple[MacChange, ...]
    problems: tuple[Problem, ...]


def read(notification: Notification) -> Told:
    """Read every cmnHistMacChangedMsg of a cmnMacChangedNotification. Raises nothing: what is bad is a problem."""
    changes: list[MacChange] = []
    problems: list[Problem] = []
    messages = [binding for binding in notification.bindings if binding.name.startswith(MESSAGE)]
    for binding in messages:
        where = ".".join(("cmnHistMacChangedMsg", *map(str, _index(binding))))
        if binding.tag == OCTET_STRING:
            _message(binding.value, where, changes, problems)
        else:
            problems.append(Problem(Fault.NO_OCTETS, where, binding.value))
    if not messages:
        problems.append(Problem(Fault.NO_MESSAGE, "cmnMacChangedNotification", b""))
    return Told(tuple(changes), tuple(problems))


def _index(binding: Binding) -> tuple[int, ...]:
    return arcs(binding.name[len(MESSAGE) :])


def _message(octets: bytes, where: str, changes: list[MacChange], problems: list[Problem]) -> None:
    for number, at in enumerate(range(0, len(octets), TUPLE.size), 1):
        if octets[at] == Operation.END:
            return
        one = octets[at : at + TUPLE.size]
        if len(one) < TUPLE.size:
            problems.append(Problem(Fault.TRUNCATED, f"{where}, tuple {number}", one))
            return
        operation, vlan, mac, base_port = TUPLE.unpack(one)
        fault = _fault(operation, vlan, mac, base_port)
        if fault is None:
            changes.append(MacChange(Operation(operation), vlan, mac.hex(":"), base_port))
        else:
            problems.append(Problem(fault, f"{where}, tuple {number}", one))
    problems.append(Problem(Fault.NO_END, where, b""))


def _fault(operation: int, vlan: int, mac: bytes, base_port: int) -> Fault | None:
    if operation > Operation.REMOVED:
        return Fault.OPERATION
    if not 1 <= vlan <= LAST_VLAN:
        return Fault.VLAN
    if mac == NO_MAC:
        return Fault.ZERO_MAC
    if mac[0] & 1:  # the group bit (IEEE 802); broadcast too
        return Fault.MULTICAST_MAC
    if base_port == 0:  # dot1dBasePort is 1..65535 (RFC 4188)
        return Fault.PORT
    return None
