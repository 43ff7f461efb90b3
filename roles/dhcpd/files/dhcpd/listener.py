# SPDX-License-Identifier: BSD-2-Clause
"""The sockets of one interface: UDP for what has an address, raw frames for clients that have none yet."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import Final, NamedTuple

from ..core.errors import ClustoError
from ..dhcp import frame
from ..dhcp.reply import BROADCAST, CLIENT_PORT, SERVER_PORT, Destination
from .journal import Arrival
from .service import Reply

_IP_PKTINFO: Final = 8  # linux/in.h
_PACKET_INFO: Final = 12  # ipi_ifindex, ipi_spec_dst, ipi_addr (ip(7)); the last is where the datagram was sent to
_LARGEST: Final = 4096  # octets; larger than any DHCP message that an Ethernet carries


class BindError(ClustoError):
    """An interface cannot be served; the message names it and says why."""


class Ports(NamedTuple):
    """UDP ports; tests serve others than RFC 2131 section 4.1's."""

    server: int = SERVER_PORT
    client: int = CLIENT_PORT


class Listener:
    """Receives and sends on one interface. `addresses` are its IPv4 addresses."""

    def __init__(self, interface: str, addresses: tuple[bytes, ...], ports: Ports) -> None:
        self.interface = interface
        self.addresses = addresses
        self._ports = ports
        self.udp = _udp(interface, ports.server)
        self._raw = _raw(interface)
        self._mac = self._raw.getsockname()[4] if self._raw else b""

    def close(self) -> None:
        self.udp.close()
        if self._raw:
            self._raw.close()

    def receive(self) -> Arrival | None:
        """Take the next datagram, or None when there is none."""
        try:
            data, ancillary, _, _ = self.udp.recvmsg(_LARGEST, 64)
        except BlockingIOError:
            return None
        broadcast = bool(ancillary) and ancillary[0][2][8:_PACKET_INFO] == BROADCAST  # the only one asked for
        return Arrival(data, self.interface, self.addresses, broadcast)

    def send(self, reply: Reply) -> None:
        """Send where RFC 2131 section 4.1 says. Raises OSError."""
        address, port, mac = reply.destination
        if mac is not None and self._raw is not None and len(mac) == len(self._mac):
            self._raw.send(self._frame(reply.octets, reply.destination, mac))
            return
        target = BROADCAST if mac is not None else address
        self.udp.sendto(reply.octets, (socket.inet_ntoa(target), self._ports.client if port == CLIENT_PORT else port))

    def _frame(self, octets: bytes, to: Destination, mac: bytes) -> bytes:
        ports = (self._ports.server, self._ports.client)
        return frame.build(frame.Frame(self._mac, mac, self.addresses[0], to.address, *ports, octets))


def _udp(interface: str, port: int) -> socket.socket:
    """Open the socket for all datagrams that come in on one interface. Raises BindError."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        udp.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        udp.setblocking(False)
        udp.bind(("", port))
    except OSError as exc:
        with closing(udp):
            raise BindError(f"interface {interface}, UDP port {port}: {exc.strerror}") from exc
    return udp


def _raw(interface: str) -> socket.socket | None:
    """Open the socket for frames; None where that is not permitted: then those replies are broadcast."""
    try:
        raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)  # 0: receives nothing
    except PermissionError:
        return None
    raw.bind((interface, 0))
    return raw
