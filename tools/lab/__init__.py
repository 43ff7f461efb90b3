# SPDX-License-Identifier: BSD-2-Clause
"""The lab: a private PostgreSQL, Redis and NetBox for ./quickstart and ./test. Standard library only."""
