# SPDX-License-Identifier: BSD-2-Clause
"""The machine's IPv4 addresses per interface, asked of the kernel (rtnetlink(7)); all of them, not only the first."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from struct import Struct
from typing import Final

_HEADER: Final = Struct("=IHHII")  # nlmsghdr: length, type, flags, sequence, port
_ADDRESS: Final = Struct("=4BI")  # ifaddrmsg: family, prefix length, flags, scope, index
_ATTRIBUTE: Final = Struct("=HH")  # rtattr: length, type
_GET_ADDRESS, _NEW_ADDRESS, _DONE, _ERROR = 22, 20, 3, 2
_REQUEST_DUMP: Final = 0x301
_LOCAL: Final = 2  # IFA_LOCAL


def addresses() -> dict[str, tuple[bytes, ...]]:
    """Give the IPv4 addresses (4 octets each) of every interface that has any, primary ones first."""
    found: dict[str, tuple[bytes, ...]] = {}
    for index, address in _dump():
        try:
            name = socket.if_indextoname(index)
        except OSError:  # the interface went away between the two questions
            continue
        found[name] = (*found.get(name, ()), address)
    return found


def _dump() -> Iterator[tuple[int, bytes]]:
    """Yield (interface index, address). Raises OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        body = _ADDRESS.pack(socket.AF_INET, 0, 0, 0, 0)
        netlink.send(_HEADER.pack(_HEADER.size + len(body), _GET_ADDRESS, _REQUEST_DUMP, 1, 0) + body)
        while True:
            data = netlink.recv(1 << 16)
            while data:
                length, kind, *_ = _HEADER.unpack_from(data)
                if kind == _DONE:
                    return
                if kind == _ERROR:
                    raise OSError("the kernel refused to list the addresses")
                if kind == _NEW_ADDRESS:
                    yield from _read(data[_HEADER.size : length])
                data = data[(length + 3) & ~3 :]


def _read(message: bytes) -> Iterator[tuple[int, bytes]]:
    *_, index = _ADDRESS.unpack_from(message)
    rest = message[_ADDRESS.size :]
    while len(rest) >= _ATTRIBUTE.size:
        length, kind = _ATTRIBUTE.unpack_from(rest)
        if kind == _LOCAL:
            yield index, rest[_ATTRIBUTE.size : length]
        rest = rest[(length + 3) & ~3 :]
