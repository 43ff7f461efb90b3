# SPDX-License-Identifier: BSD-2-Clause
"""Addresses that DNS has for a name."""

from __future__ import annotations

import socket

from ..core import addresses
from ..core.errors import NotFoundError


def resolve(name: str) -> list[str]:
    """Ask the resolver of this machine, for IPv4 and IPv6; NotFoundError for a name without any."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise NotFoundError(f"DNS has no address of {name}: {error.strerror or error}") from error
    ips = {addresses.ip(str(address[0]).partition("%")[0]) for *_, address in found}
    return [str(ip) for ip in sorted(ips, key=lambda ip: (ip.version, int(ip)))]
