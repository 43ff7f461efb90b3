# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: attribute
short_description: Set, add or delete attributes of an entity
version_added: 0.1.0
description:
  - An attribute is a key, possibly a number and a subkey, and a value.
  - Any entity can have attributes, and gives them to all that is in it.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  entity:
    description: The entity, by name. V(TYPE:NAME) and V(DATACENTER/NAME) tell those of one name apart.
    type: str
  key:
    description: The key, letters, digits, V(_) and V(-), beginning with a letter or V(_).
    type: str
  subkey:
    description: The subkey. Without it the attribute is a bare one; with O(state=absent) it is any.
    type: str
  number:
    description:
      - The number, from 0. Without it the attribute has none; with O(state=absent) it is any.
      - V(next), together with O(state=added), takes the next free number, unless the value is there under some number.
    type: str
  value:
    description:
      - A number, string, boolean or list. It keeps the type that it has in YAML.
      - With O(state=absent) only attributes with this value are deleted.
    type: raw
  relation:
    description: Instead of O(value), the name of another entity, which the attribute then points at.
    type: str
  state:
    description:
      - V(present) sets the one value, replacing another. It is refused when there are several.
      - V(added) adds the value to those that are there, unless it is there already.
      - V(absent) deletes all attributes that match what is given.
    type: str
    choices: [present, added, absent]
    default: present
  attributes:
    description:
      - Many attributes, of one or many entities, in place of the options above. All are written or none is.
      - They are done in their order, those of one entity in one write.
    type: list
    elements: dict
    suboptions:
      entity:
        description: The entity, as O(entity).
        type: str
        required: true
      key:
        description: The key, as O(key).
        type: str
        required: true
      subkey:
        description: The subkey, as O(subkey).
        type: str
      number:
        description: The number, as O(number).
        type: str
      value:
        description: The value, as O(value).
        type: raw
      relation:
        description: The name of another entity, as O(relation).
        type: str
      state:
        description: What becomes of it, as O(state).
        type: str
        choices: [present, added, absent]
        default: present
seealso:
  - module: clusto.datacenter.attribute_info
"""

EXAMPLES = r"""
- name: The servers in this pool boot from the network
  clusto.datacenter.attribute:
    entity: pxeboot-servers
    key: dhcp
    subkey: enabled
    value: 1

- name: One more name server
  clusto.datacenter.attribute:
    entity: pxeboot-servers
    key: dhcp
    subkey: name_server
    value: 192.168.1.2
    state: added

- name: Many at once
  clusto.datacenter.attribute:
    attributes:
      - entity: pxeboot-servers
        key: dhcp
        subkey: domain
        value: example.org
      - entity: rack:sv3-001
        key: owner
        value: web team
      - entity: rack:sv3-001
        key: served-by
        relation: pool:pxeboot-servers

- name: No name server any more
  clusto.datacenter.attribute:
    entity: pxeboot-servers
    key: dhcp
    subkey: name_server
    state: absent
"""

RETURN = r"""
entity:
  description: The entity as it is now, in check mode as it would be.
  returned: success, without O(attributes)
  type: dict
  sample:
    name: pxeboot-servers
    type: pool
    attributes: {dhcp: {enabled: 1}}
entities:
  description: The entities of the list, each once.
  returned: success, with O(attributes)
  type: list
  elements: dict
errors:
  description: What is wrong with which items of O(attributes).
  returned: when items are refused
  type: list
  elements: dict
  sample:
    - index: 1
      name: ex0000 9lives
      msg: "attribute key '9lives': expected a letter or _, then letters, digits, _ or -"
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.attribute import EnsureAttribute
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureAttribute = None

ATTRIBUTE = {
    "entity": {"type": "str"},
    "key": {"type": "str", "no_log": False},
    "subkey": {"type": "str", "no_log": False},
    "number": {"type": "str"},
    "value": {"type": "raw"},
    "relation": {"type": "str"},
    "state": {"type": "str", "choices": ["present", "added", "absent"], "default": "present"},
}
REQUIRED = {name: {**ATTRIBUTE[name], "required": True} for name in ("entity", "key")}
ONE_VALUE = [["value", "relation"]]
LIST = ArgumentSpec({**ATTRIBUTE, **REQUIRED}, mutually_exclusive=ONE_VALUE)
SPEC = ArgumentSpec(
    {**ATTRIBUTE, "attributes": LIST.suboptions("list")},
    mutually_exclusive=[*ONE_VALUE, *(["attributes", name] for name in ATTRIBUTE if name != "state")],
    required_together=[["entity", "key"]],
    required_one_of=[["entity", "attributes"]],
)


def main() -> None:
    run(SPEC, EnsureAttribute)


if __name__ == "__main__":
    main()
