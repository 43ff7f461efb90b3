# SPDX-License-Identifier: BSD-2-Clause
"""Before the quickstart describes its datacenter in a NetBox of the user's: nothing of theirs may bear its names.

Its playbook brings about what it says, whoever made what is there: a pool of the user's own would give other options.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from clusto import NotFoundError, Session
from clusto.drivers import Datacenter

from .errors import LabError

DATACENTER, MARK = "eqix-sv3", "described_by"
# Where NetBox has what a module makes, and the filter by which its name, or what else tells it, finds it.
KEPT = {
    "datacenter": ("dcim/sites", "name", "name"),
    "ip_manager": ("ipam/prefixes", "within_include", "prefix"),
    "name_manager": ("extras/config-contexts", "name", "name"),
    "pool": ("extras/tags", "name", "name"),
    "rack": ("dcim/racks", "name", "name"),
    "rack_layout": ("extras/config-contexts", "name", "name"),
    "server": ("dcim/devices", "name", "name"),
}
MACS = ("dcim/mac-addresses", "mac_address")


class Wish(NamedTuple):
    """Something that will be made, and how NetBox is asked whether it is there."""

    what: str
    endpoint: str
    filter: str
    value: str


def check(session: Session, playbook: Any, *macs: str) -> None:
    """Raise LabError, naming all, where others have made what the playbook would; what it has made itself may be there.

    macs: MAC addresses that will be given besides.
    """
    try:
        if Datacenter.get(DATACENTER, session=session).attrs(key=MARK):
            return
    except NotFoundError:
        pass
    wanted = [*wishes(playbook), *(Wish("MAC address", *MACS, mac) for mac in macs)]
    if taken := [wish for wish in wanted if session.client.list(wish.endpoint, **{wish.filter: wish.value})]:
        names = ", ".join(f"{wish.what} {wish.value}" for wish in taken)
        raise LabError(
            f"the NetBox of NETBOX_API has already, and not from here: {names}. Nothing was changed."
            " Take another NetBox, or none: without NETBOX_API and NETBOX_TOKEN one is installed"
        )


def wishes(playbook: Any) -> Iterator[Wish]:
    """List what the tasks of a playbook make."""
    for task in (task for play in playbook for task in play["tasks"]):
        for module, options in task.items():
            kind = module.removeprefix("clusto.datacenter.")
            if kind in KEPT:
                endpoint, filter_, key = KEPT[kind]
                for item in options.get(f"{kind}s") or [options]:
                    yield Wish(kind.replace("_", " "), endpoint, filter_, item[key])
                    yield from (Wish("MAC address", *MACS, mac) for mac in _macs(item))


def _macs(item: Mapping[str, Any]) -> Iterator[str]:
    return (port["mac"] for port in item.get("ports", ()) if "mac" in port)
