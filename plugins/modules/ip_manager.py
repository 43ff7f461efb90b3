# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: ip_manager
short_description: Describe a subnet from which addresses are taken
version_added: 0.1.0
description:
  - Every address that is bound to a server belongs to a subnet. In NetBox it is a prefix.
  - Who names no address gets the lowest that is free. Never chosen are the gateway, network and broadcast address, any
    address that NetBox knows (reserved or deprecated ones too), addresses in NetBox's IP ranges (those are DHCP's), and
    those of prefixes that are a container, reserved, deprecated or marked as utilized.
  - An address in a prefix inside the subnet has that prefix's netmask. If that prefix is an IP manager of its own, the
    address is its alone.
  - Its attributes are its own. The servers with its addresses do not inherit them.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.entity
  - clusto.datacenter.entity.renamed
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
  vrf:
    description:
      - The VRF of the subnet, by name or route distinguisher. The same subnet in two VRFs is two IP managers.
      - A new one is in the global table when it is not given; an empty string means the global table too.
      - Neither the subnet nor the VRF of an IP manager that is there can be changed.
    type: str
  gateway:
    description:
      - The router of the subnet. It is never allocated. An empty string means that there is none.
      - When it changes, the address of the one before is free.
    type: str
  ranges:
    description:
      - The stretches of the subnet, such as V(192.168.1.50-192.168.1.99), that the next free address comes from.
        Addresses outside them are for those who name them.
      - When it changes, addresses that are allocated stay so. An empty list means all of the subnet.
    type: list
    elements: str
  adopt:
    description:
      - Take over the prefix, in that VRF, if somebody else made it in NetBox. Without this option it is an error, which
        says whose it is. Where NetBox has no such prefix, it is made.
      - Its addresses stay as they are and are not handed out again; so do its status, place, tags and whatever else it
        has. An address that is the O(gateway) already is left as it is, with a warning that says whose it is.
      - With O(state=absent) such a prefix is given back. It stays with all its addresses, those allocated since as
        well; what goes is what clusto wrote into it (name, gateway, ranges, attributes) and its membership in pools.
    type: bool
    default: false
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

- name: Next free addresses from two ranges, in a VRF
  clusto.datacenter.ip_manager:
    name: subnet-lab
    prefix: 2001:db8:7::/64
    vrf: lab
    gateway: 2001:db8:7::1
    ranges:
      - 2001:db8:7::1:0-2001:db8:7::1:ffff
      - 2001:db8:7::3:0-2001:db8:7::3:ffff

- name: A subnet that somebody made in NetBox becomes an IP manager
  clusto.datacenter.ip_manager:
    name: subnet-office
    prefix: 192.168.40.0/24
    gateway: 192.168.40.1
    adopt: true

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
    ranges: []
    vrf: null
    adopted: false
    attributes: {}
consequences:
  description:
    - What goes, or comes loose, with what is deleted, in check mode before it is. C(losses) are sentences; C(obstacles)
      would keep it from being deleted. M(clusto.datacenter.entity_info) tells the same of what is there.
  returned: when O(state=absent) and it was there
  type: dict
  sample:
    obstacles: []
    losses: ["these attributes would point at nothing: served-by of server 'ex0000'"]
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import (
    ATTRIBUTES,
    RENAMED,
    STATE,
    ArgumentSpec,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.ip_manager import EnsureIPManager
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureIPManager = None

SPEC = (
    ArgumentSpec(
        {
            "name": {"type": "str", "required": True},
            "prefix": {"type": "str"},
            "baseip": {"type": "str"},
            "netmask": {"type": "str"},
            "vrf": {"type": "str"},
            "gateway": {"type": "str"},
            "ranges": {"type": "list", "elements": "str"},
            "adopt": {"type": "bool", "default": False},
        },
        mutually_exclusive=[["prefix", "baseip"]],
        required_together=[["baseip", "netmask"]],
    )
    + RENAMED
    + ATTRIBUTES
    + STATE
)


def main() -> None:
    run(SPEC, EnsureIPManager)


if __name__ == "__main__":
    main()
