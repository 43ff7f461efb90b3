# SPDX-License-Identifier: BSD-2-Clause
"""Which of a host's addresses is meant: the one in the subnet that the client is on."""

from __future__ import annotations

from collections.abc import Sequence

from .packet import LINK_SELECTION, UNSPECIFIED, Code, MalformedError, Packet
from .reply import Template


def selectors(packet: Packet, interface: Sequence[bytes], *, broadcast: bool) -> Sequence[bytes]:
    """Give addresses of the client's subnet, most telling source first. Raises MalformedError.

    interface: the addresses of the interface that received the packet. broadcast: it came to the broadcast address, so
    the client is on that interface's network, whatever address it says it has.
    """
    options = packet.options
    if Code.RELAY_AGENT in options and (link := packet.relay.get(LINK_SELECTION)) is not None:
        if len(link) != 4:
            raise MalformedError(f"link selection of {len(link)} octets; expected 4 (RFC 3527 section 3)")
        return (link,)  # RFC 3527 section 3: before giaddr and the subnet selection option
    if Code.SUBNET_SELECTION in options:
        return (options[Code.SUBNET_SELECTION],)  # RFC 3011 section 2: before giaddr
    if packet.giaddr != UNSPECIFIED:
        return (packet.giaddr,)  # RFC 2131 section 4.3.1
    if packet.ciaddr != UNSPECIFIED and not broadcast:
        return (packet.ciaddr,)  # renewals are unicast and may come from behind a router (RFC 2131 section 4.3.2)
    return interface


def select(templates: Sequence[Template], addresses: Sequence[bytes]) -> Template | None:
    """Choose the first template whose subnet holds one of the addresses."""
    for template in templates:
        for address in addresses:
            if template.covers(address):
                return template
    return None
