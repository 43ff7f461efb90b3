# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: entity_info
short_description: Find entities
version_added: 0.1.0
description:
  - Lists the entities that match all that is asked for.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.info
options:
  entity:
    description:
      - A name, V(TYPE:NAME) or V(DATACENTER/NAME). All entities that it may mean are returned.
    type: str
  types:
    description: Types such as V(server), V(rack), V(pool), V(datacenter), V(location), V(ipmanager).
    type: list
    elements: str
    aliases: [type]
  pools:
    description:
      - Pools that the entities are in, all of them, directly or through pools inside.
      - V(-NAME) is a pool that they are not in.
    type: list
    elements: str
  attrs:
    description: Attributes that the entities have of their own, all of them.
    type: list
    elements: dict
    suboptions:
      key:
        description: The key.
        type: str
        required: true
      subkey:
        description: The subkey. Any when it is not given.
        type: str
      number:
        description: The number. Any when it is not given.
        type: int
      value:
        description: The value. Any when it is not given.
        type: raw
seealso:
  - module: clusto.datacenter.attribute_info
"""

EXAMPLES = r"""
- name: Everything called ex0000
  clusto.datacenter.entity_info:
    entity: ex0000

- name: Servers that boot from the network but are no web servers
  clusto.datacenter.entity_info:
    types: [server]
    pools: [pxeboot-servers, -webservers]
  register: found

- name: Their addresses
  ansible.builtin.debug:
    msg: "{{ found.entities | map(attribute='ips') }}"

- name: Racks with a certain layout
  clusto.datacenter.entity_info:
    types: [rack]
    attrs:
      - key: racklayout
        value: "201001"
"""

RETURN = r"""
entities:
  description: The entities, each as the module of its kind returns it, ordered by type and name.
  returned: success
  type: list
  elements: dict
  sample:
    - name: ex0000
      type: server
      driver: basicserver
      datacenter: eqix-sv3
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import ask

ATTR = ArgumentSpec(
    {
        "key": {"type": "str", "required": True, "no_log": False},
        "subkey": {"type": "str", "no_log": False},
        "number": {"type": "int"},
        "value": {"type": "raw"},
    }
)
SPEC = ArgumentSpec(
    {
        "entity": {"type": "str"},
        "types": {"type": "list", "elements": "str", "aliases": ["type"]},
        "pools": {"type": "list", "elements": "str"},
        "attrs": ATTR.suboptions("list"),
    }
)


def main() -> None:
    ask(SPEC, "entity_info")


if __name__ == "__main__":
    main()
