# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: server
short_description: Describe servers, their place, ports, cables, addresses and pools
version_added: 0.1.0
description:
  - A server is a device in NetBox. Its driver is the device type and says how many rack units and ports it has.
  - What is given is brought about in one step. What contradicts (a taken rack unit, address or MAC) is refused before
    anything is changed.
  - A list of servers is written in bulk, all of them or none. Interrupted at any point, the same task completes it.
  - Servers are devices whose role is V(server); M(clusto.datacenter.device) does the same for all other roles.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.device
  - clusto.datacenter.device.servers
  - clusto.datacenter.entity
  - clusto.datacenter.entity.attrs
  - clusto.datacenter.entity.pools
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
seealso:
  - module: clusto.datacenter.device
  - module: clusto.datacenter.name_manager
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

- name: Many at once, with what they have in common beside the list
  clusto.datacenter.server:
    rack: sv3-001
    pools: [pxeboot-servers]
    ips:
      - ip_manager: subnet-servers
        osport: eth0
    servers:
      - name: ex0010
        ru: 10
        ports: [{number: 1, mac: "00:11:22:33:44:60"}]
      - name: ex0011
        ru: 11
        ports: [{number: 1, mac: "00:11:22:33:44:61"}]

- name: It is scrapped
  clusto.datacenter.server:
    name: ex0001
    state: absent
"""

RETURN = r"""
entity:
  description: The server as it is now, in check mode as it would be. Null when there is none.
  returned: when one server is described
  type: dict
  sample:
    name: ex0000
    type: server
    driver: basicserver
    datacenter: eqix-sv3
    rack: sv3-001
    units: [1]
    pools: [pxeboot-servers]
    ips: [{ip: 192.168.1.50, osport: eth0}]
    attributes: {}
entities:
  description: The same for each item of O(servers), in their order.
  returned: when a list of servers is described
  type: list
  elements: dict
consequences:
  description:
    - What goes, or comes loose, with what is deleted, in check mode before it is; of a list by name. C(losses) are
      sentences. M(clusto.datacenter.entity_info) tells the same of what is there.
  returned: when O(state=absent) and it was there
  type: dict
  sample:
    obstacles: []
    losses:
      - "its IP addresses would be free: 192.168.1.50"
      - "its cables would be taken away: to sv3-001-sw1, nic-eth 'GigabitEthernet1/13'"
errors:
  description: What is wrong with each item that is refused.
  returned: when items of a list are refused
  type: list
  elements: dict
  contains:
    index:
      description: Its place in the list, from 0.
      returned: always
      type: int
    name:
      description: Its name.
      returned: always
      type: str
    msg:
      description: The reason.
      returned: always
      type: str
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.devices import devices
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.servers import EnsureServer
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureServer = None

SPEC = devices("servers")


def main() -> None:
    run(SPEC, EnsureServer)


if __name__ == "__main__":
    main()
