# SPDX-License-Identifier: BSD-2-Clause
"""Answers that are lost on the way: what NetBox did all the same is found out, so that nothing is taken and forgotten.

A request whose connection broke, or that was not answered in time, may have been done, may be done later, or never.
What it writes bears a mark in NetBox's change log (`changelog_message`), by which it is told from what others wrote at
the same moment.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

from ..core import addresses
from ..core.addresses import IPAddress
from ..core.errors import AccessError, RefusedError, UnavailableError, shown
from ..netbox.client import Client, Filter
from .session import Record
from .subnet import ADDRESSES, host_part

Result = TypeVar("Result")
Change = Callable[[Record], Mapping[str, Any] | None]

TRIES = 3
CHANGES = "core/object-changes"


def again(act: Callable[[], Result]) -> Result:
    """Do what comes to the same however often it is done, until it is answered; UnavailableError in the end."""
    for _ in range(TRIES - 1):
        with suppress(UnavailableError):
            return act()
    return act()


def create(client: Client, bodies: Sequence[Mapping[str, Any]]) -> list[Record]:
    """Make IP addresses of one VRF in one request; what it made is found when the answer is lost.

    It is sent again as it was: NetBox makes one address after the other (it holds a lock), and refuses it where the
    first request came through, or refuses the first one if that comes later. RefusedError when another has an address;
    UnavailableError tells by which mark they are found, should they be there all the same.
    """
    mark = Mark(client, "ipam.ipaddress", "create")
    marked = [mark.on(body) for body in bodies]

    def attempt() -> list[Record]:
        if there := made(client, mark, marked):
            return there
        try:
            with mark.noting_loss():
                new: list[Record] = [*client.create(ADDRESSES, marked)]
        except RefusedError:
            if there := made(client, mark, marked):
                return there
            raise
        return made(client, mark, marked) or new

    try:
        return again(attempt)
    except UnavailableError as exc:
        ips = shown(host_part(body["address"]) for body in bodies)
        raise UnavailableError(f"{exc}; if it made {ips} all the same, its change log says {mark.text!r}") from exc


def made(client: Client, mark: Mark, bodies: Sequence[Mapping[str, Any]]) -> list[Record]:
    """What requests whose answers were lost made, in the order of the bodies; all or nothing.

    Where NetBox allows duplicates, two of them may have come through; the later address is deleted.
    """
    if not mark.lost:
        return []
    asked = [addresses.ip(host_part(body["address"])) for body in bodies]
    found = client.list(ADDRESSES, address=[str(ip) for ip in asked], vrf_id=bodies[0].get("vrf"))
    ours = mark.among(record["id"] for record in found)
    first: dict[IPAddress, Record] = {}
    for record in found:
        if record["id"] in ours:
            kept = first.setdefault(addresses.ip(host_part(record["address"])), record)
            if kept is not record:
                client.delete(ADDRESSES, record["id"])
    return [first[ip] for ip in asked] if len(first) == len(asked) else []


def swap(client: Client, endpoint: str, object_type: str, object_id: int, change: Change) -> Record:
    """`Client.compare_and_swap`; a change whose answer was lost is done once, though `change` may be called again.

    What it worked out last is what is written then: NetBox takes a change only of what it was worked out from.
    """
    mark = Mark(client, object_type, "update")

    def step(record: Record) -> Mapping[str, Any] | None:
        if mark.lost and mark.among([object_id]):
            return None
        changes = change(record)
        return mark.on(changes) if changes else None

    def attempt() -> Record:
        with mark.noting_loss():
            return client.compare_and_swap(endpoint, object_id, step)

    return again(attempt)


class Mark:
    """What the change log tells of one request, however often that was sent."""

    def __init__(self, client: Client, object_type: str, action: str) -> None:
        self._client = client
        self._filters: dict[str, Filter] = {"changed_object_type": object_type, "action": action}
        self.text = f"clusto {uuid.uuid4().hex}"
        self.lost = False
        """Whether an answer was lost, so that what was written has to be found out."""

    def on(self, body: Mapping[str, Any]) -> dict[str, Any]:
        return {**body, "changelog_message": self.text}

    @contextmanager
    def noting_loss(self) -> Iterator[None]:
        try:
            yield
        except UnavailableError:
            self.lost = True
            raise

    def among(self, ids: Iterable[int]) -> set[int]:
        """Those of some objects that were written. AccessError when the token may not see the change log."""
        fields = ("changed_object_id", "message")
        try:
            log = self._client.list(CHANGES, changed_object_id=sorted(ids), fields=fields, **self._filters)
        except AccessError as exc:
            raise AccessError(f"an answer was lost, and only the change log tells what NetBox did: {exc}") from exc
        return {entry["changed_object_id"] for entry in log if entry["message"] == self.text}
