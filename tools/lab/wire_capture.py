# SPDX-License-Identifier: BSD-2-Clause
"""DHCP messages as they pass an interface, as data."""

from __future__ import annotations

import socket
from time import monotonic
from types import TracebackType
from typing import NamedTuple, Self

from clusto.dhcp import frame
from clusto.dhcp.packet import MalformedError, Packet, parse

from .wire import PORT, Namespace

ETH_P_ALL = 0x0003  # linux/if_ether.h: outgoing frames too
DHCP_PORTS = {67, 68}


class Seen(NamedTuple):
    """A DHCP message and the frame it came in."""

    frame: frame.Frame
    packet: Packet


class Capture:
    """Sees every DHCP message on an interface from entering on."""

    def __init__(self, host: Namespace, interface: str = PORT) -> None:
        self._host = host
        self._interface = interface

    def __enter__(self) -> Self:
        self._socket = self._host.call(
            lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        )
        self._socket.bind((self._interface, ETH_P_ALL))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._socket.close()

    def next(self, *message_types: int, timeout: float = 120) -> Seen:
        """Give the next message, of these types if any are named. Raises TimeoutError."""
        deadline = monotonic() + timeout
        while (left := deadline - monotonic()) > 0:
            self._socket.settimeout(left)
            try:
                seen = _read(self._socket.recv(65535))
            except TimeoutError:
                break
            if seen and (not message_types or seen.packet.message_type in message_types):
                return seen
        raise TimeoutError(f"{self._host.name}: no DHCP message {message_types} within {timeout} s")


def _read(data: bytes) -> Seen | None:
    """Read a frame; None for what is no DHCP message."""
    try:
        outer = frame.parse(data)
        if {outer.source_port, outer.destination_port} <= DHCP_PORTS:
            return Seen(outer, parse(outer.payload))
    except MalformedError:
        return None
    return None
