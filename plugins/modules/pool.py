# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: pool
short_description: Describe a pool and what is in it
version_added: 0.1.0
description:
  - A pool holds entities of any kind, other pools too. In NetBox it is a tag, which its members bear, and a config
    context that is assigned to the tag.
  - Its attributes reach all that is in it, unless something more specific says otherwise.
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
    description: Name of the pool.
    type: str
    required: true
  driver:
    description:
      - V(pool) takes everything.
      - V(unique_pool) takes only entities that are in no other unique pool.
      - V(exclusive_pool) takes only entities that are in no other pool at all, and then none may take them.
      - A new pool gets V(pool) when it is not given. The driver of a pool that is there cannot be changed.
    type: str
  members:
    description: Entities by name. They must exist. V(TYPE:NAME) and V(DATACENTER/NAME) tell those of one name apart.
    type: list
    elements: str
  members_mode:
    description:
      - V(add) puts these in and leaves the others.
      - V(exact) also takes out all that are not named. C(members=[]) then empties the pool.
      - V(remove) takes these out.
    type: str
    choices: [add, exact, remove]
    default: add
  parents:
    description: Pools that this pool is in. They must exist.
    type: list
    elements: str
  parents_mode:
    description: The same for O(parents) as O(members_mode) for O(members).
    type: str
    choices: [add, exact, remove]
    default: add
  weight:
    description:
      - Where pools of one depth of nesting disagree on an attribute, the heavier wins, then the later name.
      - By default 5000, and 10 more for every pool around it.
    type: int
seealso:
  - module: clusto.datacenter.attribute
  - module: clusto.datacenter.server
"""

EXAMPLES = r"""
- name: What boots from the network
  clusto.datacenter.pool:
    name: pxeboot-servers
    attributes:
      dhcp:
        enabled: 1
        tftp_server: 192.168.1.1
        tftp_filename: /pxelinux.0
        domain: example.org

- name: A pool inside it
  clusto.datacenter.pool:
    name: webservers
    parents: [pxeboot-servers]

- name: Everything in a rack belongs to it
  clusto.datacenter.pool:
    name: webservers
    members: ["rack:sv3-001"]

- name: Nothing but what is named here
  clusto.datacenter.pool:
    name: webservers
    members: []
    members_mode: exact

- name: One that is not needed any more
  clusto.datacenter.pool:
    name: oldservers
    state: absent
"""

RETURN = r"""
entity:
  description: The pool as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: webservers
    type: pool
    driver: pool
    weight: 5010
    parents: [pxeboot-servers]
    members: ["rack:eqix-sv3/sv3-001"]
    attributes: {}
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import (
    ATTRIBUTES,
    MODE,
    STATE,
    ArgumentSpec,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

SPEC = (
    ArgumentSpec(
        {
            "name": {"type": "str", "required": True},
            "driver": {"type": "str"},
            "members": {"type": "list", "elements": "str"},
            "members_mode": MODE,
            "parents": {"type": "list", "elements": "str"},
            "parents_mode": MODE,
            "weight": {"type": "int"},
        }
    )
    + ATTRIBUTES
    + STATE
)


def main() -> None:
    run(SPEC, "pool")


if __name__ == "__main__":
    main()
