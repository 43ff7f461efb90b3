# SPDX-License-Identifier: BSD-2-Clause
"""The UDP sockets."""

from __future__ import annotations

import socket
import struct
from contextlib import closing, suppress
from typing import Any, Final, NamedTuple

from ..core.errors import ClustoError
from ..service.config import Address

BUFFER: Final = 8 << 20  # octets of the socket's: a burst while the disk is slow; the kernel gives what it permits
LARGEST: Final = 65536  # octets; no datagram is larger
# Of linux/in.h, linux/in6.h and asm-generic/socket.h; Python has no names for some of them.
_IP_PKTINFO: Final = 8
_IPV6_RECVPKTINFO: Final = 49
_SO_RCVBUFFORCE: Final = 33
_SO_MEMINFO: Final = 55
_DROPS: Final = 8  # SK_MEMINFO_DROPS (linux/sock_diag.h)

Ancillary = list[tuple[int, int, bytes]]


class BindError(ClustoError):
    """An address cannot be listened on; the message names it and says why."""


class Datagram(NamedTuple):
    """`peer` and `local` are what an answer needs: where to, and from which of our addresses."""

    octets: bytes
    sender: str
    peer: Any
    local: Ancillary


class Listener:
    """One address. Raises BindError."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._v6 = ":" in address.host
        self.udp = _bound(address, socket.AF_INET6 if self._v6 else socket.AF_INET)

    @property
    def port(self) -> int:
        return int(self.udp.getsockname()[1])

    def close(self) -> None:
        self.udp.close()

    def receive(self) -> Datagram | None:
        """Take the next datagram; None when there is none. Raises OSError."""
        try:
            octets, ancillary, _, peer = self.udp.recvmsg(LARGEST, 64)
        except BlockingIOError:
            return None
        sender = peer[0].partition("%")[0] if self._v6 else peer[0]  # without the zone of a link-local address
        return Datagram(octets, sender, peer, ancillary)

    def send(self, octets: bytes, peer: Any, local: Ancillary) -> None:
        """Answer from the address that was written to: senders know no other. Raises OSError."""
        self.udp.sendmsg([octets], [(level, kind, self._source(info)) for level, kind, info in local], 0, peer)

    @property
    def drops(self) -> int:
        """How many datagrams the kernel has dropped because none was taken in time."""
        info = self.udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 4 * (_DROPS + 1))
        return int.from_bytes(info[4 * _DROPS :], "little" if struct.pack("=H", 1)[0] else "big")

    def _source(self, info: bytes) -> bytes:
        """Of in_pktinfo without the interface: the route decides. IPv6's link-local addresses need theirs."""
        return info if self._v6 else bytes(4) + info[4:]


def _bound(address: Address, family: socket.AddressFamily) -> socket.socket:
    udp = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            udp.setsockopt(socket.IPPROTO_IPV6, _IPV6_RECVPKTINFO, 1)
        else:
            udp.setsockopt(socket.IPPROTO_IP, _IP_PKTINFO, 1)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        with suppress(PermissionError):  # beyond net.core.rmem_max, with CAP_NET_ADMIN
            udp.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, BUFFER)
        udp.setblocking(False)
        udp.bind(tuple(address))
    except OSError as exc:
        with closing(udp):
            raise BindError(f"listen {address}: {exc.strerror}") from exc
    return udp
