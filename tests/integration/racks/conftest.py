# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ..modules.conftest import ansible_playbook, modules

__all__ = ["ansible_playbook", "modules"]
