# SPDX-License-Identifier: BSD-2-Clause
"""Defining a class is all that registers a driver."""

from __future__ import annotations

import pytest

from clusto.core.errors import InvalidError
from clusto.drivers import BasicServer, Cage, Datacenter, Device, Entity, PenguinServer2U, Server, registry


def test_driver_name_is_the_class_name_unless_it_is_given() -> None:
    class UnitTestDatacenter(Datacenter):
        pass

    class Another(Datacenter):
        _driver_name = "unit-test-named"

    assert registry.driver_class("dcim.site", "unittestdatacenter") is UnitTestDatacenter
    assert registry.driver_class("dcim.site", "unit-test-named") is Another


def test_two_classes_of_one_driver_name_are_refused() -> None:
    with pytest.raises(InvalidError, match=r"'basicserver'.*Impostor in .*BasicServer in .*device\.py already"):

        class Impostor(Server):
            _driver_name = BasicServer.__name__.lower()


def test_class_may_be_defined_again() -> None:
    def define() -> type[Datacenter]:
        class Repeated(Datacenter):
            _driver_name = "unit-test-repeated"

        return Repeated

    define()
    again = define()
    assert registry.driver_class("dcim.site", "unit-test-repeated") is again


@pytest.mark.parametrize(
    ("names", "cls"),
    [
        (("penguinserver2u", "PenguinServer2U", "server"), PenguinServer2U),
        (("r640", "PowerEdge R640", "server"), Server),
        (("c9300", "C9300-48P", "access-switch"), Device),
    ],
)
def test_device_of_others_is_of_the_class_of_its_type(names: tuple[str, ...], cls: type[Device]) -> None:
    assert registry.driver_class("dcim.device", *names) is cls


def test_two_clusto_types_may_have_drivers_of_one_name() -> None:
    class TwinServer(Server):
        _driver_name = "unit-test-twin"

    class TwinSwitch(Device):
        _clusto_type = "networkswitch"
        _driver_name = "unit-test-twin"

    def of(role: str) -> type[Entity]:
        return registry.driver_class("dcim.device", "unit-test-twin", role, clusto_type=role)

    assert (of("server"), of("networkswitch")) == (TwinServer, TwinSwitch)
    assert of("some-role-of-others") is TwinServer, "of no such type: the first that was defined"
    assert registry.drivers("dcim.device", "networkswitch")["unit-test-twin"] is TwinSwitch
    assert registry.drivers("dcim.device", "server")["unit-test-twin"] is TwinServer


def test_device_of_a_type_that_has_no_driver_of_that_name_is_of_its_role() -> None:
    class SwitchAlone(Device):
        _clusto_type = "networkswitch"
        _driver_name = "unit-test-alone"

    assert registry.driver_class("dcim.device", "unit-test-alone", "server", clusto_type="server") is Server
    assert registry.driver_class("dcim.device", "unit-test-alone", clusto_type="leaf") is SwitchAlone


def test_location_driver() -> None:
    assert registry.driver_class("dcim.location", "cage") is Cage


def test_object_type_without_entities() -> None:
    with pytest.raises(InvalidError, match=r"dcim\.cable"):
        registry.kind("dcim.cable")
