# SPDX-License-Identifier: BSD-2-Clause
"""What Hypothesis shall not judge: the speed of a machine that has other work, or of the first run in a fresh clone."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")
