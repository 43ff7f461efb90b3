# SPDX-License-Identifier: BSD-2-Clause
"""Devices as they should be: one, or a list in bulk. One is a list of one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from ...core.errors import BatchError, ClustoError, ConflictError, ExistsError, NotFoundError, RefusedError
from ...drivers import Device, IPManager, Session
from ..batch import Step, all_or_none, each, together
from ..bindings import in_order
from ..consequences import consequences
from ..task import State
from .ground import Ground
from .plan import Plan
from .reading import Reading
from .targets import Bind, Target
from .wishes import Option, Wish, wishes
from .writer import write

ATTEMPTS = 3
"""How often it is begun, if others write the same devices meanwhile."""
ASIDE = {"macs", "connections", "labels"}
"""What a state tells of ports, and a description tells in its own way."""


@dataclass(kw_only=True)
class DevicesTask(ABC):
    """Options beside the list hold for each of its items that does not say otherwise."""

    option: ClassVar[str]
    """Name of the option that takes the list."""

    session: Session
    name: str | None = None
    name_manager: str | None = None
    renamed_from: str | None = None
    state: str | None = None
    driver: str | None = None
    datacenter: str | None = None
    rack: str | None = None
    ru: Sequence[int] | None = None
    ports: Sequence[Option] | None = None
    ips: Sequence[Option] | None = None
    ips_mode: str | None = None
    attributes: Mapping[str, Any] | None = None
    attributes_mode: str | None = None
    pools: Sequence[str] | None = None
    pools_mode: str | None = None

    _wishes: list[Wish] = field(default_factory=list, init=False)
    _targets: list[Target] = field(default_factory=list, init=False)
    _written: dict[int, Device] = field(default_factory=dict, init=False)
    """Item -> what was read again after it was written."""

    @property
    @abstractmethod
    def items(self) -> Sequence[Option] | None:
        """The list; None where one device is described."""

    @property
    @abstractmethod
    def clusto_type(self) -> str:
        """The slug of their role."""

    @property
    def default_driver(self) -> str | None:
        return None

    @property
    def describing(self) -> bool:
        """Whether the result is to tell all of each device, which is read again for that."""
        return True

    def beside(self) -> Sequence[Step]:
        """What else is written: at other objects than the devices and their ports."""
        return ()

    # The steps

    def before(self) -> State | None:
        options = {f.name: getattr(self, f.name) for f in fields(self) if f.init}
        self._wishes = wishes(self.clusto_type, options, self.items)
        self._look()
        return self._told({t.wish.index: t.before for t in self._targets})

    def after(self, before: State | None, /) -> State | None:  # noqa: ARG002 - the targets have it
        self._work_out()
        return self._told({t.wish.index: t.after for t in self._targets})

    def apply(self, before: State | None, after: State | None, /) -> State | None:  # noqa: ARG002 - the targets have it
        touched = self._write()
        if self.describing:
            present = [t for t in self._targets if t.wish.present and (not t.exists or t.device.id in touched)]
            devices = Reading(self._ground).again({t.device.id for t in present})
            self._written = {t.wish.index: devices[t.device.id] for t in present}
        return self._told({t.wish.index: t.after for t in self._targets})

    def result(self, after: State | None, /) -> State:  # noqa: ARG002 - the targets have it
        entities = [self._entity(target) for target in self._targets if self.describing]
        gone = {t.title: t.before["consequences"] for t in self._targets if t.before and "consequences" in t.before}
        told = next(iter(gone.values()), None) if self.items is None else gone
        more = {"consequences": told} if told else {}
        return {**({"entity": entities[0]} if self.items is None else {"entities": entities}), **more}

    # Their parts

    def _look(self) -> None:
        self._ground = Ground(self.session, self._wishes, self.default_driver)
        Reading(self._ground).run()
        self._plan = Plan(self._ground, self.option)
        self._targets = self._each(self._wishes, self._plan.find)
        ends = [t for t in self._targets if t.end]
        told = consequences(self.session, [t.device for t in ends]) if ends else {}
        for target in ends:
            target.before = {**(target.before or {}), "consequences": told[target.device]}

    def _work_out(self) -> None:
        self._each(self._targets, self._plan.work_out)
        together(self._forecast_addresses, self._forecast_names)

    def _each(self, items: Sequence[Any], work: Any) -> list[Any]:
        try:
            return each(self.option, [w.title for w in self._wishes], items, work)
        except BatchError as error:
            raise self._plainly(error) from error

    def _write(self) -> set[int]:
        """Return the ids of the devices that were there and are touched.

        What NetBox refuses is looked at again: where others (or a killed run's last request) have done a part of it
        meanwhile, and nothing contradicts, the rest is written.
        """
        attempts = 0
        while True:
            attempts += 1
            touched = {t.device.id for t in self._targets if t.before != t.after and t.exists}
            touched |= {link.far.id for t in self._targets for link in t.links if isinstance(link.far, Device)}
            try:
                with all_or_none() as undo:
                    write(self._ground, self.option, self._targets, undo, self.beside())
            except (ConflictError, RefusedError, BatchError) as error:
                before = [t.before for t in self._targets]
                self._explain()
                if attempts == ATTEMPTS or before == [t.before for t in self._targets]:
                    raise (self._plainly(error) if isinstance(error, BatchError) else error) from error
            else:
                return touched

    def _plainly(self, error: BatchError) -> ClustoError:
        """Of one that is described alone, the reason itself."""
        reason = error.refused[0][2]
        return reason if self.items is None and isinstance(reason, ClustoError) else error

    def _explain(self) -> None:
        """Raise what a fresh look says is in the way: others may have been first."""
        new = {t.wish.index for t in self._targets if t.wish.name and t.wish.present and not t.exists}
        self._look()
        there = [t for t in self._targets if t.wish.index in new and t.exists]
        if there:
            texts = ((t, ExistsError(f"{t.label} is in NetBox by now, {t.device.url}")) for t in there)
            refused = [(t.wish.index, t.wish.title, error) for t, error in texts]
            raise self._plainly(BatchError(self.option, refused, len(self._wishes)))
        self._work_out()

    def _forecast_addresses(self) -> None:
        wanting: dict[IPManager, list[tuple[Target, Bind]]] = defaultdict(list)
        given: dict[IPManager, set[str]] = defaultdict(set)
        for target in self._targets:
            for bind in target.binds:
                if bind.given and bind.ip:
                    given[bind.manager].add(bind.ip)
                else:
                    wanting[bind.manager].append((target, bind))
        for manager, binds in wanting.items():
            with self._blaming(target for target, _ in binds):
                free = manager.forecast(len(binds), given[manager], manager.seen)
            for (_, bind), ip in zip(binds, free, strict=True):
                bind.ip = ip
        for target in self._targets:
            if target.after is not None:
                new = [bind.binding for bind in target.binds if not bind.given]
                target.after["ips"] = in_order([*target.after["ips"], *new])

    def _forecast_names(self) -> None:
        wanting: dict[str, list[Target]] = defaultdict(list)
        for target in self._targets:
            if target.wish.name is None and target.after and not target.exists:
                wanting[target.wish.name_manager or ""].append(target)
        for text, targets in wanting.items():
            with self._blaming(targets):
                names = self._ground.name_manager(text).peek(len(targets))
            for target, name in zip(targets, names, strict=True):
                if target.after is not None:
                    target.after["name"] = name

    @contextmanager
    def _blaming(self, targets: Iterable[Target]) -> Iterator[None]:
        """What all of these want together cannot be had."""
        try:
            yield
        except (ConflictError, NotFoundError) as error:
            refused = [(t.wish.index, t.wish.title, error) for t in targets]
            raise self._plainly(BatchError(self.option, refused, len(self._wishes))) from error

    def _told(self, states: Mapping[int, State | None]) -> State | None:
        """One state alone; of a list those that there are, by name, with the datacenter where several have the name."""
        if self.items is None:
            return states[0]
        there = [state for state in states.values() if state is not None]
        count = Counter(state["name"] for state in there)
        return {
            state["name"] if count[state["name"]] == 1 else f"{state['datacenter']}/{state['name']}": state
            for state in there
        }

    def _entity(self, target: Target) -> State | None:
        """The device as it is now, in a rehearsal as it would be."""
        if not target.wish.present:
            return None
        if target.wish.index in self._written:
            return self._ground.describe(self._written[target.wish.index])
        state = {key: value for key, value in (target.after or {}).items() if key not in ASIDE}
        now = self._ground.describe(target.device) if target.exists else {"type": target.wish.type}
        around = {"pools": self._ground.memberships.around(state["pools"])} if "pools" in state else {}
        return {**now, **state, **around}


@dataclass(kw_only=True)
class EnsureServer(DevicesTask):
    option = "servers"

    servers: Sequence[Option] | None = None

    @property
    def items(self) -> Sequence[Option] | None:
        return self.servers

    @property
    def clusto_type(self) -> str:
        return "server"

    @property
    def default_driver(self) -> str:
        return "basicserver"


@dataclass(kw_only=True)
class EnsureDevice(DevicesTask):
    option = "devices"

    type: str
    devices: Sequence[Option] | None = None

    @property
    def items(self) -> Sequence[Option] | None:
        return self.devices

    @property
    def clusto_type(self) -> str:
        return self.type
