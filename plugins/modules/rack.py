# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rack
short_description: Describe a rack
version_added: 0.1.0
description:
  - A rack holds devices in its rack units. In NetBox it is a rack.
  - Its attributes reach everything in it, unless something more specific says otherwise.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.entity
  - clusto.datacenter.entity.renamed
  - clusto.datacenter.entity.attrs
  - clusto.datacenter.entity.pools
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  name:
    description:
      - Name of the rack.
      - Racks in different datacenters may share a name. O(datacenter) tells which is meant, or V(DATACENTER/NAME).
    type: str
    required: true
  driver:
    description:
      - The driver, which says what can be done with it, by its name in lower case, such as V(apcrack).
      - A new rack gets V(basicrack) when it is not given.
    type: str
  datacenter:
    description:
      - The datacenter that the rack is in.
      - A new rack without it is in none, and moves into one when it is given later.
      - To move a rack from one datacenter to another, give the old one in O(name), as in V(eqix-sv3/sv3-001).
    type: str
  location:
    description: The location in that datacenter that the rack is in.
    type: str
  min_u:
    description: The lowest rack unit. A new rack begins at 1 when it is not given.
    type: int
  max_u:
    description: The highest rack unit. A new rack ends at 45 when it is not given.
    type: int
seealso:
  - module: clusto.datacenter.datacenter
  - module: clusto.datacenter.location
  - module: clusto.datacenter.server
"""

EXAMPLES = r"""
- name: A rack in a datacenter, with the name of its layout
  clusto.datacenter.rack:
    name: sv3-001
    driver: apcrack
    datacenter: eqix-sv3
    attributes:
      racklayout: "201001"

- name: A rack with 42 units
  clusto.datacenter.rack:
    name: sv3-002
    datacenter: eqix-sv3
    max_u: 42

- name: It is given up
  clusto.datacenter.rack:
    name: sv3-002
    datacenter: eqix-sv3
    state: absent
"""

RETURN = r"""
entity:
  description: The rack as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: sv3-001
    type: rack
    driver: apcrack
    datacenter: eqix-sv3
    location: null
    min_u: 1
    max_u: 45
    pools: []
    attributes: {racklayout: "201001"}
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
    POOLS,
    RENAMED,
    STATE,
    ArgumentSpec,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.places import EnsureRack
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureRack = None

SPEC = (
    ArgumentSpec(
        {
            "name": {"type": "str", "required": True},
            "driver": {"type": "str"},
            "datacenter": {"type": "str"},
            "location": {"type": "str"},
            "min_u": {"type": "int"},
            "max_u": {"type": "int"},
        }
    )
    + RENAMED
    + ATTRIBUTES
    + POOLS
    + STATE
)


def main() -> None:
    run(SPEC, EnsureRack)


if __name__ == "__main__":
    main()
