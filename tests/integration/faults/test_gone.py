# SPDX-License-Identifier: BSD-2-Clause
"""Objects deleted behind a task's back, between its reading and its writing.

It says what is gone and leaves nothing half made; its second run does what can still be done, or says the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from clusto.drivers import BasicServer, Datacenter, Entity, IPManager, Pool, Rack, Session, connect
from clusto.netbox.client import Client

from ..modules.conftest import Modules
from ..proxy import Proxy, first

Unique = Callable[[str], str]


@dataclass(frozen=True)
class Case:
    """A task on entity `{it}`, before whose first such request the object goes that `gone` finds by the name `{it}`."""

    it: type[Entity]
    module: str
    options: dict[str, Any]
    request: tuple[str, str]
    gone: tuple[str, str]
    told: str | None
    """What the first run says; None if it completes."""
    again: str | None = "there is nothing named '{it}'"
    """What the second run says; None if it completes."""
    properties: dict[str, Any] = field(default_factory=dict)


SET = {"entity": "{it}", "key": "tier", "value": "gold"}
NEW = {"name": "{new}", "driver": "basicserver"}
DEVICES, RACKS, CONTEXTS = "dcim/devices", "dcim/racks", "extras/config-contexts"
CASES = {
    "a server that gets an attribute": Case(
        BasicServer, "attribute", SET, ("PATCH", DEVICES), (DEVICES, "name"), "server '{it}' is no longer in NetBox"
    ),
    "the config context of a datacenter": Case(
        Datacenter,
        "attribute",
        SET,
        ("PATCH", CONTEXTS),
        (CONTEXTS, "q"),
        told=None,
        again=None,
        properties={"attributes": {"tier": "bronze"}},
    ),
    "the rack of a new server": Case(
        Rack,
        "server",
        {**NEW, "rack": "{it}", "ru": 3},
        ("POST", DEVICES),
        (RACKS, "name"),
        "there is no rack '{it}'",
        "'{it}'",
    ),
    "the tag of a pool": Case(
        Pool,
        "server",
        {**NEW, "pools": ["{it}"]},
        ("POST", DEVICES),
        ("extras/tags", "name"),
        "there is no pool '{it}'",
        "'{it}'",
    ),
    "a rack that changes": Case(
        Rack, "rack", {"name": "{it}", "max_u": 9}, ("PATCH", RACKS), (RACKS, "name"), "rack '{it}' is no longer", None
    ),
    "a server that gets an address": Case(
        BasicServer,
        "ip_binding",
        {"entity": "{it}", "ip_manager": "{net}", "osport": "eth0"},
        ("POST", "ipam"),
        (DEVICES, "name"),
        "it has been deleted since it was looked up",
    ),
    "the subnet of an address": Case(
        IPManager,
        "ip_binding",
        {"entity": "{ex}", "ip_manager": "{it}", "osport": "vlan7"},
        ("POST", "ipam"),
        ("ipam/prefixes", "cf_clusto_name"),
        told=None,  # as if it had been deleted right afterwards: NetBox keeps the address
    ),
    "a server that is to go": Case(
        BasicServer,
        "server",
        {"name": "{it}", "state": "absent"},
        ("DELETE", DEVICES),
        (DEVICES, "name"),
        told=None,
        again=None,
    ),
}


@pytest.fixture(scope="module")
def session(netbox_server: Any) -> Any:
    with connect(netbox_server.api_url, netbox_server.token) as session:
        yield session


@pytest.fixture(scope="module")
def names(session: Session) -> dict[str, str]:
    """What the tasks need besides: a server and an IP manager."""
    with_id = {"ex": f"ex-gone-{id(session):x}", "net": f"net-gone-{id(session):x}"}
    BasicServer(with_id["ex"])
    IPManager(with_id["net"], prefix=f"100.103.{id(session) // 16 % 256}.0/26")
    return with_id


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_gone(  # noqa: PLR0913, PLR0917 - fixtures
    case: Case,
    session: Session,
    names: dict[str, str],
    proxy: Proxy,
    through: Modules,
    unique: Unique,
    request: pytest.FixtureRequest,
) -> None:
    here = {**names, "it": unique("it"), "new": unique("new")}
    more = {"prefix": f"100.104.{int(here['it'][-2:], 16)}.0/26"} if case.it is IPManager else case.properties
    case.it(here["it"], session=session, **more)

    def filled(value: Any) -> Any:
        """The options with the names in them."""
        if isinstance(value, list):
            return [filled(one) for one in value]
        return value.format(**here) if isinstance(value, str) else value

    options = {key: filled(value) for key, value in case.options.items()}
    if case.it is Pool:  # without its tag its context holds for every device, those of other tests too
        [context] = session.client.list(CONTEXTS, name=here["it"])
        request.addfinalizer(lambda: session.client.delete(CONTEXTS, context["id"]))
    proxy.on(first(lambda: take_away(session.client, *case.gone, here["it"])), *case.request)
    told = through.run(case.module, **options)
    assert proxy.waiting == 0
    assert says(told, case.told and case.told.format(**here)), told.get("msg")
    assert session.client.list(DEVICES, name=here["new"]) == []
    again = through.run(case.module, **options)
    assert says(again, case.again and case.again.format(**here)), again.get("msg")


def says(answer: dict[str, Any], text: str | None) -> bool:
    return "msg" not in answer if text is None else text in answer.get("msg", "")


def take_away(client: Client, endpoint: str, field: str, name: str) -> None:
    """What somebody else does meanwhile."""
    [record] = client.list(endpoint, **{field: name})
    client.delete(endpoint, record["id"])
