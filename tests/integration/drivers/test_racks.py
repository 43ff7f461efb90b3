# SPDX-License-Identifier: BSD-2-Clause
"""Racks: which units a device may take, and one place at a time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from clusto.core.errors import ConflictError, ExistsError, InvalidError
from clusto.drivers import APCRack, BasicServer, Datacenter, PenguinServer2U, Rack

Unique = Callable[[str], str]


def test_devices_in_units(unique: Unique, datacenter: Datacenter, server: BasicServer) -> None:
    rack, wide = APCRack(unique("rack"), datacenter=datacenter), PenguinServer2U(unique("wide"))
    rack.insert(server, 3)
    rack.insert(wide, [11, 10])
    assert (server.units, wide.units) == ((3,), (10, 11))
    assert rack.get_device_in(11) == wide
    assert rack.get_device_in(4) is None
    assert Rack.get_rack_and_u(wide) == (rack, [10, 11])
    assert set(rack.contents()) == {server, wide}
    assert wide.parents(search_parents=True) == [rack, datacenter]
    rack.insert(wide, [11, 12])  # over the unit that it has
    assert rack.describe()["devices"] == [
        {"name": server.name, "type": "server", "units": [3]},
        {"name": wide.name, "type": "server", "units": [11, 12]},
    ]
    rack.remove(wide)
    assert (Rack.get_rack_and_u(wide), wide.place, rack.get_device_in(11)) == (None, datacenter, None)


def test_units_that_a_device_cannot_take(unique: Unique, server: BasicServer) -> None:
    rack, wide = Rack(unique("rack"), min_u=5, max_u=20), PenguinServer2U(unique("wide"))
    assert (rack.min_u, rack.max_u) == (5, 20)
    rack.insert(server, 7)
    for units, error, message in (
        ([7, 8], ConflictError, f"{rack.name}.*unit 7 is occupied by {server.name}"),
        ([8, 10], InvalidError, "not adjacent"),
        ([8, 9, 10], InvalidError, "2 units high"),
        (20, InvalidError, "unit 21 is outside the rack; expected 5 to 20"),
        ([4, 5], InvalidError, "unit 4 is outside"),
        ([], InvalidError, "2 units high"),
        (None, InvalidError, "2 units high"),
    ):
        with pytest.raises(error, match=message):
            rack.insert(wide, units)
    with pytest.raises(InvalidError, match="has no unit 4; expected 5 to 20"):
        rack.get_device_in(4)
    wide.refresh()
    assert wide.place is None


def test_device_is_in_one_rack(unique: Unique, datacenter: Datacenter, server: BasicServer) -> None:
    one, other = Rack(unique("one")), Rack(unique("other"), datacenter=datacenter)
    one.insert(server, 1)
    with pytest.raises(ConflictError, match=f"is in rack {one.name!r}, not in rack {other.name!r}: move it"):
        other.insert(server, 1)
    with pytest.raises(ConflictError, match="is not directly in"):
        other.remove(server)
    other.insert(server, 2, move=True)
    assert (server.place, server.datacenter_name) == (other, datacenter.name)
    elsewhere = BasicServer(unique("elsewhere"), datacenter=Datacenter(unique("second")))
    with pytest.raises(ConflictError, match="is in datacenter"):
        other.insert(elsewhere, 9)


def test_bounds(unique: Unique, server: BasicServer) -> None:
    rack = Rack(unique("rack"), max_u=10)
    rack.insert(server, 10)
    with pytest.raises(ConflictError, match=f"unit 10 is occupied by {server.name}"):
        rack.resize(1, 9)
    rack.resize(2, 12)
    assert (Rack.get(rack.name).min_u, Rack.get(rack.name).max_u) == (2, 12)
    for low, high in ((0, 5), (5, 4), (1, 101)):
        with pytest.raises(InvalidError, match="units"):
            Rack(unique("impossible"), min_u=low, max_u=high)


def test_names_are_taken_once_in_a_datacenter(unique: Unique, datacenter: Datacenter) -> None:
    other, name = Datacenter(unique("other")), unique("001")
    rack = Rack(name, datacenter=datacenter)
    with pytest.raises(ExistsError, match=f"{name}.*{datacenter.name}"):
        Rack(name, datacenter=datacenter)
    with pytest.raises(ExistsError):
        Rack(name)
    second = Rack(name, datacenter=other)
    assert (Rack.get(f"{datacenter.name}/{name}"), Rack.get(f"{other.name}/{name}")) == (rack, second)


def test_rack_with_devices_is_not_deleted(unique: Unique, server: BasicServer) -> None:
    rack = Rack(unique("rack"))
    rack.insert(server, 1)
    with pytest.raises(ConflictError, match=f"in it stand {server.name}"):
        rack.delete(cascade=True)
    rack.remove(server)
    rack.delete()
