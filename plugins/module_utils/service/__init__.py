# SPDX-License-Identifier: BSD-2-Clause
"""What all daemons have in common: configuration, log, signals, and what they tell of themselves over HTTP."""
