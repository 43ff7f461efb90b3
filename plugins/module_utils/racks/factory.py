# SPDX-License-Identifier: BSD-2-Clause
"""What builds the racks of a layout, and puts servers into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, ClassVar, cast

from ..core import layouts
from ..core.errors import InvalidError, NotFoundError
from ..core.layout_reading import parse
from ..core.layouts import Layout, Slot, SlotPort
from ..core.sequences import Member
from ..drivers import Device, Rack, RackLayout, Server, Session, registry
from ..drivers.racklayout import heights, named_by
from ..drivers.session import current
from ..ensure.task import Outcome, perform
from .addresses import resolve
from .arrivals import Arrival, Guest
from .wishes import SERVER, Options, Resolve, Wishes

_FACTORIES: dict[str, type[RackFactory]] = {}
"""Users' classes, by the layout that they are for."""


class RackFactory:
    """Builds one rack as its layout says.

    Everything may be run again at any time: it completes what is missing, and refuses, changing nothing, what
    contradicts.

    A subclass that says which `layout` it is for stands in for this class in all racks of that layout. It may give the
    document itself, and change what becomes of single devices and servers.
    """

    layout: ClassVar[str] = ""
    """The name of the layout that a subclass is for."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if name := cls.__dict__.get("layout"):
            known = _FACTORIES.setdefault(name, cls)
            if (known.__module__, known.__qualname__) != (cls.__module__, cls.__qualname__):
                both = f"{known.__module__}.{known.__qualname__} and {cls.__module__}.{cls.__qualname__}"
                raise InvalidError(f"layout {name!r} is that of two factories, {both}; expected one")
            _FACTORIES[name] = cls

    def __init__(
        self, rack: Rack, layout: str | None = None, *, session: Session | None = None, resolve: Resolve = resolve
    ) -> None:
        """layout: its name, where it is not the class's. resolve: the addresses that DNS has for a name."""
        self.rack = rack
        self.session = session or current()
        self.layout_name = layout or self.layout or self._look_up()
        self._resolve = resolve

    def _look_up(self) -> str:
        self.rack.refresh()
        return layout_of(self.rack, self.session)

    # What a subclass may say otherwise

    def document(self) -> Mapping[str, Any]:
        """Give the layout's document; NotFoundError when NetBox has none."""
        try:
            return RackLayout.get(self.layout_name, session=self.session).layout
        except NotFoundError as exc:
            raise NotFoundError(
                f"{self.rack.label} has the layout {self.layout_name!r}, of which there is neither document nor class"
            ) from exc

    def device(self, device: layouts.Device) -> Options:
        """Give what a device of the rack is to be like, as the options of module `device`."""
        return self.wishes.device(device)

    def server(self, guest: Guest) -> Options:
        """Give what a server is to be like, as the options of module `server`."""
        return self.wishes.server(guest)

    # What it says

    @cached_property
    def parsed(self) -> Layout:
        """The layout; InvalidError, with all that is wrong, for a document that says nothing sensible."""
        document = self.document()
        return parse(self.layout_name, document, heights(self.session, document))

    @cached_property
    def wishes(self) -> Wishes:
        return Wishes(self.rack, self.parsed, self._resolve)

    def slot(self, switchport: Member, switch: str | None = None) -> tuple[Slot, SlotPort]:
        """Find the place of the server at a switch port, and which of its ports leads there; NotFoundError."""
        found: tuple[Slot, SlotPort] = self._task().slot(switchport, switch)
        return found

    def get_driver(self, switchport: Member, switch: str | None = None) -> type[Server]:
        """Find the class of what is plugged in there, for `SimpleEntityNameManager.allocate`."""
        driver = self.slot(switchport, switch)[0].driver
        found = registry.drivers(Device.object_type, SERVER).get(driver)
        if found is None:  # a device type needs no class, but whoever makes a server needs one
            found = cast("type[Server]", type(driver, (Server,), {"_driver_name": driver}))
        return cast("type[Server]", found)

    # What it does

    def build(
        self, servers: Iterable[Arrival] = (), *, devices: bool = True, rehearse: bool = False, describe: bool = True
    ) -> Outcome:
        """Bring about the devices of the rack, their cables and some servers, all together or nothing.

        describe: whether the result has `entities`, for which all that was written is read again.
        """
        return perform(self._task(servers, with_devices=devices, describe=describe), rehearse=rehearse)

    def connect_ports(self) -> None:
        """Make the devices that every rack of the layout has, put them into it, and connect them."""
        self.build(describe=False)

    def add_server(self, server: Server | str, switchport: Member, **more: Any) -> Server:
        """Put a server, by entity or name, where its switch port belongs, and cable it; more: see `Arrival`."""
        name = server if isinstance(server, str) else server.name
        return self.add_servers([Arrival(name=name, switchport=switchport, **more)])[0]

    def add_servers(self, servers: Iterable[Arrival]) -> list[Server]:
        """Do the same for many at once, all of them or none; they may be new. The rack's devices must be there.

        BatchError tells which of them are refused, by their places in the list.
        """
        task = self._task(servers, with_devices=False, describe=False)
        perform(task)
        found: list[Server] = task.servers()
        return found

    def _task(self, servers: Iterable[Arrival] = (), **how: bool) -> Any:
        """Make a BuildRack. It is imported by name, for what is imported here Ansible packs with every module."""
        build = import_module(".build", __package__)
        return build.BuildRack(session=self.session, factory=self, arrivals=list(servers), **how)


def get_factory(rack: Rack | str, *, session: Session | None = None) -> RackFactory:
    """Find the factory of a rack: its attribute `racklayout` (or `rackfactory`) names the layout.

    NotFoundError, AmbiguousError for the rack; NotFoundError when it has no layout.
    """
    session = session or current()
    if isinstance(rack, str):
        return factory_of(Rack.get(rack, session=session), session)
    rack.refresh()
    return factory_of(rack, session)


def factory_of(rack: Rack, session: Session) -> RackFactory:
    """The same of a rack that was read just now."""
    name = layout_of(rack, session)
    return _FACTORIES.get(name, RackFactory)(rack, name, session=session)


def layout_of(rack: Rack, session: Session) -> str:
    name = named_by(rack.merged_in(session.world()), rack.label)
    if name is None:
        raise NotFoundError(
            f"{rack.label} has no layout; expected the attribute racklayout, at the rack or what it is in"
        )
    return name
