# SPDX-License-Identifier: BSD-2-Clause
"""Devices: servers and all else that stands in racks; virtual machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from ..core import racks
from ..core.errors import InvalidError, NotFoundError
from ..core.merge import Scope
from ..core.ports import Component, PortType
from ..netbox.records import World
from . import registry
from .cables import CABLES
from .documents import FieldDocument, checked
from .entity import Entity
from .host import Host
from .lost_ends import losses, without_cables
from .place import Datacenter, Location, Place, around, place_of, target
from .ports import VM_INTERFACE
from .rack import Rack
from .session import Record, Session

LONGEST_NAME = 64


class Device(Host):
    """A device of any role (the clusto type) and device type (the driver), also one that others made.

    A subclass says which: `_clusto_type` is the role's slug, `_driver_name` the slug of the device type.
    """

    object_type = "dcim.device"
    endpoint = "dcim/devices"
    _clusto_type = "device"
    _named_by_datacenter = True
    _longest_name = LONGEST_NAME
    _owner_field = "device"
    _manufacturer: ClassVar[str] = "clusto"
    """Slug of the manufacturer whose device type is meant, where several have one of that slug."""

    def __init__(  # noqa: PLR0913 - by keyword only, each a property of the device
        self,
        name: str,
        *,
        clusto_type: str | None = None,
        driver: str | None = None,
        datacenter: Datacenter | None = None,
        location: Location | None = None,
        attributes: Mapping[str, Any] | None = None,
        session: Session | None = None,
    ) -> None:
        self._begin(name, session)
        place = around(f"{self._clusto_type} {name!r}", datacenter, location)
        role, model = self._role(clusto_type), self.model(self._session, driver or self._driver_name)
        self._refuse_taken(name, place.datacenter_name if place else None)
        self.record = self._client.create(
            self.endpoint,
            {
                "name": name,
                "role": role["id"],
                "device_type": model["id"],
                "local_context_data": checked(attributes or {}) or None,
                **target(self._session, place),
            },
        )

    def _role(self, clusto_type: str | None) -> Record:
        return self._session.look_up("dcim/device-roles", "slug", clusto_type or self._clusto_type)

    @classmethod
    def model(cls, session: Session, driver: str) -> Record:
        """Find the device type that a driver name (its slug) means; NotFoundError."""
        return cls.model_of(driver, session.client.list("dcim/device-types", slug=driver))

    @classmethod
    def model_of(cls, driver: str, found: Sequence[Record]) -> Record:
        """Find it among the device types of that slug."""
        own = [record for record in found if record["manufacturer"]["slug"] == cls._manufacturer]
        if len(own or found) != 1:
            makers = ", ".join(record["manufacturer"]["name"] for record in found)
            raise NotFoundError(
                f"driver {driver!r}: expected one device type with that slug in NetBox, found "
                + (f"those of {makers}" if makers else "none; clusto.datacenter.bootstrap makes clusto's own")
            )
        return (own or found)[0]

    @classmethod
    def _class_of(cls, record: Record) -> type[Entity]:
        model, role = record["device_type"], record["role"]["slug"]
        return registry.driver_class(cls.object_type, model["slug"], model["model"], role, clusto_type=role)

    @classmethod
    def may_be(cls, type_: str | None) -> bool:
        return type_ is None or not any(k is not cls and type_ in k.clusto_types() for k in registry.kinds())

    @property
    def type(self) -> str:
        return str(self.record["role"]["slug"])

    @property
    def driver(self) -> str:
        return str(self.record["device_type"]["model"])

    @property
    def documents(self) -> FieldDocument:
        return FieldDocument(self._client, self.endpoint, self.id, "local_context_data")

    def scope(self, world: World) -> Scope:
        return world.device(self.record)

    # Place

    @property
    def place(self) -> Place | Rack | None:
        if rack := self.record["rack"]:
            return Rack.from_record(self._session, self._client.get(Rack.endpoint, rack["id"]).record)
        return place_of(self._session, self.record)

    def put(self, place: Entity | None) -> None:
        self.update({**target(self._session, place), "rack": None, "position": None, "face": ""})

    @property
    def height(self) -> float:
        """In rack units; 0 for what takes none."""
        return float(self._session.by_id("dcim/device-types", self.record["device_type"]["id"])["u_height"])

    @property
    def position(self) -> float | None:
        """The lowest of its rack units; NetBox has halves."""
        return self.record["position"] and float(self.record["position"])

    @property
    def face(self) -> str:
        """`front` or `rear` of the rack; empty when it has no position."""
        return str((self.record["face"] or {}).get("value", ""))

    @property
    def units(self) -> racks.Units:
        """Lowest first; none when it has no position."""
        return racks.units_of(self.position, self.height) if self.position else ()

    @property
    def occupant(self) -> racks.Occupant:
        """What rack layouts know it by."""
        return racks.Occupant(self.name, self.id)

    def losses(self) -> list[str]:
        return [*super().losses(), *losses(self._client.list(CABLES, device_id=self.id), self.id)]

    def _delete(self) -> None:
        with without_cables(self._client, {self.id}):
            super()._delete()

    def describe(self) -> dict[str, Any]:
        described = super().describe()
        rack = self.record["rack"]
        return {**described, "rack": rack["name"] if rack else None, "units": list(self.units)}


class Server(Device):
    """The base of all server drivers; with `driver` one of any device type."""

    _clusto_type = "server"

    @classmethod
    def model(cls, session: Session, driver: str) -> Record:
        if driver == Server._driver_name:
            raise InvalidError("a Server needs a driver: give one, or use a class of its own such as BasicServer")
        return super().model(session, driver)


class BasicServer(Server):
    """1 unit; nic-eth 1 and 2 are `eth0` and `eth1`; 1 pwr-nema-5, 1 console-serial."""

    _port_names: ClassVar = {"nic-eth": ("eth", 0)}


class PenguinServer(BasicServer):
    pass


class PenguinServer2U(PenguinServer):
    """2 units, 2 pwr-nema-5."""


class VirtualMachine(Host):
    """A virtual machine that others made. Its clusto type is its role, if it has one."""

    object_type = "virtualization.virtualmachine"
    endpoint = "virtualization/virtual-machines"
    _clusto_type = "virtualmachine"
    _longest_name = LONGEST_NAME
    _owner_field = "virtual_machine"

    @classmethod
    def may_be(cls, type_: str | None) -> bool:
        return Device.may_be(type_) or type_ == cls._clusto_type

    @classmethod
    def _class_of(cls, record: Record) -> type[Entity]:
        return registry.driver_class(cls.object_type, (record["role"] or {}).get("slug", ""))

    @property
    def type(self) -> str:
        role = self.record["role"]
        return str(role["slug"]) if role else self._clusto_type

    @property
    def documents(self) -> FieldDocument:
        return FieldDocument(self._client, self.endpoint, self.id, "local_context_data")

    def scope(self, world: World) -> Scope:
        return world.virtual_machine(self.record)

    def _components(self, port_type: PortType) -> tuple[str, ...]:
        return (VM_INTERFACE,) if Component.INTERFACE in port_type.components else ()

    @property
    def place(self) -> Place | None:
        return place_of(self._session, {"location": None, **self.record})
