# SPDX-License-Identifier: BSD-2-Clause
"""clusto over NetBox: `clusto.connect(api_url, token)`, then the classes of `clusto.drivers`."""

from __future__ import annotations

__version__ = "0.1.0"
