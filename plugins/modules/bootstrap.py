# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: bootstrap
short_description: Bring into NetBox what the other modules need
version_added: 0.1.0
description:
  - Makes the custom fields, config context profiles, device roles and device types that clusto needs, and repairs those
    that were changed. Run it once for every NetBox, and again after each update of this collection.
  - What others made under the same name is used if it will do, and otherwise named in the error.
  - Makes device types from files in the format of the community's devicetype-library, and pools of tags that are there.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
  - clusto.datacenter.attributes.changes
options:
  dhcp_options:
    description:
      - Names that may stand under the attribute C(dhcp) besides those that the DHCP server knows, because its
        C(extra_options) define them. NetBox refuses all others as misspelt.
      - Without it those stay that NetBox knows already.
    type: list
    elements: str
  device_types:
    description:
      - Files in the format of the community's devicetype-library, and directories with such (C(*.yaml), C(*.yml)),
        on the host where the module runs, which needs PyYAML then.
      - A device type is made with its components. One that NetBox has gets the components that it lacks; nothing of it
        is deleted or changed, and RV(differences) tells where it is not as described.
      - Manufacturers, platforms, roles of inventory items and types of module bays that a file names are made where
        NetBox lacks them.
      - A value that NetBox would not take is an error that names file and key. A key that NetBox has no place for is
        left out, and RV(left_out) tells so. The library's own marks (C(front_image), C(rear_image), C(is_powered),
        C(_is_power_source)) are passed over.
    type: list
    elements: path
  adopt:
    description: What others made in NetBox and clusto shall use from now on.
    type: dict
    suboptions:
      pools:
        description: Tags that become pools. What bears the tag is in the pool.
        type: list
        elements: dict
        suboptions:
          tag:
            description: Name of the tag, or its slug.
            type: str
            required: true
          context:
            description:
              - Name of the config context whose data are the pool's attributes. It must be active, and assigned to this
                tag and to nothing else. It keeps its name, which is then the pool's, its data and its weight.
              - Without it the pool gets a context of the tag's name, without attributes.
            type: str
          driver:
            description: What kind of pool it becomes.
            type: str
            choices: [pool, unique_pool, exclusive_pool]
            default: pool
seealso:
  - module: clusto.datacenter.datacenter
  - module: clusto.datacenter.pool
"""

EXAMPLES = r"""
- name: NetBox knows what the other modules need
  clusto.datacenter.bootstrap:

- name: The DHCP server will send an option of our own
  clusto.datacenter.bootstrap:
    dhcp_options: [site_tag]

- name: NetBox knows our servers as the community describes them
  clusto.datacenter.bootstrap:
    device_types: [device-types/Supermicro]

- name: Everything that bears a tag of ours is in a pool from now on
  clusto.datacenter.bootstrap:
    adopt:
      pools:
        - tag: hypervisors
          context: hypervisor settings
"""

RETURN = r"""
objects:
  description: What was made or repaired, in check mode what would be.
  returned: success
  type: list
  elements: str
  sample: [custom field clusto_driver, device role server]
differences:
  description: Where device types that NetBox has are not as O(device_types) describes them. Warned of, and left so.
  returned: success
  type: list
  elements: str
  sample: ["r640.yaml: device type dell-poweredge-r640: u_height is 2.0 in NetBox, 1 in the file"]
left_out:
  description: What of the files NetBox has no place for. Warned of.
  returned: success
  type: list
  elements: str
  sample: ["n1524p.yaml: interfaces: poe-mode is left out (24 times): NetBox has no place for it; is poe_mode meant?"]
"""

from typing import Any

from ansible_collections.clusto.datacenter.plugins.module_utils.edge import library
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.bootstrap import Bootstrap
except ModuleNotFoundError:  # without requests, which run() tells of
    Bootstrap = None

POOL = ArgumentSpec(
    {
        "tag": {"type": "str", "required": True},
        "context": {"type": "str"},
        "driver": {"type": "str", "choices": ["pool", "unique_pool", "exclusive_pool"], "default": "pool"},
    }
)
SPEC = ArgumentSpec(
    {
        "dhcp_options": {"type": "list", "elements": "str"},
        "device_types": {"type": "list", "elements": "path"},
        "adopt": ArgumentSpec({"pools": POOL.suboptions("list")}).suboptions("dict"),
    }
)


def prepared(options: dict[str, Any]) -> dict[str, Any]:
    return {**options, "device_types": library.documents(options["device_types"] or ())}


def main() -> None:
    run(SPEC, Bootstrap, prepared)


if __name__ == "__main__":
    main()
