# SPDX-License-Identifier: GPL-3.0-or-later
"""The two ends of a cable and what it is like: of one connection, and of the items of a list."""

from __future__ import annotations

import textwrap

END = """
entity:
  description: The device, by name. A power panel, or a circuit's ID, for those types.
  type: str
  required: true
type:
  description: {type}
  type: str{default}
number:
  description: The port's number, from 1.
  type: int
name:
  description: The port's name, instead of its number.
  type: str
"""
A = END.format(type="The port type.", default="\n  default: nic-eth")
B = END.format(type="The port type, if it is not that of C(a). It differs at patch panels.", default="")

CONNECTION = """
a:
  description: One end.
  type: dict{required}
  suboptions:{a}
b:
  description: The other end. With O(state=absent) and without it, whatever is connected to C(a).
  type: dict
  suboptions:{b}
cable:
  description: What the cable is like. What is not given stays as it is.
  type: dict
  suboptions:
    type:
      description: NetBox's type of cable, such as V(cat6), V(mmf-om4) or V(power).
      type: str
    status:
      description: A new cable is V(connected). The ports are taken whatever the status.
      type: str
      choices: [connected, planned, decommissioning]
    label:
      description: What is written on it.
      type: str
    color:
      description: Six hexadecimal digits, such as V(f44336).
      type: str
    length:
      description: In C(length_unit); metres, if that is not given.
      type: float
    length_unit:
      description: The unit of C(length).
      type: str
      choices: [km, m, cm, mi, ft, in]
    description:
      description: Free text.
      type: str
"""

LIST = """
options:
  connections:
    description:
      - Many connections at once, in place of O(a), O(b) and O(cable). All are made or none is, and the error tells
        for each that is refused why.
    type: list
    elements: dict
    suboptions:
"""


def connection(required: str) -> str:
    return CONNECTION.format(required=required, a=textwrap.indent(A, "    "), b=textwrap.indent(B, "    "))


class ModuleDocFragment:
    DOCUMENTATION = "options:\n" + textwrap.indent(connection(""), "  ")
    CONNECTIONS = LIST + textwrap.indent(connection("\n  required: true"), " " * 6)
