# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: connection
short_description: Connect two ports
version_added: 0.1.0
description:
  - A port of one device is connected to a port of another by a cable, or it is disconnected.
  - Port types are V(nic-eth), V(console-serial), V(pwr-nema-5), V(front-port) and V(rear-port), and those that users
    define in driver files of their own. V(interface), V(console-port), V(console-server-port), V(power-port) and
    V(power-outlet) are all ports of that one kind, numbered by themselves.
  - Both ports must be of one type, and fit - a power port and an outlet, a console port and a console server's. The
    ports of patch panels take network and console ports alike.
  - A cable also ends at a power feed, of type V(power-feed), O(a.entity) being its power panel and O(a.name) its name,
    or at a circuit, of type V(circuit), O(a.entity) being its circuit ID and O(a.name) its side, V(A) or V(Z).
  - Which end is O(a) and which is O(b) makes no difference.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.cabling
  - clusto.datacenter.cabling.connections
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  replace:
    description:
      - Whether to take away cables that connect one of the ports to another port. Without it the task refuses, and
        tells what is connected to what.
    type: bool
    default: false
  state:
    description:
      - V(present) connects the ports.
      - V(absent) disconnects them. Ports that are not connected to each other stay as they are; a device or port that
        is not there is connected to nothing.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: clusto.datacenter.server
  - module: clusto.datacenter.entity_info
"""

EXAMPLES = r"""
- name: The server's first network port is at port 13 of the switch
  clusto.datacenter.connection:
    a: {entity: ex0000, number: 1}
    b: {entity: sv3-001-sw1, number: 13}

- name: Its power supply is at outlet bb1, by a short black cable
  clusto.datacenter.connection:
    a: {entity: ex0000, type: pwr-nema-5, number: 1}
    b: {entity: sv3-001-pwr1, name: bb1}
    cable: {type: power, color: "111111", length: 0.5}

- name: All cables of a server, at once
  clusto.datacenter.connection:
    connections:
      - a: {entity: ex0001, number: 1}
        b: {entity: sv3-001-sw1, number: 14}
      - a: {entity: ex0001, type: console-serial, number: 1}
        b: {entity: sv3-001-ts1, number: 14}
      - a: {entity: ex0001, type: pwr-nema-5, number: 1}
        b: {entity: sv3-001-pwr1, name: bb2}

- name: The power strip hangs on a power feed of the datacenter
  clusto.datacenter.connection:
    a: {entity: sv3-001-pwr1, type: power-port, name: infeed-aa}
    b: {entity: panel-12, type: power-feed, name: feed-3}

- name: It moves to another port of the switch
  clusto.datacenter.connection:
    a: {entity: ex0001, number: 1}
    b: {entity: sv3-001-sw1, number: 15}
    replace: true

- name: Whatever is at port 13 of the switch is pulled out
  clusto.datacenter.connection:
    a: {entity: sv3-001-sw1, number: 13}
    state: absent
"""

RETURN = r"""
connection:
  description: The connection as it is now, in check mode as it would be. Each end tells what it is cabled to.
  returned: success, without O(connections)
  type: dict
  sample:
    a:
      entity: ex0000
      type: nic-eth
      port: eth0
      connected_to: {entity: sv3-001-sw1, type: nic-eth, port: GigabitEthernet1/13}
    b:
      entity: sv3-001-sw1
      type: nic-eth
      port: GigabitEthernet1/13
      connected_to: {entity: ex0000, type: nic-eth, port: eth0}
    cable: {type: cat6, status: connected, label: "", color: "", length: null, length_unit: "", description: ""}
connections:
  description: All of them, in the order of O(connections); one without it.
  returned: success
  type: list
  elements: dict
  sample: []
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import STATE, ArgumentSpec, Option
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.connection import EnsureConnection
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureConnection = None


def end(type_: Option) -> ArgumentSpec:
    return ArgumentSpec(
        {
            "entity": {"type": "str", "required": True},
            "type": type_,
            "number": {"type": "int"},
            "name": {"type": "str"},
        },
        mutually_exclusive=[["number", "name"]],
        required_one_of=[["number", "name"]],
    )


A = end({"type": "str", "default": "nic-eth"})
CABLE = ArgumentSpec(
    {
        "type": {"type": "str"},
        "status": {"type": "str", "choices": ["connected", "planned", "decommissioning"]},
        "label": {"type": "str"},
        "color": {"type": "str"},
        "length": {"type": "float"},
        "length_unit": {"type": "str", "choices": ["km", "m", "cm", "mi", "ft", "in"]},
        "description": {"type": "str"},
    }
)
REST = ArgumentSpec({"b": end({"type": "str"}).suboptions("dict"), "cable": CABLE.suboptions("dict")})
CONNECTION = ArgumentSpec({"a": A.suboptions("dict", required=True)}) + REST
SPEC = (
    ArgumentSpec(
        {
            "a": A.suboptions("dict"),
            "connections": CONNECTION.suboptions("list"),
            "replace": {"type": "bool", "default": False},
        },
        mutually_exclusive=[["a", "connections"], ["b", "connections"], ["cable", "connections"]],
        required_one_of=[["a", "connections"]],
    )
    + REST
    + STATE
)


def main() -> None:
    run(SPEC, EnsureConnection)


if __name__ == "__main__":
    main()
