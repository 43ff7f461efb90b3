# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: name_manager
short_description: Make, change or delete a name manager
version_added: 0.1.0
description:
  - A name manager hands out names or numbers, one after the other and each once, however many ask at the same time.
  - Its counter is in NetBox, in an inactive config context of its name. Keep that inactive.
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
    description: Name of the manager.
    type: str
    required: true
  driver:
    description:
      - V(simpleentitynamemanager) names new servers and other entities. Names that entities have already are left out.
      - V(simplenamemanager) hands out names to entities that are there, as their attribute C(simplename).
      - V(simplenummanager) hands out numbers to entities that are there, as their attribute C(simplenum).
      - A new manager is a V(simpleentitynamemanager) when it is not given. The driver of one that is there cannot be
        changed.
    type: str
  basename:
    description:
      - What stands before the number in every name. Nothing when it is not given.
      - Names of another basename, handed out before it was changed, are no longer known.
    type: str
  digits:
    description:
      - How many digits the number has at most, V(2) for a new manager. When they are used up, no more names are handed
        out.
      - Fewer digits than the numbers have that were handed out are refused.
    type: int
  leading_zeros:
    description: Whether shorter numbers have zeros before them. A new manager has V(true) when it is not given.
    type: bool
  next:
    description:
      - The number of the first name, V(0) for a new manager.
      - The number of a manager that is there is only ever raised. When it is above this already, it stays.
    type: int
  maxnum:
    description: The last number of a V(simplenummanager). Without it there is none.
    type: int
seealso:
  - module: clusto.datacenter.server
"""

EXAMPLES = r"""
- name: Servers are called s0000, s0001 and so on
  clusto.datacenter.name_manager:
    name: servernames
    basename: s
    digits: 4

- name: Numbers for autonomous systems
  clusto.datacenter.name_manager:
    name: asnumbers
    driver: simplenummanager
    next: 64512
    maxnum: 65534

- name: No longer needed
  clusto.datacenter.name_manager:
    name: asnumbers
    state: absent
"""

RETURN = r"""
entity:
  description: The name manager as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: servernames
    type: resourcemanager
    driver: simpleentitynamemanager
    basename: s
    digits: 4
    leading_zeros: true
    next: 0
    maxnum: null
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
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.name_manager import EnsureNameManager
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureNameManager = None

SPEC = (
    ArgumentSpec(
        {
            "name": {"type": "str", "required": True},
            "driver": {"type": "str"},
            "basename": {"type": "str"},
            "digits": {"type": "int"},
            "leading_zeros": {"type": "bool"},
            "next": {"type": "int"},
            "maxnum": {"type": "int"},
        }
    )
    + RENAMED
    + ATTRIBUTES
    + STATE
)


def main() -> None:
    run(SPEC, EnsureNameManager)


if __name__ == "__main__":
    main()
