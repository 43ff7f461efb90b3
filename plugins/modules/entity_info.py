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
  names:
    description: Names that the entities have, one of these each. Names of which there is no entity are left out.
    type: list
    elements: str
  types:
    description:
      - Types such as V(server), V(rack), V(pool), V(datacenter), V(location), V(ipmanager), V(resourcemanager).
    type: list
    elements: str
    aliases: [type]
  drivers:
    description: Drivers such as V(penguinserver) or V(apcrack).
    type: list
    elements: str
    aliases: [driver]
  pools:
    description:
      - Pools that the entities are in, all of them, directly or through pools inside.
      - V(-NAME) is a pool that they are not in.
    type: list
    elements: str
  datacenter:
    description: The datacenter that the entities are in, at whatever depth.
    type: str
  attrs:
    description: Attributes that the entities have, all of them.
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
      relation:
        description: Instead of O(attrs[].value), the name of the entity at which the attribute points.
        type: str
  attrs_merged:
    description: Whether O(attrs) may also come from what the entities are in. Otherwise they are the entities' own.
    type: bool
    default: false
  contents:
    description: Whether to tell what is in each.
    type: bool
    default: false
  parents:
    description: Whether to tell what each is in, pools, innermost first, then rack, location or datacenter.
    type: bool
    default: false
  siblings:
    description: Whether to tell which others are in all the pools that each is directly in.
    type: bool
    default: false
  recursive:
    description: Whether O(contents) are also those of what is in it, and O(parents) those of what it is in.
    type: bool
    default: false
  references:
    description: Whether to tell which attributes of other entities, and of their ports, point at each.
    type: bool
    default: false
  consequences:
    description: Whether to tell what keeps each from being deleted, and what would go with it or come loose.
    type: bool
    default: false
  merged:
    description: Whether to tell the attributes of each together with those of all it is in.
    type: bool
    default: false
  explain:
    description: Whether to tell for every merged value where it comes from, and what it won against.
    type: bool
    default: false
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

- name: What hangs on a pool before it is deleted
  clusto.datacenter.entity_info:
    entity: pool:webservers
    contents: true
    recursive: true
    references: true
    consequences: true

- name: Everything in a datacenter that boots from the network, with all that DHCP will tell it
  clusto.datacenter.entity_info:
    datacenter: eqix-sv3
    types: [server]
    attrs:
      - key: dhcp
        subkey: enabled
        value: 1
    attrs_merged: true
    merged: true

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
  contains:
    contents:
      description: References of what is in it. Datacenters and locations have them unasked.
      returned: when O(contents=true)
      type: list
      elements: str
    parents:
      description: References of what it is in.
      returned: when O(parents=true)
      type: list
      elements: str
    siblings:
      description: References of the others in all of its pools.
      returned: when O(siblings=true)
      type: list
      elements: str
    references:
      description:
        - The attributes that point at it, each with C(entity), C(key), C(number), C(subkey) and C(value).
        - That of a port also has the port's C(type), and its name as C(port).
      returned: when O(references=true)
      type: list
      elements: dict
    consequences:
      description: C(obstacles) keep it from being deleted; C(losses) go with it or come loose. Both are sentences.
      returned: when O(consequences=true)
      type: dict
    merged:
      description: Its attributes and those of all it is in, the more specific winning.
      returned: when O(merged=true)
      type: dict
    explanation:
      description: Every merged value with its origin.
      returned: when O(explain=true)
      type: list
      elements: dict
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import ask

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.queries import EntityInfo
except ModuleNotFoundError:  # without requests, which ask() tells of
    EntityInfo = None

ATTR = ArgumentSpec(
    {
        "key": {"type": "str", "required": True, "no_log": False},
        "subkey": {"type": "str", "no_log": False},
        "number": {"type": "int"},
        "value": {"type": "raw"},
        "relation": {"type": "str"},
    },
    mutually_exclusive=[["value", "relation"]],
)
YES_OR_NO = {"type": "bool", "default": False}
SPEC = ArgumentSpec(
    {
        "entity": {"type": "str"},
        "names": {"type": "list", "elements": "str"},
        "types": {"type": "list", "elements": "str", "aliases": ["type"]},
        "drivers": {"type": "list", "elements": "str", "aliases": ["driver"]},
        "pools": {"type": "list", "elements": "str"},
        "datacenter": {"type": "str"},
        "attrs": ATTR.suboptions("list"),
        "attrs_merged": YES_OR_NO,
        "contents": YES_OR_NO,
        "parents": YES_OR_NO,
        "siblings": YES_OR_NO,
        "recursive": YES_OR_NO,
        "references": YES_OR_NO,
        "consequences": YES_OR_NO,
        "merged": YES_OR_NO,
        "explain": YES_OR_NO,
    }
)


def main() -> None:
    ask(SPEC, EntityInfo)


if __name__ == "__main__":
    main()
