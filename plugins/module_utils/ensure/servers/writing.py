# SPDX-License-Identifier: BSD-2-Clause
"""Bulk writes that survive a lost answer: before anything is sent again, it is looked what is there now.

A list is cut into requests of CHUNK objects; each is one transaction of NetBox's. How far it is goes to `progress`.
Objects of which NetBox writes one without touching another come in two requests at a time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from typing import Any

from ...core.errors import BatchError, ConflictError, NotFoundError, RefusedError, UnavailableError
from ...drivers import Device
from ...drivers.lost_ends import without_cables
from ...drivers.session import Record
from ...netbox.client import Client
from ..batch import Step, blaming, progress, together

CHUNK = 100
FEW = 20
"""Objects of a request that deletes: a device with its cables takes NetBox several times as long as making it."""
REPEATS = 2
"""How often a request whose answer was lost is sent again, if nothing of it is there."""
PER_OBJECT = 0.2
"""Seconds that NetBox may still be working on each object of a request whose answer was lost."""

Body = Mapping[str, Any]
Look = Callable[[Sequence[Body]], Sequence[Record | None]]
"""What is there now of the bodies that were sent, in their order."""


class Writing:
    """The writes of one list. `undo` takes what takes each of them back; `titles` are the items', as messages tell."""

    def __init__(self, client: Client, option: str, titles: list[str], undo: Callable[[Step], None]) -> None:
        self._client = client
        self._option = option
        self.titles = titles
        self.undo = undo

    def refusal(self, reasons: Iterable[tuple[int, Exception]]) -> BatchError:
        """What to raise when items, given by their indices, cannot be had."""
        return BatchError(self._option, [(n, self.titles[n], error) for n, error in reasons], len(self.titles))

    def create(  # noqa: PLR0913 - by keyword what is not obvious
        self,
        endpoint: str,
        bodies: Sequence[Body],
        owners: Sequence[int],
        look: Look,
        what: str,
        *,
        side_by_side: bool = False,
    ) -> list[Record]:
        """Make all; owners: for each the index of its item. BatchError names those that NetBox refuses.

        side_by_side: whether none of them has to do with another.
        """
        made: dict[int, list[Record]] = {}

        def make(part: slice) -> None:
            with blaming(self._option, self.titles, owners[part]):
                records = surely(bodies[part], lambda some: self._client.create(endpoint, some), look)
            self.undo(partial(self.delete, endpoint, [record["id"] for record in records], what))
            made[part.start] = records

        for start in range(0, len(bodies), CHUNK):
            stop = min(start + CHUNK, len(bodies))
            middle = (start + stop + 1) // 2 if side_by_side else stop
            together(*(partial(make, part) for part in (slice(start, middle), slice(middle, stop)) if bodies[part]))
            progress(f"{self._option}: {stop} of {len(bodies)} {what} made", len(bodies))
        return [record for _, records in sorted(made.items()) for record in records]

    def update(
        self, endpoint: str, changes: Sequence[Body], before: Sequence[Body], owners: Sequence[int], what: str
    ) -> None:
        """Set fields of many; `before` are the same fields as they are, by which it is taken back."""
        for start in range(0, len(changes), CHUNK):
            part = slice(start, start + CHUNK)
            with blaming(self._option, self.titles, owners[part]):
                self._client.update_many(endpoint, changes[part])
            self.undo(partial(self._client.update_many, endpoint, before[part]))
            progress(f"{self._option}: {min(part.stop, len(changes))} of {len(changes)} {what}", len(changes))

    def delete(self, endpoint: str, ids: Sequence[int], what: str) -> None:
        """Delete all, with devices the cables that lead nowhere then; this cannot be taken back, so it comes last."""
        for start in range(0, len(ids), FEW):
            some = ids[start : start + FEW]
            with without_cables(self._client, some) if endpoint == Device.endpoint else nullcontext():
                self._delete(endpoint, some)
            progress(f"{self._option}: {min(start + FEW, len(ids))} of {len(ids)} {what} deleted", len(ids))

    def _delete(self, endpoint: str, ids: Iterable[int]) -> None:
        left = list(ids)
        for attempt in range(REPEATS + 1):
            try:
                self._client.delete_many(endpoint, left)
            except (UnavailableError, RefusedError, NotFoundError):
                # An answer was lost, or others deleted some: those that are still there decide.
                there = [record["id"] for record in self._client.list(endpoint, id=left, fields="id")]
                if attempt == REPEATS or (there == left and attempt):
                    raise
                left = there
            else:
                return


def surely(bodies: Sequence[Body], send: Callable[[Sequence[Body]], Sequence[Record]], look: Look) -> list[Record]:
    """Send, and send again when the answer is lost and nothing of it is there."""
    lost: UnavailableError | None = None
    for _ in range(REPEATS + 1):
        try:
            return list(send(bodies))
        except UnavailableError as error:
            lost = error
            there = _await(bodies, look)
        except (ConflictError, RefusedError):
            # What was sent before may have been made just now.
            there = found(look(bodies)) if lost else None
            if there is None:
                raise
        if there is not None:
            return there
    assert lost is not None  # noqa: S101 - the loop ends only by losing each answer
    raise lost


def _await(bodies: Sequence[Body], look: Look) -> list[Record] | None:
    """Look until all are there; None when they are not in the time that NetBox would need for them."""
    deadline = time.monotonic() + 1 + PER_OBJECT * len(bodies)
    pause = 0.25
    while True:
        there = found(look(bodies))
        if there is not None or time.monotonic() > deadline:
            return there
        time.sleep(pause)
        pause *= 2


def found(records: Sequence[Record | None]) -> list[Record] | None:
    """All of them, or None."""
    there = [record for record in records if record is not None]
    return there if len(there) == len(records) else None
