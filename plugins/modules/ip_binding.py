# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: ip_binding
short_description: Bind addresses to servers
version_added: 0.1.0
description:
  - An address of an IP manager is bound to an interface of a server, where DHCP and the inventory find it.
  - O(bindings) binds, or frees, many in a few requests - all of them or, when one is refused, none.
  - NetBox's primary address of a device is left to those who set it. An address on the interface V(ipmi) becomes the
    device's out-of-band address.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  entity:
    description: The server, by name. It is needed unless O(bindings) is given.
    type: str
  ip:
    description:
      - The address. It must lie in the subnet of an IP manager and be free, or bound to this server already.
      - Where one IP manager is inside another, the address belongs to the inner one.
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
  vrf:
    description:
      - The VRF that the address is in, by name or route distinguisher; an empty string means the global table.
      - Needed where O(ip) without O(ip_manager) is in IP managers of several VRFs. An IP manager's name tells its VRF.
    type: str
  bindings:
    description:
      - Several bindings instead of one. O(state) holds for all of them.
      - What is wrong is told of all items at once, each with its index in RV(errors), and nothing is changed.
    type: list
    elements: dict
    suboptions:
      entity:
        description: The server, by name.
        type: str
        required: true
      ip:
        description: The address, as O(ip).
        type: str
      ip_manager:
        description: An IP manager, as O(ip_manager). Several items for one interface mean as many addresses.
        type: str
      osport:
        description: Name of the interface, as O(osport).
        type: str
      vrf:
        description: The VRF, as O(vrf).
        type: str
  state:
    description:
      - V(present) binds the address.
      - V(absent) frees it. With O(ip_manager) alone all addresses that the server has of it are freed.
      - What is not there, be it the address, the server, the IP manager or the VRF, is free already with V(absent), and
        no error.
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

- name: Addresses for a whole rack
  clusto.datacenter.ip_binding:
    bindings:
      - entity: ex0000
        ip: 192.168.1.51
        osport: bond0
      - entity: ex0010
        ip_manager: subnet-servers
        osport: eth0
      - entity: ex0011
        ip_manager: subnet-servers
        osport: eth0

- name: It is free again
  clusto.datacenter.ip_binding:
    entity: ex0000
    ip_manager: subnet-servers
    osport: eth1
    state: absent
"""

RETURN = r"""
ips:
  description:
    - The addresses meant, in check mode those that would be bound; with O(bindings) one for each item, in their order.
    - Empty with O(state=absent).
  returned: success
  type: list
  elements: str
  sample: [192.168.1.50]
entity:
  description: The server as it is now, in check mode as it would be. Null when it is not there (O(state=absent)).
  returned: success, without O(bindings)
  type: dict
  sample:
    name: ex0000
    type: server
    ips: [{ip: 192.168.1.50, osport: eth0}]
entities:
  description: The servers of the list, each once, with all their addresses, and the VRF of those that are in one.
  returned: success, with O(bindings)
  type: list
  elements: dict
  sample:
    - name: ex0001
      type: server
      ips: [{ip: 192.168.1.52, osport: eth0}]
errors:
  description: What is wrong with which items of O(bindings).
  returned: when items are refused
  type: list
  elements: dict
  sample:
    - index: 1
      name: ex0001 eth0 192.168.1.1
      msg: "ipmanager 'subnet-servers': IP address 192.168.1.1 is its gateway"
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import STATE, ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.ip_binding import EnsureIPBinding
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureIPBinding = None

BINDING = {
    "ip": {"type": "str"},
    "ip_manager": {"type": "str"},
    "osport": {"type": "str"},
    "vrf": {"type": "str"},
}
ITEM = ArgumentSpec({"entity": {"type": "str", "required": True}, **BINDING}, required_one_of=[["ip", "ip_manager"]])
SPEC = (
    ArgumentSpec(
        {"entity": {"type": "str"}, **BINDING, "bindings": ITEM.suboptions("list")},
        mutually_exclusive=[[name, "bindings"] for name in ("entity", *BINDING)],
        required_one_of=[["entity", "bindings"], ["ip", "ip_manager", "bindings"]],
        required_if=[["state", "present", ["osport", "bindings"], True]],
    )
    + STATE
)


def main() -> None:
    run(SPEC, EnsureIPBinding)


if __name__ == "__main__":
    main()
