# SPDX-License-Identifier: BSD-2-Clause
"""Brings a list about, in an order that leaves, interrupted anywhere, what the same task completes.

| step | why there |
|---|---|
| names are taken, devices made | with place, pools, attributes. By name, rack unit or mark a repeat knows them again |
| devices that were there change and move | NetBox may refuse attributes: then little is to be taken back |
| rivals looked for, after units and MAC addresses | at once, so that nobody waits long for another to give way |
| MAC addresses and labels; addresses; what goes `beside` | at once: other objects each, at the ports of the devices |
| cables | after what is written at their ends: NetBox writes all of a port, and would undo one or the other |
| deletion | cannot be taken back, so it is last |
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..batch import Step, together
from .ground import Ground
from .rivals import NEIGHBOURS, Rivals
from .targets import Target
from .write_addresses import WriteAddresses
from .write_devices import WriteDevices
from .write_ports import WritePorts
from .writing import Writing


def write(
    ground: Ground, option: str, targets: Sequence[Target], undo: Callable[[Step], None], beside: Sequence[Step] = ()
) -> None:
    writing = Writing(ground.session.client, option, [t.title for t in targets], undo)
    devices = WriteDevices(ground, targets, writing)
    ports = WritePorts(ground.session.client, targets, writing)
    ips = WriteAddresses(ground, targets, writing)
    rivals = Rivals(ground, targets, writing)
    devices.name()
    devices.make()
    devices.change()
    devices.place()
    found = devices.look(rivals.neighbours())
    rivals.refuse_units(found.get(NEIGHBOURS, ()))

    def fit_out() -> None:
        ports.set_macs()
        ips.label()
        rivals.refuse_macs(ports.replaced)

    together(fit_out, ips.bind, *beside)
    ports.connect()
    devices.end()
    ips.end()
    ports.end()
