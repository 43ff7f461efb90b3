# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: device
short_description: Describe devices of any type, their place, ports, cables, addresses and pools
version_added: 0.1.0
description:
  - The same as M(clusto.datacenter.server), for devices of any role (the clusto type) and device type (the driver), as
    are switches, console servers and power strips.
  - A list of devices is written in bulk, all of them or none. Interrupted at any point, the same task completes it.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.device
  - clusto.datacenter.device.devices
  - clusto.datacenter.entity
  - clusto.datacenter.entity.attrs
  - clusto.datacenter.entity.pools
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  type:
    description: The clusto type, the slug of a device role in NetBox, such as V(networkswitch).
    type: str
    required: true
seealso:
  - module: clusto.datacenter.server
  - module: clusto.datacenter.connection
  - module: clusto.datacenter.name_manager
  - module: clusto.datacenter.rack
  - module: clusto.datacenter.pool
  - module: clusto.datacenter.ip_manager
  - module: clusto.datacenter.ip_binding
"""

EXAMPLES = r"""
- name: A load balancer
  clusto.datacenter.device:
    type: loadbalancer
    name: sv3-lb1
    driver: penguinserver
    rack: sv3-001
    ru: 40

- name: Two appliances, connected with each other
  clusto.datacenter.device:
    type: appliance
    driver: penguinserver
    rack: sv3-001
    devices:
      - name: sv3-app1
        ru: 38
      - name: sv3-app2
        ru: 39
        ports:
          - number: 2
            connected_to: {entity: sv3-app1, number: 2}

- name: They are given up
  clusto.datacenter.device:
    type: appliance
    state: absent
    devices:
      - name: sv3-app1
      - name: sv3-app2
"""

RETURN = r"""
entity:
  description: The device as it is now, in check mode as it would be. Null when there is none.
  returned: when one device is described
  type: dict
  sample:
    name: sv3-lb1
    type: loadbalancer
    driver: penguinserver
    datacenter: eqix-sv3
    rack: sv3-001
    units: [40]
    pools: []
    ips: []
    attributes: {}
entities:
  description: The same for each item of O(devices), in their order.
  returned: when a list of devices is described
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

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.devices import devices
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.servers import EnsureDevice
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureDevice = None

SPEC = ArgumentSpec({"type": {"type": "str", "required": True}}) + devices("devices")


def main() -> None:
    run(SPEC, EnsureDevice)


if __name__ == "__main__":
    main()
