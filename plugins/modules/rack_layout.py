# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: rack_layout
short_description: Make, change or delete a rack layout
version_added: 0.1.0
description:
  - A rack layout says which devices a rack has, how they are cabled, and what becomes of a server that is plugged into
    a port of its switch. Its document is described in C(docs/racks.md).
  - Any number of racks have it, by their attribute C(racklayout), which what they are in may give them as well.
  - It is checked as a whole before anything is written, and everything that is wrong with it is told at once.
  - It is in NetBox, in an inactive config context of its name. Keep that inactive.
  - Racks are not changed by this, but by M(clusto.datacenter.rack_factory).
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.entity
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  name:
    description: Name of the layout.
    type: str
    required: true
  layout:
    description: The whole document, when it is to be there. It replaces the one before.
    type: dict
seealso:
  - module: clusto.datacenter.rack_factory
  - module: clusto.datacenter.rack
"""

EXAMPLES = r"""
- name: A switch, a power strip and twenty servers
  clusto.datacenter.rack_layout:
    name: small-rack
    layout:
      devices:
        - {suffix: sw1, driver: cisco4948, ru: 36}
        - {suffix: pwr1, driver: powertowerxm, ru: 41}
      cables:
        - {a: {device: sw1, type: pwr-nema-5, number: 1}, b: {device: pwr1, name: aa8}}
        - {a: {device: pwr1, number: 1}, b: {device: sw1, number: 44}}
      servers:
        driver: penguinserver
        name_manager: servernames
      switchports:
        1-20:
          ru: 1-20
          ports:
            - {number: 1, connected_to: {device: sw1, number: 1-20}}
            - {type: pwr-nema-5, number: 1, connected_to: {device: pwr1, name: "bb1-bb5,ba1-ba5,ab1-ab5,aa1-aa5"}}

- name: A layout from a file
  clusto.datacenter.rack_layout:
    name: "5555"
    layout: "{{ lookup('file', 'layouts/5555.yml') | from_yaml }}"

- name: No longer needed
  clusto.datacenter.rack_layout:
    name: "5555"
    state: absent
"""

RETURN = r"""
entity:
  description: The layout as it is now, in check mode as it would be. Null when there is none.
  returned: success
  type: dict
  sample:
    name: small-rack
    type: racklayout
    driver: racklayout
    layout: {devices: [{suffix: sw1, driver: cisco4948, ru: 36}]}
    attributes: {}
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import STATE, ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.rack_layout import EnsureRackLayout
except ModuleNotFoundError:  # without requests, which run() tells of
    EnsureRackLayout = None

SPEC = (
    ArgumentSpec(
        {"name": {"type": "str", "required": True}, "layout": {"type": "dict"}},
        required_if=[("state", "present", ["layout"])],
    )
    + STATE
)


def main() -> None:
    run(SPEC, EnsureRackLayout)


if __name__ == "__main__":
    main()
