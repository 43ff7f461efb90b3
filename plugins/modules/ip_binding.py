# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: ip_binding
short_description: Bind an address to a server
version_added: 0.1.0
description:
  - An address of an IP manager is bound to an interface of a server, where DHCP and the inventory find it.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  entity:
    description: The server, by name.
    type: str
    required: true
  ip:
    description: The address. It must lie in the subnet of an IP manager and be free, or bound to this server already.
    type: str
  ip_manager:
    description:
      - An IP manager. Without O(ip) its next free address is taken, unless O(osport) has one of its addresses already.
      - Together with O(ip), the IP manager that the address must belong to.
    type: str
  osport:
    description:
      - Name of the interface in the operating system, such as V(eth0). It is made when it is missing.
      - Needed to bind an address. With O(state=absent) and without it, any interface of the server is meant.
    type: str
  state:
    description:
      - V(present) binds the address.
      - V(absent) frees it. With O(ip_manager) alone all addresses that the server has of it are freed.
    type: str
    choices: [present, absent]
    default: present
seealso:
  - module: clusto.datacenter.ip_manager
  - module: clusto.datacenter.server
"""

EXAMPLES = r"""
- name: A certain address
  clusto.datacenter.ip_binding:
    entity: ex0000
    ip: 192.168.1.50
    osport: eth0

- name: The next free one of a subnet
  clusto.datacenter.ip_binding:
    entity: ex0000
    ip_manager: subnet-servers
    osport: eth1

- name: It is free again
  clusto.datacenter.ip_binding:
    entity: ex0000
    ip_manager: subnet-servers
    osport: eth1
    state: absent
"""

RETURN = r"""
ips:
  description: The addresses meant, in check mode those that would be bound. Empty with O(state=absent).
  returned: success
  type: list
  elements: str
  sample: [192.168.1.50]
entity:
  description: The server as it is now, in check mode as it would be.
  returned: success
  type: dict
  sample:
    name: ex0000
    type: server
    ips: [{ip: 192.168.1.50, osport: eth0}]
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import STATE, ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

SPEC = (
    ArgumentSpec(
        {
            "entity": {"type": "str", "required": True},
            "ip": {"type": "str"},
            "ip_manager": {"type": "str"},
            "osport": {"type": "str"},
        },
        required_one_of=[["ip", "ip_manager"]],
        required_if=[["state", "present", ["osport"]]],
    )
    + STATE
)


def main() -> None:
    run(SPEC, "ip_binding")


if __name__ == "__main__":
    main()
