# SPDX-License-Identifier: BSD-2-Clause
"""What a host is given: its `dhcp` attributes over what its address and subnet say, checked and encoded once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final, NamedTuple

from ..core.dhcp_names import SWITCHES
from ..core.errors import InvalidError
from . import codec
from .options import OptionTable
from .packet import UNSPECIFIED, Code

SUBNET_MASK, ROUTER, HOSTNAME, BROADCAST = 1, 3, 12, 28  # RFC 2132 sections 3.3, 3.5, 3.14, 5.3
TFTP_SERVER, BOOT_FILE = 66, 67  # RFC 2132 sections 9.4, 9.5
PXELINUX_MAGIC, MAGIC = 208, b"\xf1\x00\x75\x7e"  # RFC 5071 section 3
LEASE_TIME: Final = 3600
INFINITE: Final = 0xFFFFFFFF  # RFC 2131 section 3.3
FILE_SIZE: Final = 128  # of the header's field, with the NUL at its end

# The latest first: each must be before what stands before it.
_TIMES: Final = {
    Code.LEASE_TIME: "lease_time",
    Code.REBINDING_TIME: "rebinding_time",
    Code.RENEWAL_TIME: "renewal_time",
}


class Problem(NamedTuple):
    """A `dhcp` attribute that is left out, and why (`reason` has the value and what was expected)."""

    key: str
    reason: str


class Attributes(NamedTuple):
    """A host's merged `dhcp` attributes, encoded."""

    enabled: bool
    options: Mapping[int, bytes]
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class Binding:
    """One address of a host and the subnet it is in; `router` is the gateway of the subnet's IP manager."""

    address: IPv4Address
    network: IPv4Network
    router: IPv4Address | None = None
    hostname: str = ""


class Parameters(NamedTuple):
    """Everything that a reply carries besides the protocol's own fields. `file` fits the header's field or is empty."""

    options: Mapping[int, bytes]
    siaddr: bytes
    file: bytes


def attributes(document: Any, table: OptionTable) -> Attributes:
    """Check and encode a merged `dhcp` document; nothing is raised: what is unusable is a problem and left out."""
    if document is None:
        return Attributes(enabled=False, options={}, problems=())
    if not isinstance(document, Mapping):
        return Attributes(False, {}, (Problem("dhcp", f"{document!r} is not usable; expected subkeys and values"),))
    options: dict[int, bytes] = {}
    problems: list[Problem] = []
    enabled = False
    magic = False
    for name, value in document.items():
        try:
            if name in SWITCHES:
                enabled = _enabled(value)
                continue
            code, octets = table.encode(name, value)
        except InvalidError as exc:
            problems.append(Problem(f"dhcp.{name}", str(exc)))
            continue
        options[code] = octets
        magic = magic or name.startswith("pxelinux")
    if magic:
        options.setdefault(PXELINUX_MAGIC, MAGIC)
    problems += _check_times(options)
    return Attributes(enabled, options, tuple(problems))


def _enabled(value: object) -> bool:
    try:
        return codec.truth(value)
    except ValueError as exc:
        raise InvalidError(f"{value!r} is not usable; expected true or false, 1 or 0") from exc


def _check_times(options: dict[int, bytes]) -> list[Problem]:
    """RFC 2131 section 4.4.5: 0 < T1 <= T2 < lease. What cannot be is left out."""
    problems = []
    for code, key in _TIMES.items():
        if code in options and not any(options[code]):
            problems.append(Problem(f"dhcp.{key}", "0 is not usable; expected seconds, more than 0"))
            del options[code]
    limit = int.from_bytes(options.get(Code.LEASE_TIME, LEASE_TIME.to_bytes(4)))
    for code, key in list(_TIMES.items())[1:]:
        if code in options and (given := int.from_bytes(options[code])) >= limit:
            problems.append(Problem(f"dhcp.{key}", f"{given} is not usable; expected less than {limit}"))
            del options[code]
        limit = int.from_bytes(options.get(code, limit.to_bytes(4)))
    return problems


def parameters(given: Attributes, binding: Binding) -> Parameters:
    """Put a host's attributes over what its address implies."""
    options = _implied(binding) | dict(given.options)
    options = _times(options) | options
    file = options.get(BOOT_FILE, b"")
    return Parameters(options, _next_server(options), file if len(file) < FILE_SIZE else b"")


def _implied(binding: Binding) -> dict[int, bytes]:
    options = {
        SUBNET_MASK: binding.network.netmask.packed,
        BROADCAST: binding.network.broadcast_address.packed,
        int(Code.LEASE_TIME): LEASE_TIME.to_bytes(4),
    }
    if binding.router is not None:
        options[ROUTER] = binding.router.packed
    if binding.hostname:
        options[HOSTNAME] = binding.hostname.encode()
    return options


def _times(options: Mapping[int, bytes]) -> dict[int, bytes]:
    """T1 at 4/9 of the lease, clusto's 1600 of 3600 seconds; T2 at 7/8 (RFC 2131 section 4.4.5); T1 never after T2."""
    lease = int.from_bytes(options[Code.LEASE_TIME])
    if lease == INFINITE:
        return {}
    t1 = int.from_bytes(options.get(Code.RENEWAL_TIME, b""))
    t2 = int.from_bytes(options.get(Code.REBINDING_TIME, b"")) or max(lease * 7 // 8, t1)
    return {
        int(Code.RENEWAL_TIME): min(lease * 4 // 9, t2).to_bytes(4),
        int(Code.REBINDING_TIME): t2.to_bytes(4),
    }


def _next_server(options: Mapping[int, bytes]) -> bytes:
    """Give siaddr: the TFTP server, where it is given as an address."""
    try:
        return IPv4Address(options.get(TFTP_SERVER, b"").decode()).packed
    except ValueError:  # a name; clients find it in option 66
        return UNSPECIFIED
