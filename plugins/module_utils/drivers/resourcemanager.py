# SPDX-License-Identifier: BSD-2-Clause
"""A counter in an inactive config context: what the managers of names and numbers have in common."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.errors import ConflictError
from ..core.names import LARGEST, following, whole
from . import lost
from .context_entity import InactiveContext
from .documents import CONTEXTS, checked
from .session import Record, Session

PROFILE = "clusto name manager"
UNTOLD = "simpleentitynamemanager"
"""The driver of a context that does not say."""


class ResourceManager(InactiveContext):
    """A counter that only goes up, but for what is given back. It moves by compare-and-swap: nothing comes twice."""

    _clusto_type = "resourcemanager"

    def _make(self, name: str, session: Session | None, data: Mapping[str, Any]) -> None:
        self._begin(name, session)
        self._refuse_taken(name)
        self._refuse_foreign(name)
        whole(data["next"], f"{self._clusto_type} {name!r}: next")
        self.record = self._client.create(
            CONTEXTS,
            {
                "name": name,
                "profile": self._session.profile(PROFILE),
                "is_active": False,
                "data": {
                    "driver": self._driver_name,
                    **data,
                    "attributes": checked(data["attributes"] or {}),
                },
            },
        )

    @classmethod
    def driver_in(cls, record: Record) -> str | None:
        if (record["profile"] or {}).get("name") != PROFILE:
            return None
        return str((record.get("data") or {}).get("driver") or UNTOLD)

    @property
    def driver(self) -> str:
        return str(self.driver_in(self.record))

    # The counter

    @property
    def next(self) -> int:
        """The number from which it goes on, as last read."""
        return int(self._data["next"])

    @property
    def _highest(self) -> int:
        return self._highest_of(self._data)

    @classmethod
    def _highest_of(cls, data: Mapping[str, Any]) -> int:  # noqa: ARG003 - for those that have a bound
        """The last number that there can be."""
        return LARGEST

    def set_up(self, **changes: Any) -> None:
        """Change what it makes of its numbers (`digits` …). `next` is only ever raised, so that nothing comes twice.

        ConflictError when what was handed out already would no longer be within the bounds.
        """

        def step(record: Record) -> Mapping[str, Any]:
            now = record["data"]
            data = {**now, **changes, "next": max(now["next"], changes.get("next", 0))}
            self.check_bounds(self.label, data)
            return {"data": {key: value for key, value in data.items() if value is not None}}

        self._count(step)

    @classmethod
    def check_bounds(cls, label: str, data: Mapping[str, Any]) -> None:
        """ConflictError when the last number handed out does not fit what is to be made of it."""
        if data["next"] - 1 > (highest := cls._highest_of(data)):
            raise ConflictError(
                f"{label}: number {data['next'] - 1} is handed out or passed by already, expected {highest} at most"
            )

    def _forecast(self, count: int) -> list[int]:
        self.refresh()
        return self._following(count, self._is_taken(count))

    def _take(self, count: int) -> list[int]:
        taken = self._is_taken(count)
        taken(self.next)  # what it asks for that is not asked again between reading and writing the counter
        found: list[int] = []

        def step(record: Record) -> Mapping[str, Any]:
            self.record = record
            found[:] = self._following(count, taken)
            return {"data": {**record["data"], "next": found[-1] + 1}}

        if count > 0:
            self._count(step)
        return found

    def _following(self, count: int, taken: Callable[[int], bool]) -> list[int]:
        return following(self.next, self._highest, count, taken, f"{self.label} is out of numbers")

    def _is_taken(self, count: int = 1) -> Callable[[int], bool]:  # noqa: ARG002 - for those that ask for many at once
        """Tell of numbers whether they are in use already, though they were not handed out."""
        return lambda _: False

    def _count(self, change: Callable[[Record], Mapping[str, Any] | None]) -> None:
        """Move the counter, once, also when the answer is lost: nobody else would have what was taken with it."""
        with self.there():
            self.record = lost.swap(self._client, self.endpoint, self.object_type, self.id, change)

    def _give_back(self, numbers: Sequence[int]) -> bool:
        given = False

        def step(record: Record) -> Mapping[str, Any] | None:
            nonlocal given
            given = record["data"]["next"] == max(numbers) + 1
            return {"data": {**record["data"], "next": min(numbers)}} if given else None

        if numbers:
            self._count(step)
        return given

    def describe(self) -> dict[str, Any]:
        self.refresh()
        settings = {key: self._data.get(key) for key in ("basename", "digits", "leading_zeros", "next", "maxnum")}
        return {**super().describe(), **settings}
