# SPDX-License-Identifier: BSD-2-Clause
"""A DHCP client whose every message the test writes."""

from __future__ import annotations

import secrets
import socket
from typing import Any, Self

from clusto.dhcp.frame import Frame, build
from clusto.dhcp.packet import BOOTREQUEST, ETHERNET, UNSPECIFIED, Code, MessageType, Packet, serialize
from tools.lab.wire import PORT, Namespace
from tools.lab.wire_capture import Capture, Seen

from .daemon import PATIENCE

ALL = b"\xff" * 6
BROADCAST = b"\xff" * 4
RETRIES = 6


class Peer:
    """Sends from one MAC address and sees all replies to it. A context manager."""

    def __init__(self, host: Namespace, mac: str) -> None:
        self.mac = bytes.fromhex(mac.replace(":", ""))
        self._capture = Capture(host)
        self._raw = host.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0))
        self._raw.bind((PORT, 0))
        self._last = b""
        self._xid = secrets.randbits(24) << 8

    def __enter__(self) -> Self:
        self._capture.__enter__()
        return self

    def __exit__(self, *raised: object) -> None:
        self._capture.__exit__(None, None, None)
        self._raw.close()

    def send(self, kind: MessageType | None, options: dict[int, bytes] | None = None, **header: Any) -> bytes:
        """Broadcast a message, BOOTP without a kind; gives its transaction id. `header` holds ciaddr, flags …"""
        self._xid += 1
        xid = self._xid.to_bytes(4)
        fields = dict.fromkeys(("ciaddr", "yiaddr", "siaddr", "giaddr"), UNSPECIFIED) | {"flags": 0} | header
        packet = Packet(
            op=BOOTREQUEST,
            htype=ETHERNET,
            hops=0,
            xid=xid,
            secs=0,
            chaddr=self.mac,
            sname=bytes(64),
            file=bytes(128),
            options=({int(Code.MESSAGE_TYPE): bytes((kind,))} if kind else {}) | (options or {}),
            **fields,
        )
        self._last = serialize(packet)
        self.send_payload(self._last)
        return xid

    def send_payload(self, payload: bytes) -> None:
        self._raw.send(build(Frame(self.mac, ALL, UNSPECIFIED, BROADCAST, 68, 67, payload)))

    def ask(self, kind: MessageType, options: dict[int, bytes] | None = None, **header: Any) -> Seen:
        """Send, and give the reply; sent again as clients do (RFC 2131 section 4.1), for NetBox may be slow."""
        xid = self.send(kind, options, **header)
        for _ in range(RETRIES):
            try:
                return self.reply_to(xid, PATIENCE / RETRIES)
            except TimeoutError:
                self.send_payload(self._last)
        return self.reply_to(xid)

    def reply_to(self, xid: bytes, timeout: float = PATIENCE) -> Seen:
        """Give the reply to that transaction. Raises TimeoutError."""
        while True:
            seen = self._capture.next(MessageType.OFFER, MessageType.ACK, MessageType.NAK, timeout=timeout)
            if seen.packet.xid == xid:
                return seen
