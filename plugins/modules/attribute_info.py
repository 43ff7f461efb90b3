# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: attribute_info
short_description: Query attributes of an entity
version_added: 0.1.0
description:
  - Tells the attributes of an entity, its own or those that it has together with those of all it is in.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.info
options:
  entity:
    description: The entity, by name. V(TYPE:NAME) and V(DATACENTER/NAME) tell those of one name apart.
    type: str
    required: true
  key:
    description: Only attributes with this key.
    type: str
  subkey:
    description: Only attributes with this subkey.
    type: str
  number:
    description: Only attributes with this number.
    type: int
  value:
    description: Only attributes with this value.
    type: raw
  merged:
    description: Whether those of its pools, its rack, location and datacenter count too. The more specific wins.
    type: bool
    default: false
  explain:
    description: Whether to tell for every merged value where it comes from, and what it won against.
    type: bool
    default: false
  references:
    description: Whether to tell which attributes of other entities, and of their ports, point at this one.
    type: bool
    default: false
seealso:
  - module: clusto.datacenter.attribute
  - module: clusto.datacenter.entity_info
"""

EXAMPLES = r"""
- name: What DHCP will tell this server
  clusto.datacenter.attribute_info:
    entity: ex0000
    key: dhcp
    merged: true

- name: Where that comes from
  clusto.datacenter.attribute_info:
    entity: ex0000
    key: dhcp
    explain: true
"""

RETURN = r"""
attributes:
  description: The matching attributes.
  returned: success
  type: list
  elements: dict
  sample:
    - {key: dhcp, number: null, subkey: enabled, value: 1}
document:
  description: The same as one dictionary, in the form of the option O(clusto.datacenter.pool#module:attributes).
  returned: success
  type: dict
  sample: {dhcp: {enabled: 1}}
references:
  description:
    - The attributes of other entities that point at it, each with C(entity) and what an attribute has.
    - That of a port also has the port's C(type), and its name as C(port).
  returned: when O(references=true)
  type: list
  elements: dict
explanation:
  description: Every merged value with its origin.
  returned: when O(explain=true)
  type: list
  elements: dict
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import ask

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.queries import AttributeInfo
except ModuleNotFoundError:  # without requests, which ask() tells of
    AttributeInfo = None

SPEC = ArgumentSpec(
    {
        "entity": {"type": "str", "required": True},
        "key": {"type": "str", "no_log": False},
        "subkey": {"type": "str", "no_log": False},
        "number": {"type": "int"},
        "value": {"type": "raw"},
        "merged": {"type": "bool", "default": False},
        "explain": {"type": "bool", "default": False},
        "references": {"type": "bool", "default": False},
    }
)


def main() -> None:
    ask(SPEC, AttributeInfo)


if __name__ == "__main__":
    main()
