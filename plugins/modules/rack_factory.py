# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rack_factory
short_description: Build a rack as its layout says, and put servers into it
version_added: 0.1.0
description:
  - Makes the devices of the rack's layout, puts them into their rack units, gives them their addresses and pools, and
    makes the cables between them. Servers are given by the switch port that they are plugged into, from which all else
    follows.
  - The layout is the one that the attribute C(racklayout) (or C(rackfactory)) names, at the rack or at what it is in.
    It is a document (M(clusto.datacenter.rack_layout)), or a class in a file of O(drivers_path).
  - Run it again at any time. What is missing is completed, cables that somebody took away too. What contradicts (a port
    that is connected elsewhere, a rack unit where another stands, a device that is in another rack) is refused before
    anything is changed, and both sides are named. Nothing is ever moved or taken away.
  - All of it is written in bulk, or nothing. Interrupted at any point, the same task completes it.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  rack:
    description: The rack.
    type: str
    required: true
  servers:
    description:
      - Servers in it. Those that are not named here stay as they are.
      - Two items may tell of one server, by the ports of its two NICs.
    type: list
    elements: dict
    suboptions:
      switchport:
        description: The switch port that it is plugged into, by number or name.
        type: str
        required: true
      switch:
        description: The suffix of the switch in the layout, where that has servers at several switches.
        type: str
      name:
        description: Name of the server. It is made when it is not there.
        type: str
      name_manager:
        description:
          - The name manager that names a new server, in place of that of the layout.
          - Without O(servers[].name), a server that is there is known again by its cable at this switch port, its MAC
            address or its rack units.
        type: str
      mac:
        description: MAC address of the server's port that is plugged in there.
        type: str
seealso:
  - module: clusto.datacenter.rack_layout
  - module: clusto.datacenter.rack
  - module: clusto.datacenter.server
"""

EXAMPLES = r"""
- name: A rack of a layout that is there
  clusto.datacenter.rack:
    name: sv3-002
    driver: apcrack
    attributes:
      racklayout: small-rack

- name: Its switch and power strip, cabled
  clusto.datacenter.rack_factory:
    rack: sv3-002

- name: Servers at three of its switch ports
  clusto.datacenter.rack_factory:
    rack: sv3-002
    servers:
      - {switchport: 1, mac: "00:11:22:33:44:71"}
      - {switchport: 2, mac: "00:11:22:33:44:72"}
      - {switchport: 3, name: sv3-db1}
"""

RETURN = r"""
entities:
  description: The devices of the layout, then the servers, as they are now, in check mode as they would be.
  returned: success
  type: list
  elements: dict
devices:
  description: The devices and servers that were made.
  returned: success
  type: list
  elements: dict
  sample:
    - {name: sv3-002-sw1, type: networkswitch, driver: cisco4948, rack: sv3-002, units: [36]}
servers:
  description: The names of O(servers); of one that was told of twice once.
  returned: success
  type: list
  elements: str
  sample: [s0000, s0001, sv3-db1]
cables:
  description: The cables that were made.
  returned: success
  type: list
  elements: dict
  sample:
    - a: {entity: sv3-002-sw1, type: pwr-nema-5, port: psu1}
      b: {entity: sv3-002-pwr1, type: pwr-nema-5, port: aa8}
errors:
  description: What is wrong with each device or server that is refused.
  returned: when some are refused
  type: list
  elements: dict
  contains:
    index:
      description: Its place in the list, from 0.
      returned: always
      type: int
    name:
      description: Its name, or its switch port.
      returned: always
      type: str
    msg:
      description: The reason.
      returned: always
      type: str
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.racks.task import EnsureRackFactory
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureRackFactory = None

SERVER = ArgumentSpec(
    {
        "switchport": {"type": "str", "required": True},
        "switch": {"type": "str"},
        "name": {"type": "str"},
        "name_manager": {"type": "str"},
        "mac": {"type": "str"},
    },
    mutually_exclusive=[["name", "name_manager"]],
)
SPEC = ArgumentSpec({"rack": {"type": "str", "required": True}, "servers": SERVER.suboptions("list")})


def main() -> None:
    run(SPEC, EnsureRackFactory)


if __name__ == "__main__":
    main()
