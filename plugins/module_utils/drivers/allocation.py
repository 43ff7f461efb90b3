# SPDX-License-Identifier: BSD-2-Clause
"""Taking addresses in NetBox: many at once, all or none, also while others take some of the same subnet.

NetBox refuses an address that it has already, unless that check is switched off (`ENFORCE_GLOBAL_UNIQUE`, a VRF's
`enforce_unique`). So every address is looked at again after it was written: of several records of one address the one
that NetBox numbered first stays, and whoever made another takes it back. NetBox numbers them one after the other (it
holds a lock while it makes an address), so exactly one of those who came at once finds that it was the first.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

from ..core import addresses
from ..core.addresses import IPAddress
from ..core.errors import ClustoError, ConflictError, NotFoundError, RefusedError
from ..netbox.client import Client
from .lost import again, create
from .ports import bearer
from .session import Record
from .subnet import ADDRESSES, Subnet, host_part

Body = Mapping[str, Any]
"""What NetBox's API takes for an address; where `address` is given (without a length) it is that one."""
Assigned = tuple[str | None, int | None]

FREE = {"assigned_object_type": None, "assigned_object_id": None}

ATTEMPTS = 30
CHUNK = (
    50  # addresses in one request: a busy NetBox needs a quarter of a second for each, and the client waits for 30 s
)
WIDEST = 256  # addresses among which one is drawn by those who were too late again and again
SHARED = {"anycast", "vip", "vrrp", "hsrp", "glbp", "carp"}
"""Roles of an address that several interfaces may bear at once."""
KEPT = {"reserved", "deprecated", "dhcp", "slaac"}
"""Statuses of an address that is bound to nothing and yet not to be had."""


def known(client: Client, ips: Iterable[IPAddress], vrf_id: int | None) -> dict[IPAddress, list[Record]]:
    """What NetBox has of some addresses, in the order in which it was made."""
    wanted = list(ips)
    found: dict[IPAddress, list[Record]] = {ip: [] for ip in wanted}
    for record in client.list(ADDRESSES, address=sorted(map(str, wanted)), vrf_id=vrf_id):
        found[addresses.ip(host_part(record["address"]))].append(record)
    return found


def assigned(record: Mapping[str, Any]) -> Assigned:
    return record.get("assigned_object_type"), record.get("assigned_object_id")


def is_assigned(record: Record, to: Assigned) -> bool:
    return assigned(record) == to


def there(
    label: str, ip: IPAddress, records: Sequence[Record], mine: Callable[[Record], bool], *, bind: bool
) -> Record | None:
    """The address if NetBox has it already and it may be taken: bound to what is `mine`, or, to `bind` it, to nothing.

    ConflictError naming who has it.
    """
    bound = [record for record in records if record["assigned_object_id"] is not None]
    own = next(filter(mine, bound), None)
    if any(not mine(record) and not (own and is_shared(own) and is_shared(record)) for record in bound):
        raise ConflictError(f"{label}: IP address {ip} is bound to {bearers(bound)}")
    if own:
        return own
    unbound = next(iter(records), None)
    if unbound is not None and (not bind or unbound["status"]["value"] in KEPT):
        status = unbound["status"]["value"]
        note = f" ({unbound['description']})" if unbound["description"] else ""
        raise ConflictError(f"{label}: IP address {ip} is {status} in NetBox already{note}")
    return unbound


def free(record: Record, to: Assigned) -> Mapping[str, Any] | None:
    """What binds it to nothing again, unless others bound it elsewhere."""
    return FREE if is_assigned(record, to) else None


def bearers(records: Iterable[Record]) -> str:
    """Who bears an address, for a message; and as what, where several may bear it."""
    return " and ".join(
        bearer(record) + (f" (as {record['role']['label']})" if is_shared(record) else "") for record in records
    )


def is_shared(record: Record) -> bool:
    return (record["role"] or {}).get("value") in SHARED


def take(
    client: Client, subnet: Subnet, bodies: Sequence[Body], forecast: Mapping[int, IPAddress] | None = None
) -> list[Record]:
    """Make an address of each body, or bind the one that NetBox has; all of them or none. In their order.

    forecast: what was free for some of them a moment ago, by their place: tried before NetBox is asked what is.
    InvalidError and ConflictError, naming by whom it is taken, and when there are not enough.
    """
    taking = Taking(client, subnet, bodies, forecast or {})
    try:
        taking.run()
    except BaseException:
        taking.take_back()
        raise
    return [taking.done[place] for place in range(len(bodies))]


class Taking:
    """One attempt to get them; `done` has those that are had, by their place."""

    def __init__(
        self, client: Client, subnet: Subnet, bodies: Sequence[Body], forecast: Mapping[int, IPAddress]
    ) -> None:
        self._client = client
        self._forecast = forecast
        self._subnet = subnet
        self._bodies = bodies
        self._given = self._read_given()
        self._made: set[int] = set()
        """Ids of what was made."""
        self._bound: dict[int, Assigned] = {}
        """Ids of what was there, bound to nothing, and what it is bound to now."""
        self.done: dict[int, Record] = {}

    def _read_given(self) -> dict[int, IPAddress]:
        found: dict[int, IPAddress] = {}
        for place, body in enumerate(self._bodies):
            if body.get("address"):
                ip = self._subnet.check(body["address"])
                if ip in found.values():
                    raise ConflictError(f"{self._subnet.label}: IP address {ip} is asked for twice")
                found[place] = ip
        return found

    def run(self) -> None:
        records = known(self._client, self._given.values(), self._subnet.vrf_id)
        missing = set(range(len(self._bodies)))
        self._check_enough(len(missing) - len(self._given))
        for place, ip in self._given.items():
            body = self._bodies[place]
            to = assigned(body)
            mine = partial(is_assigned, to=to)
            record = there(self._subnet.label, ip, records[ip], mine, bind=to[1] is not None)
            if record is not None:
                self.done[place] = self._bind(record, body)
                missing.discard(place)
        order = sorted(missing)
        for start in range(0, len(order), CHUNK):
            self._get(set(order[start : start + CHUNK]))

    def _check_enough(self, count: int) -> None:
        """Refuse before the first of several requests what the last of them could not be given."""
        if count > CHUNK and (free := len(self._subnet.free(count, [*self._given.values()]))) < count:
            raise self._subnet.exhausted(count, free)

    def _get(self, missing: set[int]) -> None:
        for attempt in range(ATTEMPTS):
            if not missing:
                return
            missing -= self._make(sorted(missing), attempt)
        raise ConflictError(
            f"{self._subnet.label}: no address of {self._subnet.here} in {ATTEMPTS} attempts, for others took each"
            " that was chosen"
        )

    def _bind(self, record: Record, body: Body) -> Record:
        """Bind an address that is bound to nothing, unless somebody else did so just now."""
        wanted = {key: value for key, value in body.items() if key != "address"}

        def step(now: Record) -> Mapping[str, Any] | None:
            if now["assigned_object_id"] is None:
                return wanted
            if assigned(now) == assigned(wanted):
                return None
            ip = host_part(now["address"])
            raise ConflictError(f"{self._subnet.label}: IP address {ip} is bound to {bearer(now)}")

        if record["assigned_object_id"] is None:
            self._bound[record["id"]] = assigned(wanted)
        return again(lambda: self._client.compare_and_swap(ADDRESSES, record["id"], step))

    def _make(self, places: Sequence[int], attempt: int) -> set[int]:
        """Make those that are missing, in one request. Returns the places of those that are ours then."""
        ips = self._chosen(places, attempt)
        bodies = [{**self._bodies[p], **self._identity(ips[p])} for p in places]
        try:
            made = create(self._client, bodies)
        except RefusedError as exc:
            taken = known(self._client, ips.values(), self._subnet.vrf_id)
            self._refuse_given(ips, taken)
            if not any(taken.values()):
                raise RefusedError(str(exc), exc.details, {places[n]: text for n, text in exc.items.items()}) from exc
            return set()
        self._made.update(record["id"] for record in made)
        mine = dict(zip(places, made, strict=True))
        lost = self._lost(mine, known(self._client, ips.values(), self._subnet.vrf_id), ips)
        self._give_back(mine[place]["id"] for place in lost)
        self.done.update((place, record) for place, record in mine.items() if place not in lost)
        return set(places) - lost

    def _identity(self, ip: IPAddress) -> dict[str, Any]:
        return {"address": self._subnet.with_length(ip), "vrf": self._subnet.vrf_id}

    def _chosen(self, places: Sequence[int], attempt: int) -> dict[int, IPAddress]:
        """Those that are given, and the lowest free ones; after a defeat some of the lowest, so that rivals part."""
        open_ = [place for place in places if place not in self._given]
        if attempt == 0 and self._forecast.keys() >= {*open_}:
            return {place: self._given.get(place) or self._forecast[place] for place in places}
        width = len(open_) * min(8**attempt, WIDEST)
        free = self._subnet.free(width, [*self._given.values()])
        if len(free) < len(open_):
            raise self._subnet.exhausted(len(open_), len(free))
        drawn = sorted(random.sample(free, len(open_)))  # it spreads, and guards nothing
        return {place: ip for place, ip in self._given.items() if place in places} | dict(
            zip(open_, drawn, strict=True)
        )

    def _refuse_given(self, ips: Mapping[int, IPAddress], taken: Mapping[IPAddress, Sequence[Record]]) -> None:
        """ConflictError when somebody else has, since we looked, taken an address that is given."""
        for place in self._given.keys() & ips.keys():
            there(self._subnet.label, ips[place], taken[ips[place]], lambda _: False, bind=False)

    def _lost(
        self,
        mine: Mapping[int, Record],
        now: Mapping[IPAddress, Sequence[Record]],
        ips: Mapping[int, IPAddress],
    ) -> set[int]:
        """The places of those that somebody else made before; ConflictError when one of them was given."""
        lost: set[int] = set()
        for place, record in mine.items():
            before = [one for one in now[ips[place]] if one["id"] < record["id"]]
            if before and place in self._given:
                there(self._subnet.label, ips[place], before, lambda _: False, bind=False)
            if before or not any(one["id"] == record["id"] for one in now[ips[place]]):
                lost.add(place)
        return lost

    def _give_back(self, ids: Iterable[int]) -> None:
        gone = set(ids)
        for number in gone:
            with suppress(NotFoundError):
                self._client.delete(ADDRESSES, number)
        self._made -= gone

    def take_back(self) -> None:
        """Undo what was done, as far as NetBox can be reached."""
        with suppress(ClustoError):
            self._give_back(self._made.copy())
        for number, to in self._bound.items():
            with suppress(ClustoError):
                self._client.compare_and_swap(ADDRESSES, number, partial(free, to=to))
