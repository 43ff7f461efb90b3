# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: ip_manager
short_description: Describe a subnet from which addresses are taken
version_added: 0.1.0
description:
  - Every address that is bound to a server belongs to a subnet. In NetBox it is a prefix.
  - Its attributes are its own. The servers with its addresses do not inherit them.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.entity
  - clusto.datacenter.entity.attrs
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  name:
    description: Name of the IP manager.
    type: str
    required: true
  prefix:
    description: The subnet, such as V(192.168.20.0/22). A new one needs it, or O(baseip) and O(netmask).
    type: str
  baseip:
    description: The first address of the subnet.
    type: str
  netmask:
    description: The netmask, such as V(255.255.252.0).
    type: str
  gateway:
    description: The router of the subnet. It is never allocated. An empty string means that there is none.
    type: str
seealso:
  - module: clusto.datacenter.ip_binding
  - module: clusto.datacenter.server
"""

EXAMPLES = r"""
- name: A subnet for servers
  clusto.datacenter.ip_manager:
    name: subnet-servers
    prefix: 192.168.1.0/24
    gateway: 192.168.1.1

- name: The same as clusto wrote it
  clusto.datacenter.ip_manager:
    name: subnet-dmz
    baseip: 192.168.20.0
    netmask: 255.255.252.0

- name: It is given up
  clusto.datacenter.ip_manager:
    name: subnet-dmz
    state: absent
"""

RETURN = r"""
entity:
  description: The IP manager as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: subnet-servers
    type: ipmanager
    driver: ipmanager
    prefix: 192.168.1.0/24
    baseip: 192.168.1.0
    netmask: 255.255.255.0
    gateway: 192.168.1.1
    attributes: {}
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ATTRIBUTES, STATE, ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

SPEC = (
    ArgumentSpec(
        {
            "name": {"type": "str", "required": True},
            "prefix": {"type": "str"},
            "baseip": {"type": "str"},
            "netmask": {"type": "str"},
            "gateway": {"type": "str"},
        },
        mutually_exclusive=[["prefix", "baseip"]],
        required_together=[["baseip", "netmask"]],
    )
    + ATTRIBUTES
    + STATE
)


def main() -> None:
    run(SPEC, "ip_manager")


if __name__ == "__main__":
    main()
