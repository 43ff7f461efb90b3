# SPDX-License-Identifier: BSD-2-Clause
"""What NetBox's change log says has to be read again. Pure: entries in, ids out.

| what changed | what follows |
|---|---|
| a device, a virtual machine | it is read again |
| an interface | what it is part of |
| a MAC or IP address | what has the interfaces that it was and is assigned to, or calls it primary |
| a prefix | it alone |
| a site, location, rack, context … (`LISTS`) | it alone; then all hosts are merged again from what is in memory |
| a tag, if it was not just made | all of `LISTS` and what bore it: NetBox takes it away there without a word |
| a rack that was moved | what is in it: NetBox moves that along without a word |
| site of a location, scope of a cluster | everything: as above, but deeper |
| the name of a role, device type or VRF; a custom field | everything: it stands in many hosts, and is rare |
| a name manager's counter, and nothing else of it | nothing: it changes with each name |
| anything else | nothing: it is nothing that the mirror holds |

NetBox 4.7.3 logs what it deletes along with an object (each interface of a device), and most of what it sets to
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, NamedTuple

from ..core.errors import ClustoError

Action = Literal["create", "update", "delete"]
Data = Mapping[str, Any]

LISTS: Final[Mapping[str, str]] = {
    "extras.configcontext": "contexts",
    "extras.tag": "tags",
    "dcim.region": "regions",
    "dcim.sitegroup": "site_groups",
    "dcim.site": "sites",
    "dcim.location": "locations",
    "dcim.rack": "racks",
    "dcim.devicerole": "roles",
    "dcim.platform": "platforms",
    "tenancy.tenant": "tenants",
    "virtualization.cluster": "clusters",
}
"""Object type -> its list among `records.QUERIES`."""

MANY: Final[Mapping[str, tuple[str, ...]]] = {
    "dcim.devicerole": ("slug",),
    "dcim.devicetype": ("model",),
    "dcim.location": ("site",),
    "virtualization.cluster": ("scope_type", "scope_id"),
    "ipam.vrf": ("name",),
}
"""Object type -> fields that stand in many hosts."""


NEXT: Final = "next"
"""Where the document of a name manager, which is an inactive config context, has its counter."""


class GapError(ClustoError):
    """The change log does not say what changed: everything has to be read again."""


class Change(NamedTuple):
    """One entry of the change log.

    `before` and `after` name related objects by their ids; there is nothing before creation and after deletion.
    """

    id: int
    action: Action
    object_type: str
    object_id: int
    before: Data
    after: Data

    def values(self, name: str) -> set[int]:
        """The ids that a field had before and has after."""
        return {value for data in (self.before, self.after) if (value := data.get(name)) is not None}

    def changed(self, *names: str) -> bool:
        """Whether a field is known to have changed; creation and deletion change no field."""
        return self.action == "update" and any(self.before.get(name) != self.after.get(name) for name in names)

    @property
    def is_count(self) -> bool:
        """Whether a name manager handed out names, and that is all."""
        before, after = self.before.get("data"), self.after.get("data")
        if self.object_type != "extras.configcontext" or not (isinstance(before, dict) and isinstance(after, dict)):
            return False
        counted = NEXT in before and {**before, NEXT: after.get(NEXT)} == after
        return counted and {**self.before, "data": after} == self.after and self.after.get("is_active") is False


@dataclass
class Touched:
    """Ids of what has to be read again."""

    devices: set[int] = field(default_factory=set)
    machines: set[int] = field(default_factory=set)
    ports: set[int] = field(default_factory=set)
    """Interfaces of devices and of virtual machines alike: the log does not tell which, and the two number apart."""
    addresses: set[int] = field(default_factory=set)
    prefixes: set[int] = field(default_factory=set)
    racks: set[int] = field(default_factory=set)
    """Whatever is in these."""
    tags: set[str] = field(default_factory=set)
    """Whatever bears these, by their slugs."""
    lists: dict[str, set[int]] = field(default_factory=dict)
    """Of these lists of `records.QUERIES` these records."""
    all_lists: bool = False

    @classmethod
    def by(cls, changes: Iterable[Change]) -> Touched:
        """Raises GapError when it cannot be told."""
        touched = cls()
        for change in changes:
            if not change.is_count:
                touched.add(change)
        return touched

    def add(self, change: Change) -> None:
        match change.object_type:
            case "dcim.device":
                self.devices.add(change.object_id)
            case "virtualization.virtualmachine":
                self.machines.add(change.object_id)
            case "dcim.interface":
                self.devices |= change.values("device")
            case "virtualization.vminterface":
                self.machines |= change.values("virtual_machine")
            case "dcim.macaddress":
                self.ports |= change.values("assigned_object_id")
            case "ipam.ipaddress":
                self.ports |= change.values("assigned_object_id")
                self.addresses.add(change.object_id)
            case "ipam.prefix":
                self.prefixes.add(change.object_id)
            case "extras.customfield":
                raise GapError(f"custom field {change.object_id} changed")
            case "extras.configcontextprofile":
                self.lists.setdefault("contexts", set())
        self._add_place(change)

    def _add_place(self, change: Change) -> None:
        if change.changed(*MANY.get(change.object_type, ())):
            raise GapError(f"{change.object_type} {change.object_id} was renamed or moved")
        if change.object_type == "extras.tag" and change.action != "create":
            self.all_lists = True
            if change.action == "delete" or change.changed("slug"):
                self.tags.add(change.before.get("slug", ""))
        if change.object_type == "dcim.rack" and change.changed("site", "location"):
            self.racks.add(change.object_id)
        if kind := LISTS.get(change.object_type):
            self.lists.setdefault(kind, set()).add(change.object_id)
