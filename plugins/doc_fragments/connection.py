# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach NetBox: the same options in all modules and in the inventory plugin. Modules load users' drivers too."""

from __future__ import annotations


class ModuleDocFragment:
    # For plugins, together with the last one below.
    OPTIONS = r"""
requirements:
  - Python >= 3.11
  - requests
options:
  api_url:
    description:
      - Address of NetBox, such as V(https://netbox.example.com). A trailing slash and a trailing V(/api) are tolerated.
      - Taken from the environment variable E(NETBOX_API) when it is not given.
    type: str
    aliases: [netbox_url]
  token:
    description:
      - API token, of NetBox's version 1 or 2.
      - Taken from the environment variable E(NETBOX_TOKEN) when it is not given.
    type: str
    aliases: [netbox_token]
  token_file:
    description:
      - File that holds the API token and nothing else. It goes before O(token).
      - The environment variable E(NETBOX_TOKEN_FILE) is used when neither O(token) nor this option is given.
    type: path
  validate_certs:
    description: Whether NetBox's certificate must be one that is trusted. Leave this on but in a lab.
    type: bool
    default: true
  ca_path:
    description:
      - File or directory with the certificate authorities to trust.
      - Without it they are those of the environment (E(REQUESTS_CA_BUNDLE), E(SSL_CERT_FILE)) and of the system.
    type: path
  timeout:
    description: Seconds that one call to NetBox may take, all its retries included.
    type: float
    default: 30.0
"""

    # For modules.
    DOCUMENTATION = (
        OPTIONS
        + r"""
  drivers_path:
    description:
      - Files and directories with drivers of your own, on the host where the module runs. Of a directory all C(*.py)
        are loaded but those that begin with C(_).
      - Taken from the environment variable E(CLUSTO_DRIVERS_PATH), with colons between them, when it is not given.
    type: list
    elements: path
"""
    )

    # Where Ansible itself reads the environment.
    PLUGIN = r"""
options:
  api_url:
    env:
      - name: NETBOX_API
  token:
    env:
      - name: NETBOX_TOKEN
"""
