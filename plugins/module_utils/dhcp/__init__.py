# SPDX-License-Identifier: BSD-2-Clause
"""DHCPv4 on bytes: parse, options, decide, build. No socket, clock or randomness.

Addresses are 4 octets (`bytes`) as on the wire: they are compared and copied for every packet, and converted only for
people.
"""
