# SPDX-License-Identifier: BSD-2-Clause
"""Which MAC addresses ports are to bear, and where their cables are to lead. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property

from ...core import addresses
from ...core.errors import ClustoError, ConflictError, InvalidError
from ...drivers import Device
from ...drivers.cables import check_connectable, check_fitting
from ...drivers.ports import Port, bearable_of
from ...drivers.session import Record
from ..task import State
from .claims import Claims
from .ground import Ground
from .targets import Link, Mac, Target
from .wishes import Option, Wish


class Ports:
    """Of one list: a MAC address that one item gives up is free for another, and cables may join two of them."""

    def __init__(self, ground: Ground, targets: Mapping[int, Target], claims: Claims) -> None:
        self._ground = ground
        self._targets = targets
        self._claims = claims
        self._ends: dict[str, str] = {}
        """Port -> the port that it is to be connected to."""
        self._told: set[frozenset[str]] = set()
        """The cables that are to be made: each may be told of at both ends."""

    def now(self, target: Target) -> State:
        """What the ports that are named bear, and lead to."""
        if not target.wish.present:
            return {}
        named = [(wish, self._port(target, wish)) for wish in target.wish.ports or ()]
        macs = {port.name: port.mac for wish, port in named if wish["mac"]}
        links = {port.name: next((p.title for p in port.peers()), None) for wish, port in named if wish["connected_to"]}
        return {**({"macs": macs} if macs else {}), **({"connections": links} if links else {})}

    def _port(self, target: Target, wish: Option) -> Port:
        return target.device.port(wish["type"], wish["name"] or wish["number"])

    def with_macs(self, target: Target) -> State:
        macs: dict[str, str] = {}
        for wish in target.wish.ports or ():
            if not wish["mac"]:
                continue
            mac, port = addresses.mac(wish["mac"]), self._port(target, wish)
            if not port.is_interface:
                raise InvalidError(
                    f"{target.label}: {wish['type']} {port.name!r} is no interface; it has no MAC address"
                )
            self._claims.make(("mac", mac), target.wish, f"MAC address {mac} is given twice")
            record = bearable_of(self._not_leaving(mac), port if target.exists else None, mac)
            if port.mac != mac or not target.exists:
                target.macs.append(Mac(port, mac, record))
            macs[port.name] = mac
        return {"macs": macs} if macs else {}

    def _not_leaving(self, mac: str) -> list[Record]:
        """The records of a MAC address, but for that on a port which this list gives another one."""
        there = self._ground.macs[mac]
        leaving = self._replaced
        return [r for r in there if leaving.get((r["assigned_object_type"], r["assigned_object_id"]), mac) == mac]

    @cached_property
    def _replaced(self) -> dict[tuple[str, int], str]:
        """The ports that are there and named -> the MAC addresses that they are to bear."""
        found: dict[tuple[str, int], str] = {}
        for target in self._targets.values():
            for wish in target.wish.ports or () if target.exists and target.wish.present else ():
                with suppress(ClustoError):  # an item in error is told of when it is worked out
                    port = self._port(target, wish)
                    found[port.object_type, port.id] = addresses.mac(wish["mac"] or "")
        return found

    def with_links(self, target: Target) -> State:
        links: dict[str, str] = {}
        for wish in target.wish.links:
            port, to = self._port(target, wish), wish["connected_to"]
            far = self._far(to["entity"])
            device = far.device if isinstance(far, Target) else far
            far_port = device.port(to["type"] or wish["type"], to["name"] or to["number"])
            titles = [title(device_, port_) for device_, port_ in ((target.device, port), (device, far_port))]
            for one, other in (titles, titles[::-1]):
                self._claim_end(one, other, target.wish)
            loose = loose_cable(port, far_port)
            if (loose or not check_connectable(port, far_port)) and frozenset(titles) not in self._told:
                self._told.add(frozenset(titles))
                target.links.append(Link(port, far, far_port, to["cable"], loose))
            links[port.name] = titles[1]
        return {"connections": links} if links else {}

    def _claim_end(self, one: str, other: str, wish: Wish) -> None:
        """A port has one other end; the same cable may be told of at both."""
        known = self._ends.setdefault(one, other)
        if known != other:
            raise ConflictError(f"{wish.label}: {one} is to be connected to {known} and to {other}")

    def _far(self, text: str) -> Target | Device:
        """Another item of the list by its name, else any device."""
        for target in self._targets.values():
            if target.wish.present and target.wish.name == text and not target.exists:
                return target
        return self._ground.far_end(text)


def loose_cable(port: Port, other: Port) -> int | None:
    """The cable at one of two ports that ends nowhere, for what it led to was deleted; None when there is none."""
    at = [one.cable for one in (port, other) if one.occupied]
    if len(at) != 1 or any(one.peers() for one in (port, other)):
        return None
    check_fitting(port, other)
    return at[0]


def title(device: Device, port: Port) -> str:
    """How states and messages name a port, one of a draft too."""
    return f"{device.name}, {port.porttype} {port.name!r}"
