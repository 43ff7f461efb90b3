# SPDX-License-Identifier: BSD-2-Clause
"""SNMP notifications on bytes: parse v1, v2c, v3, authenticate, decrypt, acknowledge. No socket, clock or randomness.

Object identifiers are the octets of their BER contents: they are compared for every message, and written with dots only
for people (`ber.dotted`).
"""
