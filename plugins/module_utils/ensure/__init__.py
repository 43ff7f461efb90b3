# SPDX-License-Identifier: BSD-2-Clause
"""Desired states, a file for each module. Each takes a session and the module's options by name.

Nothing is imported here: Ansible packs with a module what it imports, and no more than that.
"""
