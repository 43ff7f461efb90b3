# SPDX-License-Identifier: BSD-2-Clause
"""What a MAC address at a switch port means, by what NetBox has of both (docs/snmptrapd.md has the table). No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ..core.sequences import Member
from .events import DONE, Outcome, ignored, retry


class Kind(StrEnum):
    """What is told to people, who have to look at it."""

    MOVED = "moved"
    """A server's address, at a port that nothing is connected to."""
    MISCABLED = "mis-cabled"
    """A server's address, at a port of another server or of another NIC."""
    SECOND = "second address"
    """An address that nobody has, at the port of a NIC that has another."""


@dataclass(frozen=True)
class Bearer:
    """The interface that has a MAC address in NetBox."""

    device: int | None
    """None for a virtual machine."""
    owner: str
    interface: int
    name: str
    is_server: bool = True
    has_socket: bool = True
    """False for the port of a management card, which may share a NIC's, and for bonds and bridges."""
    connected_to: str | None = None
    """What is at the other end of its cable."""

    def __str__(self) -> str:
        return f"{self.owner}, interface {self.name}"


@dataclass(frozen=True)
class Nic:
    """The interface of a server at the other end of a switch port's cable."""

    device: int
    owner: str
    interface: int
    name: str
    mac: str | None = None
    is_whole: bool = True
    """Whether the server has all the cables that the layout gives it: they are made last."""

    def __str__(self) -> str:
        return f"{self.owner}, interface {self.name}"


@dataclass(frozen=True)
class Place:
    """A port of the switch."""

    title: str
    member: Member | None = None
    """What the layout calls it; None where it has no server there."""
    lack: str = ""
    """Why no server is to be made there."""
    nic: Nic | None = None
    stranger: str | None = None
    """What it is connected to, where that is no server's NIC."""
    vlan: int | None = None
    """What is recorded."""


class Newcomer(NamedTuple):
    """A server is to be made, or completed."""


class Settled(NamedTuple):
    """All is as it should be but for the VLAN."""

    nic: Nic


class Finding(NamedTuple):
    kind: Kind
    device: int
    """The id of the server that should be looked at."""
    mac: str
    text: str


Judgement = Outcome | Newcomer | Settled | Finding


def judge(mac: str, place: Place, bearer: Bearer | None, rival: str | None = None) -> Judgement:
    """Judge an address that was learnt.

    rival: another address that a server is just being made with, at the same port.
    """
    nic = place.nic
    if nic and bearer and bearer.device == nic.device and bearer.interface == nic.interface:
        return Newcomer() if not nic.is_whole and place.member is not None else Settled(nic)
    if place.lack:
        return ignored(place.lack, is_lasting=nic is None)
    if bearer and bearer.device is None:
        return ignored(f"MAC address {mac} is that of virtual machine {bearer.owner}")
    if place.stranger:
        return ignored(f"{place.title} is connected to {place.stranger}, which is no server's NIC")
    if nic:
        return _beside(mac, place, nic, bearer, rival)
    return _elsewhere(mac, place, bearer) if bearer else _first(rival)


def _beside(mac: str, place: Place, nic: Nic, bearer: Bearer | None, rival: str | None) -> Judgement:
    """Judge an address that is not that of the NIC at the port."""
    if bearer is None and nic.mac is None:
        return _first(rival)
    if bearer is None:
        text = f"MAC address {mac} is learnt at {place.title} beside {nic.mac}, which is that of {nic}"
        return Finding(Kind.SECOND, nic.device, mac, text)
    if bearer.device == nic.device and not bearer.has_socket:
        return DONE
    return _told(Kind.MISCABLED, mac, place, bearer, f"which should be connected to {nic}")


def _elsewhere(mac: str, place: Place, bearer: Bearer) -> Judgement:
    """Judge an address that is known, at a port that nothing is connected to."""
    if bearer.is_server and bearer.has_socket and bearer.connected_to is None:
        return Newcomer()  # it was made known before, or its making was interrupted
    return _told(Kind.MOVED, mac, place, bearer, "which nothing is connected to")


def _told(kind: Kind, mac: str, place: Place, bearer: Bearer, here: str) -> Finding:
    there = f", connected to {bearer.connected_to}" if bearer.connected_to else ""
    text = f"MAC address {mac} is learnt at {place.title}, {here}; it is that of {bearer}{there}"
    return Finding(kind, bearer.device or 0, mac, text)


def _first(rival: str | None) -> Judgement:
    return retry(f"at this port a server is being made with MAC address {rival}") if rival else Newcomer()
