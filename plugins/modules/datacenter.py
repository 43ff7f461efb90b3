# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: datacenter
short_description: Describe a datacenter
version_added: 0.1.0
description:
  - A datacenter is the outermost place. In NetBox it is a site.
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
    description: Name of the datacenter.
    type: str
    required: true
  driver:
    description:
      - The driver, which says what can be done with it, by its name in lower case.
      - A new datacenter gets V(basicdatacenter) when it is not given.
    type: str
seealso:
  - module: clusto.datacenter.location
  - module: clusto.datacenter.rack
"""

EXAMPLES = r"""
- name: A datacenter whose servers have a domain
  clusto.datacenter.datacenter:
    name: eqix-sv3
    attributes:
      dhcp:
        domain: sv3.example.org

- name: Another one
  clusto.datacenter.datacenter:
    name: eqix-sv4

- name: It is given up
  clusto.datacenter.datacenter:
    name: eqix-sv4
    state: absent
"""

RETURN = r"""
entity:
  description: The datacenter as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: eqix-sv3
    type: datacenter
    driver: basicdatacenter
    attributes: {dhcp: {domain: sv3.example.org}}
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
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.places import EnsureDatacenter
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureDatacenter = None

SPEC = (
    ArgumentSpec({"name": {"type": "str", "required": True}, "driver": {"type": "str"}}) + RENAMED + ATTRIBUTES + STATE
)


def main() -> None:
    run(SPEC, EnsureDatacenter)


if __name__ == "__main__":
    main()
