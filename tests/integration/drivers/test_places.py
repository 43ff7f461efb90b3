# SPDX-License-Identifier: BSD-2-Clause
"""Datacenters and locations: an entity is in one place at a time, and inherits from where it is."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clusto.core.errors import ConflictError, ExistsError, InvalidError, RefusedError
from clusto.core.merge import Weight
from clusto.drivers import BasicServer, Cage, Datacenter, IPManager, Location, Rack, Row, Session, Zone
from clusto.drivers.contexts import own_context

Unique = Callable[[str], str]


def config_context(session: Session, server: BasicServer) -> object:
    """Ask NetBox to render anew: what it rendered ahead does not follow a rack that moves (NetBox 4.7.3)."""
    server.set_attr("touched", 1)
    server.del_attrs("touched")
    return session.client.get("dcim/devices", server.id).record["config_context"]


def test_what_moves_takes_along_what_is_in_it(
    session: Session, unique: Unique, datacenter: Datacenter, server: BasicServer
) -> None:
    datacenter.set_attr("ntp", "dc")
    cage = Cage(unique("cage"), datacenter=datacenter, attributes={"ntp": "cage"})
    row = Row(unique("row"), parent=cage, attributes={"row": 1})
    rack = Rack(unique("rack"))
    rack.insert(server, 7)
    assert (rack.place, rack.parents()) == (None, [])
    row.insert(rack)
    server.refresh()
    assert server.places() == [rack, row, cage, datacenter]
    assert all(server in place for place in (rack, row, cage, datacenter))
    assert rack in cage
    assert cage not in row
    assert server not in Datacenter(unique("elsewhere"))
    assert rack.name not in datacenter
    assert server.merged() == config_context(session, server) == {"ntp": "cage", "row": 1}
    assert datacenter.contents() == [cage]
    assert datacenter.contents(search_children=True) == [cage, row, rack, server]
    datacenter.insert(rack, move=True)
    server.refresh()
    assert server.places() == [rack, datacenter]
    assert server.merged() == config_context(session, server) == {"ntp": "dc"}
    datacenter.remove(rack)
    server.refresh()
    assert (rack.place, server.datacenter_name) == (None, None)
    assert server.merged() == config_context(session, server) == {}


def test_location_moves_with_all_in_it(session: Session, unique: Unique, datacenter: Datacenter) -> None:
    other = Datacenter(unique("other"), attributes={"site": "other"})
    zone = Zone(unique("zone"), datacenter=datacenter)
    row = Row(unique("row"), datacenter=datacenter, attributes={"row": 1})
    server = BasicServer(unique("ex"), location=row)
    zone.insert(row)
    context = own_context(session, "locations", row.id)
    assert context
    assert context["weight"] == Weight.location(1)
    with pytest.raises(ConflictError, match=f"is in location {zone.name!r}, not in datacenter {other.name!r}: move it"):
        other.insert(row)
    other.insert(row, move=True)
    server.refresh()
    assert server.places() == [row, other]
    assert server.merged() == config_context(session, server) == {"row": 1, "site": "other"}
    context = own_context(session, "locations", row.id)
    assert context
    assert context["weight"] == Weight.location(0)
    zone.insert(row, move=True)
    server.refresh()
    assert server.places() == [row, zone, datacenter]
    Row(row.name, datacenter=other)
    with pytest.raises(ExistsError, match=f"{row.reference} has a namesake there"):
        other.insert(row, move=True)
    server.refresh()
    assert (row.place, server.places()) == (zone, [row, zone, datacenter])
    context = own_context(session, "locations", row.id)
    assert context
    assert context["weight"] == Weight.location(1)


def test_location_cannot_go_into_itself(unique: Unique, datacenter: Datacenter) -> None:
    outer = Zone(unique("outer"), datacenter=datacenter, attributes={"a": 1})
    inner = Zone(unique("inner"), parent=outer)
    with pytest.raises(ConflictError, match="inside itself"):
        inner.insert(outer, move=True)
    assert outer.place == datacenter
    assert outer.merged() == {"a": 1}


def test_being_elsewhere_is_a_conflict(unique: Unique, datacenter: Datacenter) -> None:
    other, rack = Datacenter(unique("other")), Rack(unique("rack"), datacenter=datacenter)
    datacenter.insert(rack)
    with pytest.raises(ConflictError, match=f"is in datacenter {datacenter.name!r}, not in datacenter {other.name!r}"):
        other.insert(rack)
    with pytest.raises(ConflictError, match="is not directly in"):
        other.remove(rack)
    cage = Cage(unique("cage"), datacenter=other)
    with pytest.raises(InvalidError, match=f"{cage.name!r} is not in datacenter {datacenter.name!r}"):
        Rack(unique("second"), datacenter=datacenter, location=cage)


def test_rack_deeper_inside_stays_there(unique: Unique, datacenter: Datacenter) -> None:
    cage = Cage(unique("cage"), datacenter=datacenter)
    rack = Rack(unique("rack"), location=cage)
    datacenter.insert(rack)
    assert rack.place == cage


def test_ip_manager_has_a_place_and_inherits(unique: Unique, datacenter: Datacenter, manager: IPManager) -> None:
    datacenter.set_attr("dns", "192.0.2.53")
    datacenter.insert(manager)
    assert manager.place == datacenter
    assert manager.merged() == {"dns": "192.0.2.53"}
    assert datacenter.contents() == [manager]
    cage = Cage(unique("cage"), datacenter=datacenter)
    cage.insert(manager)
    assert manager.describe()["locations"] == [cage.name]
    datacenter.insert(manager, move=True)
    datacenter.remove(manager)
    assert manager.place is None


def test_what_is_no_place_takes_nothing(unique: Unique, datacenter: Datacenter) -> None:
    with pytest.raises(InvalidError, match=datacenter.name):
        Location(unique("cage")).insert(datacenter)


def test_names_and_slugs(unique: Unique, datacenter: Datacenter) -> None:
    with pytest.raises(ExistsError, match=datacenter.url):
        Datacenter(datacenter.name)
    clashing = Datacenter(datacenter.name.upper())
    assert clashing.record["slug"] != datacenter.record["slug"]
    assert Datacenter(unique("東京")).name == unique("東京")
    Cage("cage", datacenter=datacenter)
    Cage("cage", datacenter=clashing)
    with pytest.raises(ExistsError, match=datacenter.name):
        Zone("cage", datacenter=datacenter)
    with pytest.raises(InvalidError, match="expected printable text"):
        Datacenter(" blank")
    with pytest.raises(InvalidError, match="100 at most"):
        Datacenter("x" * 101)


def test_rename_renames_the_context_too(session: Session, unique: Unique, datacenter: Datacenter) -> None:
    datacenter.set_attr("a", 1)
    with pytest.raises(ExistsError):
        datacenter.rename(Datacenter(unique("taken")).name)
    datacenter.rename(unique("renamed"))
    context = own_context(session, "sites", datacenter.id)
    assert context
    assert context["name"] == f"datacenter:{unique('renamed')}"
    assert Datacenter.get(unique("renamed")).document == {"a": 1}


def test_delete_leaves_no_context_behind(session: Session, unique: Unique, datacenter: Datacenter) -> None:
    cage = Cage(unique("cage"), datacenter=datacenter, attributes={"a": 1})
    datacenter.set_attr("a", 1)
    with pytest.raises(ConflictError, match=f"in it are location {cage.name!r}"):
        datacenter.delete()
    cage.delete()
    datacenter.delete()
    for place in (cage, datacenter):
        assert session.client.list("extras/config-contexts", name__ic=place.name) == []


def test_delete_that_netbox_refuses_changes_nothing(session: Session, datacenter: Datacenter) -> None:
    datacenter.set_attr("a", 1)
    panel = session.client.create("dcim/power-panels", {"site": datacenter.id, "name": "panel"})
    with pytest.raises(RefusedError, match="panel"):
        datacenter.delete()
    assert datacenter.document == {"a": 1}
    session.client.delete("dcim/power-panels", panel["id"])
    datacenter.delete()
