# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: server
short_description: Describe a server, its place, ports, addresses and pools
version_added: 0.1.0
description:
  - A server is a device in NetBox. Its driver is the device type and says how many rack units and ports it has.
  - What is given is brought about in one step. What contradicts (a taken rack unit, address or MAC) is refused before
    anything is changed.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.entity
  - clusto.datacenter.entity.attrs
  - clusto.datacenter.entity.pools
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  name:
    description: Name of the server.
    type: str
    required: true
  driver:
    description:
      - The driver, by its name in lower case, such as V(penguinserver2u).
      - A new server gets V(basicserver) when it is not given. The driver of a server that is there cannot be changed.
    type: str
  datacenter:
    description: The datacenter that the server is in. With O(rack) it is that of the rack.
    type: str
  rack:
    description: The rack that the server is in. An empty string takes it out of its rack.
    type: str
  ru:
    description:
      - The rack unit, or the lowest of several. All of them may be given, adjacent and as many as the server is high.
    type: list
    elements: int
  ports:
    description: Ports and their MAC addresses. Ports that are not named stay as they are.
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
        required: true
  ips:
    description: Addresses to bind. Other addresses of the server stay, but with O(ips_mode=exact).
    type: list
    elements: dict
    suboptions:
      ip:
        description: The address.
        type: str
      ip_manager:
        description:
          - Without O(ips[].ip) the next free address of this IP manager is taken, unless this interface has one
            already.
          - Together with O(ips[].ip), the IP manager that the address must belong to.
        type: str
      osport:
        description: Name of the interface in the operating system, such as V(eth0). It is made when it is missing.
        type: str
        required: true
  ips_mode:
    description:
      - V(add) binds these addresses.
      - V(exact) also frees all others that the server has.
    type: str
    choices: [add, exact]
    default: add
seealso:
  - module: clusto.datacenter.rack
  - module: clusto.datacenter.pool
  - module: clusto.datacenter.ip_manager
  - module: clusto.datacenter.ip_binding
"""

EXAMPLES = r"""
- name: A server that boots from the network
  clusto.datacenter.server:
    name: ex0000
    rack: sv3-001
    ru: 1
    pools: [pxeboot-servers]
    ports:
      - number: 1
        mac: 00:11:22:33:44:55
    ips:
      - ip: 192.168.1.50
        osport: eth0

- name: One that takes two rack units and the next free address
  clusto.datacenter.server:
    name: ex0001
    driver: penguinserver2u
    rack: sv3-001
    ru: [2, 3]
    ips:
      - ip_manager: subnet-servers
        osport: eth0

- name: It is scrapped
  clusto.datacenter.server:
    name: ex0001
    state: absent
"""

RETURN = r"""
entity:
  description: The server as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: ex0000
    type: server
    driver: basicserver
    datacenter: eqix-sv3
    rack: sv3-001
    ru: [1]
    pools: [pxeboot-servers]
    ips: [{ip: 192.168.1.50, osport: eth0}]
    attributes: {}
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import (
    ATTRIBUTES,
    POOLS,
    STATE,
    ArgumentSpec,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

PORT = ArgumentSpec(
    {
        "type": {"type": "str", "default": "nic-eth"},
        "number": {"type": "int"},
        "name": {"type": "str"},
        "mac": {"type": "str", "required": True},
    },
    mutually_exclusive=[["number", "name"]],
    required_one_of=[["number", "name"]],
)
IP = ArgumentSpec(
    {"ip": {"type": "str"}, "ip_manager": {"type": "str"}, "osport": {"type": "str", "required": True}},
    required_one_of=[["ip", "ip_manager"]],
)
SPEC = (
    ArgumentSpec(
        {
            "name": {"type": "str", "required": True},
            "driver": {"type": "str"},
            "datacenter": {"type": "str"},
            "rack": {"type": "str"},
            "ru": {"type": "list", "elements": "int"},
            "ports": PORT.suboptions("list"),
            "ips": IP.suboptions("list"),
            "ips_mode": {"type": "str", "choices": ["add", "exact"], "default": "add"},
        }
    )
    + ATTRIBUTES
    + POOLS
    + STATE
)


def main() -> None:
    run(SPEC, "server")


if __name__ == "__main__":
    main()
