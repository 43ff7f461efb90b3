# SPDX-License-Identifier: BSD-2-Clause
"""What the desired states of all kinds of entities have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from ..core.errors import ClustoError, ConflictError, NotFoundError
from ..drivers import Entity, Session
from . import wanted
from .consequences import consequences
from .finding import check_new_name, driver_class, known_as
from .memberships import Memberships
from .task import State

Kind = TypeVar("Kind", bound=Entity)
DRIVER_FIELD = "clusto_driver"


@dataclass(kw_only=True)
class EntityTask(ABC, Generic[Kind]):
    """A subclass says what its kind has besides driver, attributes and pools."""

    kind: ClassVar[type[Any]]
    default_driver: ClassVar[str]
    keys: ClassVar[tuple[str, ...]]
    """What of the entity's `describe()` this task is about."""

    session: Session
    name: str
    renamed_from: str | None = None
    state: str = "present"
    driver: str | None = None
    attributes: Mapping[str, Any] | None = None
    attributes_mode: str = "merge"
    pools: Sequence[str] | None = None
    pools_mode: str = "add"

    found: Kind | None = field(default=None, init=False)
    renaming: bool = field(default=False, init=False)
    """Whether it bears its former name still."""
    _described: State | None = field(default=None, init=False)
    """What the entity says of itself, until it is changed."""

    # Of each kind

    @abstractmethod
    def find(self) -> Kind | None:
        """Find the one that is meant; None when there is none yet."""

    @abstractmethod
    def new(self) -> State:
        """What one is like of which nothing is said: all of `keys`."""

    def wanted(self, _now: State, /) -> State:
        """What the options of this kind make of it. Raises what contradicts."""
        return {}

    @abstractmethod
    def make(self, cls: type[Kind], after: State, /) -> Kind:
        """Make one, with its attributes."""

    def bare(self, _after: State, /) -> State:
        """What `make` has not brought about yet, as it is then."""
        return {"pools": []}

    def change(self, entity: Kind, before: State, after: State, /) -> None:
        """Bring about what `wanted` said."""

    # The steps

    def before(self) -> State | None:
        self.found = self._found()
        if self.found is None:
            return None
        self._described = self.found.describe()
        pools = {} if self.pools is None else {"pools": self.memberships.direct(self.found)}
        return {**{key: self._described[key] for key in self.keys}, **pools, **self._consequences}

    def after(self, before: State | None, /) -> State | None:
        if self.state == "absent":
            self._check_end()
            return None
        if self.found is None or self.renaming:
            check_new_name(self.session, self.kind, self.name)
        now = before or {**self.new(), **({} if self.pools is None else {"pools": []})}
        after = {**now, **self.wanted(now)}
        if self.found and self.renaming:
            self.found.check_rename(self.name)
            after["name"] = self.name
        after["driver"] = self._driver(before, now)
        after["attributes"] = self._document(now["attributes"])
        if self.pools is not None:
            after["pools"] = self.memberships.wanted(self.label, now["pools"], self.pools, self.pools_mode)
        return after

    def apply(self, before: State | None, after: State | None, /) -> State | None:
        self._described = None
        if after is None:
            self._end()
        elif self.found is None:
            self._begin(after)
        else:
            self._change(before or {}, after)
        return after

    def result(self, after: State | None, /) -> State:
        if after is None:
            return {"entity": None, **self._consequences}
        if self.found is None:
            now: State = {"type": self.kind.clusto_type()}
        else:
            now = self._described or self.found.describe()
        around = {"pools": self.memberships.around(after["pools"])} if self.pools is not None else {}
        return {"entity": {**now, **after, **around}}

    # Their parts

    def _found(self) -> Kind | None:
        try:
            found = self.find()
        except NotFoundError:
            if self.state == "absent":  # what is in a place that is not there is not there
                return None
            raise
        if self.renamed_from is None:
            return found
        former = replace(self, name=self.renamed_from, renamed_from=None).find()
        found, self.renaming = known_as(self.kind.clusto_type(), self.name, found, former, self.state)
        return found

    @cached_property
    def _consequences(self) -> State:
        """What goes, or comes loose, with what is deleted, as long as it is there."""
        if self.state != "absent" or self.found is None:
            return {}
        return {"consequences": consequences(self.session, [self.found])[self.found]}

    @property
    def label(self) -> str:
        return self.found.label if self.found else f"{self.kind.clusto_type()} {self.name!r}"

    @cached_property
    def memberships(self) -> Memberships:
        return Memberships(self.session)

    def _document(self, now: Mapping[str, Any]) -> dict[str, Any]:
        return wanted.document(now, self.attributes, self.attributes_mode)

    def _driver(self, before: State | None, now: State) -> str:
        if self.driver is None:
            return str(now["driver"])
        new = self.class_of(self.driver).driver_name()
        if before is not None:
            self.check_driver(str(before["driver"]), new)
        return new

    def class_of(self, driver: str) -> type[Kind]:
        return driver_class(self.kind, driver, self.name)

    def check_driver(self, old: str, new: str, /) -> None:
        """Refuse a change of drivers where there is none."""

    def _check_end(self) -> None:
        if obstacles := self._consequences.get("consequences", {}).get("obstacles"):
            raise ConflictError(f"{self.label} cannot be deleted: {'; '.join(obstacles)}")

    def _begin(self, after: State) -> None:
        """Make it, or leave nothing behind."""
        self.found = made = self.make(self.class_of(after["driver"]), after)
        try:
            self._change({**after, **self.bare(after)}, after)
        except ClustoError:
            made.delete(cascade=True)
            raise

    def _change(self, before: State, after: State) -> None:
        """Attributes come first: they are what NetBox may still refuse."""
        if self.found is None:
            return
        if not wanted.same(before["attributes"], after["attributes"]):
            self.found.change_document(self._document)
        if before["driver"] != after["driver"]:
            self.found.update({"custom_fields": {DRIVER_FIELD: after["driver"]}})
            self.found = self.kind.from_record(self.session, self.found.record)
        if before["name"] != after["name"]:
            self.found.rename(after["name"])
        self.change(self.found, before, after)
        if self.pools is not None:
            self.memberships.bring_about(self.found, before["pools"], after["pools"])

    def _end(self) -> None:
        if self.found:
            self.found.delete(cascade=True)
            self.found = None
