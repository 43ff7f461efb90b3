# SPDX-License-Identifier: GPL-3.0-or-later
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt)
from __future__ import annotations

DOCUMENTATION = r"""
module: remote_hands
short_description: Ask the people in a datacenter for something
version_added: 0.1.0
description:
  - Calls C(remote_hands) of the datacenter's driver. That of V(equinixdatacenter) sends a mail; a driver of your own
    (O(drivers_path)) does what you wrote.
  - Where to send it is told by the attribute C(remote_hands) of the datacenter, or of a pool that it is in, with the
    subkeys C(mail_to), C(mail_from), C(mail_server), C(mail_port), C(mail_tls), C(mail_user) and C(mail_ca_path). The
    options of these names go before it.
author:
  - The clusto.datacenter developers (@clusto)
extends_documentation_fragment:
  - clusto.datacenter.connection
  - clusto.datacenter.attributes
attributes:
  check_mode:
    support: full
    details: Nothing is sent. Of a driver of your own it is told what its C(rehearse_remote_hands) tells.
  diff_mode:
    support: full
  idempotent:
    support: none
    details: Every run is another request.
options:
  datacenter:
    description: Name of the datacenter.
    type: str
    required: true
  message:
    description: What is asked for.
    type: str
    required: true
  priority:
    description: V(low), V(normal) or V(high); a driver of your own may know others.
    type: str
    default: low
  mail_to:
    description: Mail addresses of those who are asked.
    type: list
    elements: str
  mail_from:
    description: Mail address of those who ask.
    type: str
  mail_server:
    description: Name or address of the mail server that takes the mail.
    type: str
  mail_port:
    description: Its port. Without it 25, 587 for V(starttls) or 465 for V(implicit), by O(mail_tls).
    type: int
  mail_tls:
    description:
      - How the way to the mail server is protected. V(starttls) and V(implicit) insist on it, and on a certificate that
        is trusted.
      - Without it V(starttls) if there is O(mail_user), else V(none).
    type: str
    choices: [none, starttls, implicit]
  mail_user:
    description: User name for the mail server, if it wants one.
    type: str
  mail_password:
    description:
      - The user's password. It is never taken from attributes, since these are everybody's to read.
      - Taken from the environment variable E(CLUSTO_MAIL_PASSWORD) when it is not given.
    type: str
  mail_ca_path:
    description: File with the certificate authorities to trust, instead of those of the system.
    type: path
seealso:
  - module: clusto.datacenter.datacenter
"""

EXAMPLES = r"""
- name: A datacenter whose staff is asked by mail
  clusto.datacenter.datacenter:
    name: eqix-sv3
    driver: equinixdatacenter
    attributes:
      remote_hands:
        mail_to: remotehands@datacenter.example
        mail_from: clusto@example.com
        mail_server: mail.example.com

- name: They are to turn on the new racks
  clusto.datacenter.remote_hands:
    datacenter: eqix-sv3
    message: Turn on power for new racks in my cage
    priority: high
"""

RETURN = r"""
request:
  description:
    - What was asked for, in check mode what would be, and what the driver tells of it.
    - Of V(equinixdatacenter) these are the mail's recipients, sender, subject and server, and, when it was really sent,
      its C(message_id).
  returned: success
  type: dict
  sample:
    datacenter: eqix-sv3
    message: Turn on power for new racks in my cage
    priority: high
    to: [remotehands@datacenter.example]
    from: clusto@example.com
    subject: "Remote hands request: high priority, eqix-sv3"
    mail_server: mail.example.com:25
    message_id: <176379542423.31337.1234567890@example.com>
"""

from ansible.module_utils.basic import env_fallback
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.argspec import ArgumentSpec
from ansible_collections.clusto.datacenter.plugins.module_utils.edge.runner import run

try:
    from ansible_collections.clusto.datacenter.plugins.module_utils.ensure.remote_hands import RemoteHands
except ModuleNotFoundError:  # without requests, which run() tells of
    RemoteHands = None

SPEC = ArgumentSpec(
    {
        "datacenter": {"type": "str", "required": True},
        "message": {"type": "str", "required": True},
        "priority": {"type": "str", "default": "low"},
        "mail_to": {"type": "list", "elements": "str"},
        "mail_from": {"type": "str"},
        "mail_server": {"type": "str"},
        "mail_port": {"type": "int"},
        "mail_tls": {"type": "str", "choices": ["none", "starttls", "implicit"]},
        "mail_user": {"type": "str"},
        "mail_password": {"type": "str", "no_log": True, "fallback": (env_fallback, ["CLUSTO_MAIL_PASSWORD"])},
        "mail_ca_path": {"type": "path"},
    }
)


def main() -> None:
    run(SPEC, RemoteHands)


if __name__ == "__main__":
    main()
