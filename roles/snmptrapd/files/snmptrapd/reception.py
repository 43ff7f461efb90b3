# SPDX-License-Identifier: BSD-2-Clause
"""What a datagram is: an accepted notification, or why not. Bytes in, values out."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from hashlib import blake2b
from ipaddress import ip_address
from typing import Final, NamedTuple

from ..core.addresses import IPNetwork
from ..snmp import engine as usm
from ..snmp.ber import MalformedError, dotted
from ..snmp.engine import Engine
from ..snmp.macnotify import MAC_CHANGED, Told, read
from ..snmp.message import CommunityMessage, SecureMessage, community_response, parse
from ..snmp.pdu import Kind, Notification, notification, response

MALFORMED: Final = "malformed"
COMMUNITY: Final = "wrong community"
NOTHING: Final = Told((), ())


class Accepted(NamedTuple):
    switch: str
    """The address of the switch that it tells of."""
    key: bytes
    """16 octets; the same notification, sent again, has the same."""
    told: Told
    """Nothing, of notifications that are not about MAC addresses."""
    other: str | None
    """Which those are (snmpTrapOID)."""
    response: bytes | None
    """What acknowledges it."""


class Refused(NamedTuple):
    """`report` is what the sender is told by the protocol."""

    reason: str
    detail: str
    report: bytes | None = None


class Reception:
    """communities: any of them will do. trusted: senders that may speak for other switches (snmpTrapAddress)."""

    def __init__(self, communities: Iterable[str], engine: Engine, trusted: Iterable[IPNetwork] = ()) -> None:
        self._communities = tuple(community.encode() for community in communities)
        self._engine = engine
        self._trusted = tuple(trusted)

    def receive(self, datagram: bytes, sender: str, now: float) -> Accepted | Refused:
        """`sender` is an address, `now` seconds of the engine's clock."""
        try:
            message = parse(datagram)
            if isinstance(message, CommunityMessage):
                return self._by_community(message, sender)
            return self._by_user(message, sender, now)
        except MalformedError as exc:
            return Refused(MALFORMED, str(exc))

    def _by_community(self, message: CommunityMessage, sender: str) -> Accepted | Refused:
        # All are compared, and each whole: how long that takes tells nothing of them.
        if True not in [hmac.compare_digest(message.community, known) for known in self._communities]:
            return Refused(COMMUNITY, "the community is none of those configured")
        found = notification(message.data, message.pdu)
        answer = community_response(message, response(found)) if found.kind == Kind.INFORM else None
        return self._accepted(found, sender, answer)

    def _by_user(self, message: SecureMessage, sender: str, now: float) -> Accepted | Refused:
        found = self._engine.receive(message, now)
        if isinstance(found, usm.Refused):
            user = message.security.user.decode("utf-8", "backslashreplace")
            detail = f"user {user!r}, engine {message.security.engine_id.hex() or 'none'}"
            return Refused(str(found.reason), detail, found.report)
        inform = found.notification.kind == Kind.INFORM
        answer = self._engine.respond(message, found, now) if inform else None
        return self._accepted(found.notification, sender, answer)

    def _accepted(self, found: Notification, sender: str, answer: bytes | None) -> Accepted:
        switch = self._switch(found, sender)
        key = blake2b(found.octets, digest_size=16, key=switch.encode()).digest()
        ours = found.trap == MAC_CHANGED
        return Accepted(switch, key, read(found) if ours else NOTHING, None if ours else dotted(found.trap), answer)

    def _switch(self, found: Notification, sender: str) -> str:
        """Who it is about: the sender, or for whom one that is trusted speaks."""
        if found.agent is None or found.agent == bytes(4) or not self._trusted:
            return sender
        address = ip_address(sender)
        return str(ip_address(found.agent)) if any(address in network for network in self._trusted) else sender
