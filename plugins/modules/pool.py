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
  - clusto.datacenter.entity.renamed
  - clusto.datacenter.entity.attrs
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  name:
    description: Name of the pool.
    type: str
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
  pools:
    description:
      - Many pools, in place of the options above. All are brought about or none is.
      - They may be in one another, in whichever order they are listed.
    type: list
    elements: dict
    suboptions:
      name:
        description: Name of the pool.
        type: str
        required: true
      renamed_from:
        description: The name that it had before, as O(renamed_from).
        type: str
      driver:
        description: The driver, as O(driver).
        type: str
      attributes:
        description: The attributes, as O(attributes).
        type: dict
      attributes_mode:
        description: How they are meant, as O(attributes_mode).
        type: str
        choices: [merge, exact]
        default: merge
      members:
        description: The members, as O(members).
        type: list
        elements: str
      members_mode:
        description: How they are meant, as O(members_mode).
        type: str
        choices: [add, exact, remove]
        default: add
      parents:
        description: The pools that it is in, as O(parents).
        type: list
        elements: str
      parents_mode:
        description: How they are meant, as O(parents_mode).
        type: str
        choices: [add, exact, remove]
        default: add
      weight:
        description: The weight, as O(weight).
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

- name: Many pools, in one another
  clusto.datacenter.pool:
    pools:
      - name: frontends
        parents: [webservers]
        attributes:
          tier: 1
      - name: webservers
        parents: [pxeboot-servers]
        members: ["rack:sv3-001"]

- name: Another name for it; its members, its tag's slug and its attributes stay
  clusto.datacenter.pool:
    name: webservers-front
    renamed_from: frontends

- name: One that is not needed any more
  clusto.datacenter.pool:
    name: oldservers
    state: absent
"""

RETURN = r"""
entity:
  description:
    - The pool as it is now, in check mode as it would be. Null when there is none.
    - C(problems) tells what somebody changed in NetBox that a pool needs, such as its tag.
  returned: success, without O(pools)
  type: dict
  sample:
    name: webservers
    type: pool
    driver: pool
    weight: 5010
    parents: [pxeboot-servers]
    members: ["rack:eqix-sv3/sv3-001"]
    attributes: {}
    problems: []
entities:
  description: The pools of the list, in its order.
  returned: success, with O(pools)
  type: list
  elements: dict
consequences:
  description:
    - What goes, or comes loose, with what is deleted, in check mode before it is; of a list by name. C(losses) are
      sentences; C(obstacles) would keep it from being deleted. M(clusto.datacenter.entity_info) tells the same of what
      is there.
  returned: when O(state=absent) and it was there
  type: dict
  sample:
    obstacles: []
    losses: ["it would no longer hold server 'ex0000'", "these would lose its dhcp: server 'ex0000'"]
errors:
  description: What is wrong with which items of O(pools).
  returned: when items are refused
  type: list
  elements: dict
  sample:
    - index: 1
      name: frontends
      msg: there is no pool 'webservers'
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import (
    ATTRIBUTES,
    MODE,
    RENAMED,
    STATE,
    ArgumentSpec,
)
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.pool import EnsurePool
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsurePool = None

POOL = (
    ArgumentSpec(
        {
            "name": {"type": "str"},
            "driver": {"type": "str"},
            "members": {"type": "list", "elements": "str"},
            "members_mode": MODE,
            "parents": {"type": "list", "elements": "str"},
            "parents_mode": MODE,
            "weight": {"type": "int"},
        }
    )
    + RENAMED
    + ATTRIBUTES
)
NAMED = ArgumentSpec({**POOL.options, "name": {"type": "str", "required": True}})
ALONE = ("name", "renamed_from", "driver", "attributes", "members", "parents", "weight")
SPEC = (
    POOL
    + STATE
    + ArgumentSpec(
        {"pools": NAMED.suboptions("list")},
        mutually_exclusive=[["pools", name] for name in ALONE],
        required_one_of=[["name", "pools"]],
    )
)


def main() -> None:
    run(SPEC, EnsurePool)


if __name__ == "__main__":
    main()
