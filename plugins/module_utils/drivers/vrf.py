# SPDX-License-Identifier: BSD-2-Clause
"""VRFs: found by name, and how messages name them. What is in no VRF is in the global table."""

from __future__ import annotations

from ..core.addresses import IPNetwork
from ..core.errors import AmbiguousError, NotFoundError
from .session import Record, Session

VRFS = "ipam/vrfs"


def find_vrf(session: Session, text: str | None) -> Record | None:
    """A VRF by its name or RD; None for the global table, which is meant by nothing. NotFoundError, AmbiguousError."""
    if not text:
        return None
    found = session.client.list(VRFS, name=text) or session.client.list(VRFS, rd=text)
    if not found:
        raise NotFoundError(f"NetBox has no VRF with the name or RD {text!r}")
    if len(found) > 1:
        raise AmbiguousError(
            f"NetBox has {len(found)} VRFs of the name {text!r}: {', '.join(r['display'] for r in found)}; give its RD",
            [record["rd"] or record["display"] for record in found],
        )
    return found[0]


def where(net: IPNetwork, record: Record) -> str:
    return f"{net} in VRF {record['vrf']['display']!r}" if record.get("vrf") else str(net)


def vrf_id(record: Record) -> int | None:
    """The VRF of a prefix or an address; None for the global table."""
    return record["vrf"]["id"] if record.get("vrf") else None


def table(record: Record) -> str:
    """How messages name the VRF of an address or a prefix."""
    return f"VRF {record['vrf']['display']!r}" if record["vrf"] else "the global table"
