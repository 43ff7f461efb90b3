# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from ..modules.conftest import ansible_playbook, modules

__all__ = ["ansible_playbook", "modules"]
