# SPDX-License-Identifier: GPL-3.0-or-later
"""Ansible's own statements about a module: check mode, diff mode, action group."""

from __future__ import annotations


class ModuleDocFragment:
    # Together with one of the two below.
    DOCUMENTATION = r"""
options: {}
attributes:
  action_group:
    description: Use C(group/clusto.datacenter.all) in C(module_defaults) to set the connection once for all modules.
    support: full
    membership:
      - clusto.datacenter.all
  check_mode:
    description: Whether the module tells what it would do, and refuses what it would refuse, without doing it.
  diff_mode:
    description: Whether the module tells what was before and what is after.
  idempotent:
    description: Whether a second run with the same options leaves everything as it is.
"""

    # For modules that change something.
    CHANGES = r"""
options: {}
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
  idempotent:
    support: full
"""

    # For modules that only read.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: This module only reads.
  diff_mode:
    support: N/A
    details: This module only reads.
  idempotent:
    support: full
    details: This module only reads.
"""
