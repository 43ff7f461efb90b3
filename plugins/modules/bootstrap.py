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
seealso:
  - module: clusto.datacenter.datacenter
"""

EXAMPLES = r"""
- name: NetBox knows what the other modules need
  clusto.datacenter.bootstrap:

- name: The DHCP server will send an option of our own
  clusto.datacenter.bootstrap:
    dhcp_options: [site_tag]
"""

RETURN = r"""
objects:
  description: What was made or repaired, in check mode what would be.
  returned: success
  type: list
  elements: str
  sample: [custom field clusto_driver, device role server]
"""

from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

SPEC = ArgumentSpec({"dhcp_options": {"type": "list", "elements": "str"}})


def main() -> None:
    run(SPEC, "bootstrap")


if __name__ == "__main__":
    main()
