# SPDX-License-Identifier: BSD-2-Clause
"""What becomes of the cables of devices that are deleted.

NetBox deletes their ends alone: a cable stays, and what is at its other side stays taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from ..core.errors import AccessError, NotFoundError, RefusedError, UnavailableError, shown
from ..netbox.client import Client
from .cables import CABLES, SIDES, again, ends_of
from .port import Port

CHUNK = 100
"""Cables in one request."""

Cable = Mapping[str, Any]


def losses(cables: Sequence[Cable], device: int) -> Iterator[str]:
    """Say what becomes of the cables of a device when that goes."""
    lost = [cable for cable in cables if is_lost(cable, {device})]
    shared = [cable for cable in cables if cable not in lost]
    if lost:
        yield f"its cables would be taken away: {shown(leading_to(cable, device) for cable in lost)}"
    if shared:
        ends = shown(leading_to(cable, device) for cable in shared)
        yield f"its ends of cables would go, which stay for others: {ends}"


def is_lost(cable: Cable, devices: Collection[int]) -> bool:
    """Whether a cable has no end left at one side without some devices: one that others have split may have."""
    sides = ([Port(end["object_type"], end["object"]) for end in cable[side] or ()] for side in SIDES)
    return any(all(is_at(end, devices) for end in side) for side in sides)


def is_at(end: Port, devices: Collection[int]) -> bool:
    return (end.record.get("device") or {}).get("id") in devices


def leading_to(cable: Cable, device: int) -> str:
    """How messages name a cable of a device: by what it leads to from there."""
    far = [end.title for end in ends_of(cable) if not is_at(end, {device})]
    return f"to {' and '.join(far)}" if far else f"cable {cable['display']}"


@contextmanager
def without_cables(client: Client, devices: Collection[int]) -> Iterator[None]:
    """Take away the cables that lose their ends with some devices, which are to be deleted within; else put them back.

    The cables go first, so that a repeat completes what is interrupted.
    """
    found = client.list(CABLES, device_id=sorted(devices))
    lost = [cable for cable in found if is_lost(cable, devices)]
    parts = [lost[start : start + CHUNK] for start in range(0, len(lost), CHUNK)]
    for some in parts:
        take_away(client, [cable["id"] for cable in some])
    try:
        yield
    except (AccessError, RefusedError):
        for some in parts:
            client.create(CABLES, [again(cable) for cable in some])
        raise


def take_away(client: Client, ids: Sequence[int]) -> None:
    """Delete cables; others may delete some at the same time."""
    try:
        client.delete_many(CABLES, ids)
    except (NotFoundError, RefusedError, UnavailableError):  # none of them is deleted, or nobody knows which
        for id_ in ids:
            with suppress(NotFoundError):
                client.delete(CABLES, id_)
