#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The script that dhclient and udhcpc run: sets the address, then reports its environment as one JSON datagram."""

import json
import os
import socket
import subprocess
import sys

GOT = {"BOUND", "RENEW", "REBIND", "REBOOT", "bound", "renew"}
LOST = {"EXPIRE", "FAIL", "RELEASE", "STOP", "deconfig"}


def main() -> None:
    given = dict(os.environ)
    event = sys.argv[1] if len(sys.argv) > 1 else given["reason"]  # udhcpc, dhclient
    interface = given["interface"]
    address = given.get("new_ip_address") or given.get("ip")
    mask = given.get("new_subnet_mask") or given.get("subnet", "255.255.255.255")
    if event in LOST:
        subprocess.run(["ip", "-4", "address", "flush", "dev", interface], check=True)
    if event in GOT and address:
        subprocess.run(["ip", "address", "replace", f"{address}/{mask}", "dev", interface], check=True)
    if event in LOST | {"PREINIT"}:
        subprocess.run(["ip", "link", "set", interface, "up"], check=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as report:
        report.sendto(json.dumps({"event": event, "environment": given}).encode(), given["WIRE_SOCKET"])


if __name__ == "__main__":
    main()
