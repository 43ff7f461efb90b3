# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: location
short_description: Describe a zone, cage, row or other part of a datacenter
version_added: 0.1.0
description:
  - A location is a part of a datacenter or of another location. In NetBox it is a location.
  - Its attributes reach everything in it, unless something more specific says otherwise.
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
    description:
      - Name of the location.
      - Locations in different datacenters may share a name. O(parent) tells which is meant, or V(DATACENTER/NAME).
    type: str
    required: true
  driver:
    description:
      - What it is, V(location), V(zone), V(cage), V(row) or a driver of your own.
      - A new one gets V(location) when it is not given.
    type: str
  parent:
    description:
      - What it lies in, a datacenter or another location. V(datacenter:NAME) and V(location:NAME) tell them apart.
      - A new location needs it. One that lies elsewhere in that datacenter is moved.
    type: str
seealso:
  - module: clusto.datacenter.datacenter
  - module: clusto.datacenter.rack
"""

EXAMPLES = r"""
- name: A cage in a datacenter
  clusto.datacenter.location:
    name: cage-12
    driver: cage
    parent: eqix-sv3

- name: A row in the cage, whose consoles are slow
  clusto.datacenter.location:
    name: row-a
    driver: row
    parent: eqix-sv3/cage-12
    attributes:
      console:
        speed: 9600

- name: The row is given up
  clusto.datacenter.location:
    name: eqix-sv3/row-a
    state: absent
"""

RETURN = r"""
entity:
  description: The location as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: cage-12
    type: location
    driver: cage
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
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.places import EnsureLocation
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureLocation = None

SPEC = (
    ArgumentSpec({"name": {"type": "str", "required": True}, "driver": {"type": "str"}, "parent": {"type": "str"}})
    + RENAMED
    + ATTRIBUTES
    + STATE
)


def main() -> None:
    run(SPEC, EnsureLocation)


if __name__ == "__main__":
    main()
