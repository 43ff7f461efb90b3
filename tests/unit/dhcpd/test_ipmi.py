# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import io
from dataclasses import replace

import pytest

from clusto.dhcp.options import OptionTable
from clusto.dhcp.packet import Code, Packet, parse
from clusto.dhcpd.directory import Directory, Known
from clusto.dhcpd.ipmi import WAITING, Finding, Recorder
from clusto.mirror.model import VIRTUAL_MACHINE, Host
from clusto.netbox.client import Client, Settings
from clusto.service.log import Log

from ..dhcp.captures import DHCLIENT_DISCOVER, UDHCPC_DISCOVER
from .hosts import EX0000, MAC, host, inventory, port, with_bootstrap

OLD_CARD, NIC = b"udhcp 0.9.9-pre", b"PXEClient:Arch:00000"


def recorder() -> Recorder:
    return Recorder(Client(Settings("http://netbox", "t")), ("udhcp 0.9.9-pre", "IPMI"), Log(io.StringIO()))


def known(one: Host) -> Known:
    (found,) = Directory(OptionTable(), bootstrap=True).update(inventory(one))[0].by_mac.values()
    return found


def packet(vendor_class: bytes = b"", client_id: bytes = b"") -> Packet:
    options = {int(Code.VENDOR_CLASS): vendor_class, int(Code.CLIENT_ID): client_id}
    return parse(DHCLIENT_DISCOVER)._replace(options={key: value for key, value in options.items() if value})


LEFT_BEHIND = with_bootstrap(host(port(1, "eth0"), enabled=1), MAC)


@pytest.mark.parametrize(
    ("one", "request_", "card", "finding"),
    [
        (EX0000, packet(OLD_CARD), True, Finding(EX0000, MAC, ipmi=True)),
        (EX0000, packet(NIC, b"IPMI-7"), True, Finding(EX0000, MAC, ipmi=True)),
        (EX0000, packet(NIC, b"\0IPMI-7"), True, Finding(EX0000, MAC, ipmi=True)),
        (EX0000, packet(NIC), False, None),
        (EX0000, packet(), False, None),
        (EX0000, parse(UDHCPC_DISCOVER), False, None),  # a newer udhcp is no card
        (LEFT_BEHIND, packet(NIC), False, Finding(LEFT_BEHIND, MAC, ipmi=False)),
        (LEFT_BEHIND, packet(OLD_CARD), True, Finding(LEFT_BEHIND, MAC, ipmi=True)),
        (host(port(1, "ipmi", macs=(MAC,), mgmt_only=True)), packet(OLD_CARD), False, None),
        (replace(EX0000, kind=VIRTUAL_MACHINE), packet(OLD_CARD), False, None),
    ],
)
def test_see(one: Host, request_: Packet, finding: Finding | None, *, card: bool) -> None:
    made = recorder()
    assert made.see(known(one), request_) is card
    assert made._pending == ({finding} if finding else set())


def test_a_finding_waits_once() -> None:
    made = recorder()
    for _ in range(3):
        made.see(known(EX0000), packet(OLD_CARD))
    assert made._waiting.qsize() == 1


def test_a_flood_is_not_kept() -> None:
    made = recorder()
    for number in range(WAITING + 5):
        made._note(Finding(EX0000, str(number), ipmi=True))
    assert len(made._pending) == made._waiting.qsize() == WAITING
