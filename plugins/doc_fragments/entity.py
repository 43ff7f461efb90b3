# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that describe an entity have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  state:
    description:
      - V(present) makes the entity or changes it. What is not given stays as it is.
      - V(absent) deletes it. It is refused while other things hang on it, which are then named.
    type: str
    choices: [present, absent]
    default: present
"""

    RENAMED = r"""
options:
  renamed_from:
    description:
      - The name that the entity had before. If none is called O(name) yet, the one that is called this is renamed; it
        stays the same in NetBox, with all that it is in, that is in it and that points at it.
      - When only O(name) is there, that is the one, renamed by an earlier run. When neither is, it is made, as without
        this option, so that a playbook that tells of a rename builds up an empty NetBox too. When both are there, the
        task is refused.
      - As everywhere, V(DATACENTER/NAME) tells those of one name apart. Not with O(state=absent).
    type: str
"""

    ATTRS = r"""
options:
  attributes:
    description:
      - The entity's own attributes as one dictionary. Below a key stands a bare value, or subkeys with their values, or
        numbers with either of these. A list of two or more is several values of one attribute.
      - Their names are letters, digits, V(_) and V(-), beginning with a letter or V(_).
    type: dict
  attributes_mode:
    description:
      - V(merge) adds what is missing and replaces what differs. It goes into dictionaries; all else, lists and empty
        dictionaries too, is replaced as a whole. What is not named stays.
      - V(exact) replaces all own attributes, so that those not named are deleted. C(attributes={}) then deletes all.
    type: str
    choices: [merge, exact]
    default: merge
"""

    POOLS = r"""
options:
  pools:
    description: Names of pools. They must exist.
    type: list
    elements: str
  pools_mode:
    description:
      - V(add) puts the entity into these pools and leaves it in its others.
      - V(exact) also takes it out of all pools that are not named.
      - V(remove) takes it out of these.
    type: str
    choices: [add, exact, remove]
    default: add
"""
