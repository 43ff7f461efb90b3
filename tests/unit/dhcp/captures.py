# SPDX-License-Identifier: BSD-2-Clause
"""DHCP messages as real clients and relays sent them, zeroes folded: `00*21` are 21 of them."""

from __future__ import annotations


def unfold(folded: str) -> bytes:
    pieces = (piece.partition("*") for piece in folded.split())
    return b"".join(bytes.fromhex(octets) * int(times or 1) for octets, _, times in pieces)


# ISC dhclient 4.4.3, first DISCOVER
DHCLIENT_DISCOVER = unfold(
    "01010600023a4552 00*21 1122334455 00*202 63825363 350101 3707011c02030f060c ff 00*47",
)
# the same behind ISC dhcrelay 4.4.3 -a on 192.168.1.1: hops 1, giaddr, option 82 with circuit id eth0
RELAYED_DISCOVER = unfold(
    "01010601023a4552 00*16 c0a80101 001122334455 00*202 63825363 350101 3707011c02030f060c 5206010465746830 ff 00*39",
)
# ISC dhclient 4.4.3 that remembers 192.168.1.50: INIT-REBOOT
DHCLIENT_REBOOT = unfold(
    "010106008f495f58 00*21 1122334455 00*202 63825363 350103 3204c0a80132 3707011c02030f060c ff 00*41",
)
# BusyBox udhcpc 1.35.0: maximum size 576, vendor class, client id
UDHCPC_DISCOVER = unfold(
    "0101060011b2163e 00*21 1122334455 00*202 63825363 350101 39020240 37070103060c0f1c2a"
    " 3c0c756468637020312e33352e30 3d0701001122334455 ff 00*21",
)
