# SPDX-License-Identifier: BSD-2-Clause
"""From the document of a rack layout to what it says, or to everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from . import attributes
from .errors import ClustoError, InvalidError
from .layout_schema import LAYOUT
from .layouts import Cable, Device, End, Layout, Options, Slot, SlotPort, plain
from .ports import NIC_ETH
from .racks import Occupant, Rack, Units
from .sequences import Member, expand
from .shapes import Path, Problem, problems

Heights = Mapping[str, float]
"""Driver -> rack units."""

HIGHEST: Final = 100
"""Rack units: NetBox knows no higher rack."""


def parse(name: str, document: Any, heights: Heights | None = None) -> Layout:
    """Check a document and make of it what it says. InvalidError names everything that is wrong with it.

    heights: those of all drivers that there are, for every rack unit to be judged; None judges those that are given.
    """
    reader = _Reader(name, plain(document), heights)
    layout = reader.layout()
    if reader.problems:
        raise InvalidError("\n- ".join([f"rack layout {name!r} is refused:", *map(str, reader.problems)]))
    return layout


class _Reader:
    """Reads the parts that are of the right shape, and gathers what is wrong with any."""

    def __init__(self, name: str, document: Any, heights: Heights | None) -> None:
        self._heights = heights
        self._name = name
        self.problems: list[Problem] = list(problems(document, LAYOUT))
        self._document: Options = document if isinstance(document, Mapping) else {}
        self._rack = Rack(f"of layout {name}", 1, HIGHEST)
        self._used: dict[End, Path] = {}
        self._suffixes = [one.get("suffix") for _, one in self._members("devices", sound=False)]

    def layout(self) -> Layout:
        devices = [self._device(index, one) for index, one in self._members("devices")]
        cables = [self._cable(index, one) for index, one in self._members("cables")]
        slots = [slot for key, entry in self._entries() for slot in self._slots(key, entry)]
        switch = self._switch(slots)
        return Layout(
            self._name,
            tuple(devices),
            tuple(cables),
            tuple(slots),
            switch,
            dict(self._nics(slots, switch)) if switch else {},
        )

    # The parts of the document

    def _say(self, path: Path, text: str) -> None:
        self.problems.append(Problem(path, text))

    def _sound(self, path: Path) -> bool:
        """Whether the shape of a part is right, and of what is around it."""
        return not any(p.path[: len(path)] == path[: len(p.path)] for p in self.problems)

    def _members(self, name: str, *, sound: bool = True) -> list[tuple[int, Options]]:
        listed = self._document.get(name)
        if not isinstance(listed, list | tuple):
            return []
        members = [(index, one) for index, one in enumerate(listed) if isinstance(one, Mapping)]
        return [(index, one) for index, one in members if not sound or self._sound((name, index))]

    def _entries(self) -> list[tuple[str, Options]]:
        listed = self._document.get("switchports")
        entries = listed.items() if isinstance(listed, Mapping) else ()
        return [(key, entry) for key, entry in entries if self._sound(("switchports", key))]

    # Devices and cables

    def _device(self, index: int, one: Options) -> Device:
        path: Path = ("devices", index)
        if self._suffixes.index(one["suffix"]) != index:
            self._say((*path, "suffix"), f"{one['suffix']!r} is that of another device; expected another")
        self._check_own(path, one)
        units = self._units(path, one["suffix"], one["driver"], one.get("ru", ()))
        return Device(one["suffix"], one["driver"].lower(), one.get("type"), units, own(one))

    def _check_own(self, path: Path, one: Options) -> None:
        for index, address in enumerate(one.get("ips", ())):
            if "type" in address and "number" not in address:
                self._say((*path, "ips", index), "type without number; expected both or none")
        try:
            for attribute in attributes.from_document(one.get("attributes", {})):
                attributes.check_key(attribute.key)
                attributes.check_subkey(attribute.subkey)
        except InvalidError as error:
            self._say((*path, "attributes"), str(error))

    def _units(self, path: Path, name: str, driver: str, given: int | Sequence[int]) -> Units:
        """Take rack units; of what is not known to be higher one, or as many as are given."""
        units = (given,) if isinstance(given, int) else tuple(given)
        height = len(units) if self._heights is None else self._heights.get(driver.lower())
        if height is None:
            self._say((*path, "driver"), f"{driver!r} is none; expected the slug of a device type that NetBox has")
            return units
        if not units and height:
            self._say((*path, "ru"), f"missing; {driver} is {height:g} units high")
        if not units:
            return ()
        occupant = Occupant(name)
        try:
            taken = self._rack.place(occupant, units[0] if len(units) == 1 else units, height)
        except ClustoError as error:
            self._say((*path, "ru"), str(error))
            return units
        occupied = {**self._rack.occupied, **dict.fromkeys(taken, occupant)}
        self._rack = Rack(self._rack.name, self._rack.min_u, self._rack.max_u, occupied)
        return units

    def _cable(self, index: int, one: Options) -> Cable:
        path: Path = ("cables", index)
        a, b = one["a"], one["b"]
        a, b = ({"type": other.get("type", NIC_ETH.name), **end} for end, other in ((a, b), (b, a)))
        made = Cable(self._end((*path, "a"), a), self._end((*path, "b"), b), one.get("cable", {}))
        if not (made.a.device or made.b.device):
            self._say(path, f"{made.a} and {made.b} are both outside; expected device at one end")
        return made

    def _end(self, path: Path, end: Options) -> End:
        found = self._ends(path, end, 1, "for each cable is one")
        if not found:  # that was said
            return End(end.get("device"), end.get("entity"), end["type"], 0)
        self._use(path, found[0])
        return found[0]

    # Switch ports

    def _slots(self, key: str, entry: Options) -> Iterator[Slot]:
        path: Path = ("switchports", key)
        entry = {**self._defaults, **entry}
        if "driver" not in entry:
            self._say((*path, "driver"), "missing, here and in servers")
            return
        self._check_own(path, entry)
        keys = self._expanded(path, key)
        of_each = f"as there are switch ports in {key}"
        ports = [self._ports((*path, "ports", i), port, len(keys), of_each) for i, port in enumerate(entry["ports"])]
        units = self._lowest((*path, "ru"), entry.get("ru", ()), len(keys), of_each)
        for place, switchport in enumerate(keys):
            at: Path = ("switchports", str(switchport))
            taken = self._units(at, f"server at {switchport}", entry["driver"], units[place]) if units else ()
            mine = tuple(of_one[place] for of_one in ports if of_one)
            self._check_ports(at, mine)
            yield Slot(switchport, entry["driver"].lower(), entry.get("name_manager"), taken, mine, own(entry))

    @property
    def _defaults(self) -> Options:
        return dict(self._document.get("servers", {})) if self._sound(("servers",)) else {}

    def _lowest(
        self, path: Path, given: int | str | Sequence[int], count: int, of_each: str
    ) -> Sequence[int | Sequence[int]]:
        """The units of each server; a list is that of one."""
        if isinstance(given, int | str):
            return [int(unit) for unit in self._column(path, given, count, of_each)]
        if given and count != 1:
            self._say(path, f"{given!r} are the units of one server; expected a sequence of as many {of_each}")
            return []
        return [given] * count

    def _ports(self, path: Path, port: Options, count: int, of_each: str) -> list[SlotPort]:
        type_ = port.get("type", NIC_ETH.name)
        ends = self._ends((*path, "connected_to"), {"type": type_, **port["connected_to"]}, count, of_each)
        numbers = self._numbers(path, port, count, of_each)
        return [SlotPort(type_, number, end, port.get("cable", {})) for number, end in zip(numbers, ends, strict=False)]

    def _check_ports(self, path: Path, ports: Iterable[SlotPort]) -> None:
        seen = set()
        for port in ports:
            if (port.type, port.port) in seen:
                self._say((*path, "ports"), f"{port.type} {port.port} of the server is given twice")
            seen.add((port.type, port.port))
            self._use((*path, "ports"), port.to)

    # What both have

    def _ends(self, path: Path, end: Options, count: int, of_each: str) -> list[End]:
        device = end.get("device")
        if device is not None and device not in self._suffixes:
            known = ", ".join(str(suffix) for suffix in self._suffixes)
            self._say((*path, "device"), f"{device!r} is no device of the layout; expected one of {known}")
        numbers = self._numbers(path, end, count, of_each)
        return [End(device, end.get("entity"), end["type"], number) for number in numbers]

    def _numbers(self, path: Path, end: Options, count: int, of_each: str) -> list[Member]:
        if "number" in end:
            return self._column((*path, "number"), end["number"], count, of_each)
        return [str(name) for name in self._column((*path, "name"), end["name"], count, of_each)]

    def _column(self, path: Path, given: int | str, count: int, of_each: str) -> list[Member]:
        """A value for each of `count`; none, and a problem, where they are not as many."""
        found = self._expanded(path, given)
        if len(found) not in {1, count}:
            expected = f"1 or {count}" if count > 1 else "1"
            self._say(path, f"{given!r} has {len(found)} members; expected {expected}, {of_each}")
            return []
        return list(found) * count if len(found) == 1 else list(found)

    def _expanded(self, path: Path, given: int | str) -> tuple[Member, ...]:
        try:
            return expand(given)
        except InvalidError as error:
            self._say(path, str(error))
            return ()

    def _use(self, path: Path, end: End) -> None:
        other = self._used.setdefault(end, path)
        if other is not path:
            self._say(path, f"{end} is used twice, see {Problem(other, '')}".rstrip(": "))

    # Switches

    def _switch(self, slots: Sequence[Slot]) -> str | None:
        """The one that is named, else the only one that NICs lead to."""
        if not slots or not self._sound(("switch",)):
            return None
        if named := self._document.get("switch"):
            if named not in self._suffixes:
                self._say(("switch",), f"{named!r} is no device of the layout")
            return str(named)
        found = {p.to.device: None for slot in slots for p in slot.ports if p.type == NIC_ETH.name and p.to.device}
        if len(found) != 1:
            one_of = f"one of {', '.join(map(str, found))}" if found else "the device at whose ports the servers are"
            self._say(("switch",), f"missing; expected {one_of}")
            return None
        return next(iter(found))

    def _nics(self, slots: Sequence[Slot], switch: str) -> Iterator[tuple[tuple[str, Member], tuple[Slot, SlotPort]]]:
        """Every port of a switch that leads to a server: that of the slot, and the others of its type."""
        seen: set[Member] = set()
        for slot in slots:
            path: Path = ("switchports", str(slot.switchport))
            if slot.switchport in seen:
                self._say(path, "this switch port is given twice")
                continue
            seen.add(slot.switchport)
            first = next((p for p in slot.ports if (p.to.device, p.to.port) == (switch, slot.switchport)), None)
            if first is None:
                self._say(path, f"none of the server's ports is connected to {switch} {slot.switchport}; expected one")
                continue
            for port in slot.ports:
                if port.to.device and port.to.type == first.to.type:
                    yield (port.to.device, port.to.port), (slot, port)


def own(one: Options) -> Options:
    return {name: one[name] for name in ("ips", "pools", "attributes") if name in one}
