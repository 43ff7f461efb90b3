# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that describe devices have in common: the options of one, and of the items of a list."""

from __future__ import annotations

import textwrap

NAME = """
name:
  description: Name of the device.
  type: str
name_manager:
  description:
    - A name manager that gives a new device its name, in place of C(name).
    - A device that is there is known again by a MAC address of its C(ports), else as the one that stands at exactly
      these C(rack) and C(ru). One of the two must be given. If they mean two devices it is refused.
    - A name is taken last of all, and given back where that can be had when the device cannot be made.
  type: str
renamed_from:
  description:
    - The name that the device had before. If none is called C(name) yet, the one that is called this is renamed.
    - When only C(name) is there, that is the one, renamed by an earlier run; when neither is, it is made. When both are
      there, the task is refused. Not with O(state=absent).
  type: str
"""

DEVICE = """
driver:
  description:
    - The driver, by its name in lower case, such as V(penguinserver2u). It is the slug of a device type in NetBox.
    - A new server gets V(basicserver) when it is not given. The driver of a device that is there cannot be changed.
  type: str
datacenter:
  description: The datacenter that the device is in. With C(rack) it is that of the rack.
  type: str
rack:
  description: The rack that the device is in. An empty string takes it out of its rack.
  type: str
ru:
  description:
    - The rack unit, or the lowest of several. All of them may be given, adjacent and as many as the device is high.
  type: list
  elements: int
ports:
  description: Ports, their MAC addresses and where cables lead from them. Ports that are not named stay as they are.
  type: list
  elements: dict
  suboptions:
    type:
      description: The type of the port.
      type: str
      default: nic-eth
    number:
      description: The port's number, from 1.
      type: int
    name:
      description: The port's name, instead of its number.
      type: str
    mac:
      description: The MAC address, in any usual notation.
      type: str
    connected_to:
      description:
        - The port at the other end of the cable, which is made when it is missing. It is refused when one of the two
          is connected to another.
      type: dict
      suboptions:
        entity:
          description: The device there; of a list also another of its items.
          type: str
          required: true
        type:
          description: The type of its port, when it is not that of this one.
          type: str
        number:
          description: The port's number, from 1.
          type: int
        name:
          description: The port's name, instead of its number.
          type: str
ips:
  description: Addresses to bind. Other addresses of the device stay, but with C(ips_mode=exact).
  type: list
  elements: dict
  suboptions:
    ip:
      description: The address.
      type: str
    ip_manager:
      description:
        - Without C(ip) the next free address of this IP manager is taken, unless this interface has one already.
        - Together with C(ip), the IP manager that the address must belong to.
      type: str
    osport:
      description: Name of the interface in the operating system, such as V(eth0). It is made when it is missing.
      type: str
      required: true
ips_mode:
  description:
    - V(add) binds these addresses.
    - V(exact) also frees all others that the device has.
  type: str
  choices: [add, exact]
"""

MORE = """
attributes:
  description: The device's own attributes as one dictionary.
  type: dict
attributes_mode:
  description: Whether attributes that are not named stay.
  type: str
  choices: [merge, exact]
pools:
  description: Names of pools. They must exist.
  type: list
  elements: str
pools_mode:
  description: Whether the device goes into these pools, into these alone, or out of them.
  type: str
  choices: [add, exact, remove]
state:
  description: Whether the device is to be there.
  type: str
  choices: [present, absent]
"""

LIST = """
options:
  {option}:
    description:
      - Many at once, in place of C(name). All of them are written, or none. The items that are refused are all named,
        with their index.
      - Each item takes the options of a single one. The options beside the list hold for the items that do not say
        otherwise; what an item says replaces them, lists and dictionaries as a whole.
      - What is deleted, and the addresses that are freed, go last. So their rack units, ports and addresses are free
        for the next task only.
    type: list
    elements: dict
    suboptions:
"""


class ModuleDocFragment:
    DOCUMENTATION = "options:\n" + textwrap.indent(NAME + DEVICE + "  default: add\n", "  ")
    SERVERS = LIST.format(option="servers") + textwrap.indent(NAME + DEVICE + MORE, " " * 6)
    DEVICES = LIST.format(option="devices") + textwrap.indent(NAME + DEVICE + MORE, " " * 6)
