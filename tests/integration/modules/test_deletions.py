# SPDX-License-Identifier: BSD-2-Clause
"""What goes, or comes loose, with what is deleted is told before it is; what is not there needs no deleting."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import pytest

from clusto.core.errors import RefusedError
from clusto.drivers import BasicServer, Session
from clusto.netbox.client import Client

from .conftest import Modules

Unique = Callable[[str], str]


class WithoutGraphQL(Client):
    """The client of a NetBox that has it switched off."""

    def graphql(self, query: str, variables: Mapping[str, Any] | None = None) -> NoReturn:
        raise RefusedError(f"{query[:20]}… {variables}: GraphQL is switched off in this NetBox (GRAPHQL_ENABLED)", "")


def test_a_server_and_what_it_leaves_behind(modules: Modules, client: Client, unique: Unique) -> None:
    session = Session(client)
    server, other, rack, dc = (unique(stem) for stem in ("ex", "mate", "rack", "dc"))
    modules.run("datacenter", name=dc, attributes={"a": 1})
    modules.run("rack", name=rack, datacenter=dc)
    BasicServer(server, session=session)
    mate = BasicServer(other, session=session)
    modules.run("connection", a={"entity": server, "number": 1}, b={"entity": other, "number": 1})
    one = session.get_by_name(server)
    mate.set_port_attr("nic-eth", 2, "uplink", one)
    for entity in (f"rack:{rack}", f"datacenter:{dc}"):
        modules.run("attribute", entity=entity, key="served-by", relation=server)
    [told] = modules.run("entity_info", entity=server, consequences=True)["entities"]
    pointing, cables = told["consequences"]["losses"]
    mentions = (
        f"served-by of rack '{rack}'",
        f"served-by of datacenter '{dc}'",
        f"uplink of {other}, nic-eth 'eth1'",
    )
    assert pointing.startswith("these attributes would point at nothing: ")
    assert all(mention in pointing for mention in mentions)
    assert cables == f"its cables would be taken away: to {other}, nic-eth 'eth0'"
    with WithoutGraphQL(client.settings) as other_client:
        assert sorted(map(str, Session(other_client).mentions(one))) == sorted(mentions)
    gone = modules.run("server", name=server, state="absent")
    assert gone["consequences"] == gone["diff"]["before"]["consequences"] == told["consequences"]
    assert mate.port_free("nic-eth", 1)


def test_what_netbox_deletes_along(modules: Modules, client: Client, unique: Unique) -> None:
    dc = unique("dc")
    modules.run("datacenter", name=dc)
    [site] = client.list("dcim/sites", name=dc)
    net = f"100.{site['id'] % 64 + 64}.{site['id'] // 64 % 256}.0/24"
    client.create("ipam/prefixes", {"prefix": net, "scope_type": "dcim.site", "scope_id": site["id"]})
    told = modules.run("datacenter", name=dc, state="absent", check=True)["consequences"]
    assert told == {"obstacles": [], "losses": [f"these prefixes would be deleted with it: {net}"]}
    rack = unique("rack")
    modules.run("rack", name=rack, datacenter=dc)
    assert f"in it are rack '{rack}'" in modules.refuse("datacenter", name=dc, state="absent")
    modules.run("rack", name=rack, datacenter=dc, state="absent")
    assert modules.run("datacenter", name=dc, state="absent")["consequences"] == told
    assert client.list("ipam/prefixes", prefix=net) == []


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("datacenter", {}),
        ("location", {"parent": "no-such"}),
        ("rack", {"datacenter": "no-such", "location": "no-such"}),
        ("pool", {"members": ["no-such"]}),
        ("ip_manager", {"prefix": "100.127.255.0/30"}),
        ("name_manager", {"digits": 3}),
        ("server", {"rack": "no-such", "pools": ["no-such"]}),
        ("device", {"type": "networkswitch"}),
    ],
)
def test_what_is_not_there(modules: Modules, unique: Unique, module: str, options: dict[str, object]) -> None:
    answer = modules.run(module, name=unique("gone"), state="absent", **options)
    assert (answer["changed"], answer["diff"]["before"], answer.get("entity")) == (False, {}, None), answer
    assert "consequences" not in answer


def test_attributes_of_what_is_not_there(modules: Modules, unique: Unique) -> None:
    gone, pool = unique("gone"), unique("pool")
    modules.run("pool", name=pool, attributes={"a": 1})
    assert modules.do("attribute", entity=gone, key="a", state="absent")["changed"] is False
    items = [{"entity": gone, "key": "a", "state": "absent"}, {"entity": pool, "key": "a", "state": "absent"}]
    assert modules.do("attribute", attributes=items)["diff"]["after"] == {f"pool:{pool}": {}}
    assert f"there is nothing named '{gone}'" in modules.refuse("attribute", entity=gone, key="a", value=1)
