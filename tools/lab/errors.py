# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations


class LabError(Exception):
    """What the user can do something about; the message says what. Printed without a traceback."""
