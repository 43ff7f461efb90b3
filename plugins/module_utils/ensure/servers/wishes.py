# SPDX-License-Identifier: BSD-2-Clause
"""What a module's options ask for: one wish for each device, the options beside a list being its items' defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ...core import addresses
from ...core.errors import InvalidError

Option = Mapping[str, Any]
MODES = {"state": "present", "attributes_mode": "merge", "pools_mode": "add", "ips_mode": "add"}
"""The defaults of what neither item nor task says."""
END: Option = {"type": None, "number": None, "name": None}
FAR_END: Option = {**END, "cable": {}}
PORT: Option = {**END, "type": "nic-eth", "mac": None, "connected_to": None}
OWN = {"name", "name_manager", "renamed_from"}
"""What an item of a list does not have from beside the list."""
ADDRESS: Option = {"ip": None, "ip_manager": None, "osport": None, "type": "nic-eth", "number": None}
"""With a number the port of that type and number, which is to bear `osport` as its label."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One device as it should be; what is None stays as it is."""

    type: str
    index: int
    name: str | None = None
    name_manager: str | None = None
    renamed_from: str | None = None
    state: str = "present"
    driver: str | None = None
    datacenter: str | None = None
    rack: str | None = None
    ru: Sequence[int] | None = None
    ports: Sequence[Option] | None = None
    ips: Sequence[Option] | None = None
    ips_mode: str = "add"
    attributes: Mapping[str, Any] | None = None
    attributes_mode: str = "merge"
    pools: Sequence[str] | None = None
    pools_mode: str = "add"
    stays: bool = False
    """Whether it is refused to move it, when it is somewhere else."""
    called: str | None = None
    """How messages call it while it has no name."""

    def __post_init__(self) -> None:
        """Give ports and addresses all their keys."""
        if self.ports is not None:
            object.__setattr__(self, "ports", [filled(port) for port in self.ports])
        if self.ips is not None:
            object.__setattr__(self, "ips", [{**ADDRESS, **ip} for ip in self.ips])

    @property
    def title(self) -> str:
        """What tells it from the others of its list before it has a name."""
        return self.name or self.called or f"{self.name_manager or self.type} #{self.index}"

    @property
    def names(self) -> list[str]:
        """What it may be called as yet."""
        return [name for name in (self.name, self.renamed_from) if name]

    @property
    def label(self) -> str:
        return f"{self.type} {self.title!r}"

    @property
    def macs(self) -> list[str]:
        """The MAC addresses wished for, in canonical form; those that are none left out, they are refused later."""
        return list(canonical(wish["mac"] for wish in self.ports or () if wish["mac"]))

    @property
    def links(self) -> list[Option]:
        """The ports that are to be connected."""
        return [wish for wish in self.ports or () if wish["connected_to"]]

    @property
    def stands(self) -> bool:
        """Whether it is to have rack units, by which a repeat knows it again."""
        return bool(self.rack and self.ru)

    @property
    def present(self) -> bool:
        return self.state == "present"


def filled(port: Option) -> Option:
    to = port.get("connected_to")
    return {**PORT, **port, "connected_to": to and {**FAR_END, **to}}


def canonical(macs: Iterator[str]) -> Iterator[str]:
    for text in macs:
        try:
            yield addresses.mac(text)
        except InvalidError:
            continue


def wishes(type_: str, options: Option, items: Sequence[Option] | None) -> list[Wish]:
    """Make a list of one where no items are given."""
    names = {f.name for f in fields(Wish)} - {"type", "index"}
    task = {name: options[name] for name in names if options.get(name) is not None}
    if items is None:
        return [Wish(type=type_, index=0, **MODES | task)]
    defaults = MODES | {name: value for name, value in task.items() if name not in OWN}
    return [
        Wish(type=item.get("type", type_), index=index, **own(defaults, names, item, options))
        for index, item in enumerate(items)
    ]


def own(defaults: Option, names: set[str], item: Option, options: Option) -> dict[str, Any]:
    given = {name: item[name] for name in names if item.get(name) is not None}
    if given.get("name") is None and given.get("name_manager") is None:
        given["name_manager"] = options.get("name_manager")
    return {**defaults, **given}
