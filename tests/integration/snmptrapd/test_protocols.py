# SPDX-License-Identifier: BSD-2-Clause
"""net-snmp's snmptrap and snmpinform, with everything that they speak, to the running program."""

from __future__ import annotations

import os
import socket
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from .conftest import V2C, World
from .daemon import LEVELS, NOTIFICATION, Daemon, NetSnmp, credentials, packed

SHA_AES = credentials("SHA", "AES")


@pytest.mark.parametrize("options", [("-v1", "-c", "s3cret"), V2C])
def test_traps_with_a_community(daemon: Daemon, sender: NetSnmp, options: tuple[str, ...]) -> None:
    line = daemon.learnt(sender.trap(*options))
    assert line["switch"].startswith("sw-")
    assert (line["port"], line["vlan"], line["host"]) == ("base port 3", 442, None)


def test_an_inform_with_a_community(daemon: Daemon, sender: NetSnmp) -> None:
    daemon.learnt(sender.inform(*V2C))


@pytest.mark.parametrize(("auth", "priv"), LEVELS)
def test_every_protocol_of_version_3(daemon: Daemon, sender: NetSnmp, auth: str | None, priv: str | None) -> None:
    daemon.learnt(sender.trap(*credentials(auth, priv)))
    daemon.learnt(sender.inform(*credentials(auth, priv)))


def test_over_ipv6(daemon: Daemon, world: World, sender: NetSnmp, elsewhere: Callable[[str], NetSnmp]) -> None:
    there = elsewhere("::1")
    there.target = f"udp6:[::1]:{daemon.port}"
    mac = there.inform(*SHA_AES)
    line = daemon.told("ignored: ", switch="::1", mac=mac)  # nobody's in NetBox, but it was heard
    assert line["message"] == "ignored: no device in NetBox has the address"


def test_a_wrong_community(daemon: Daemon, sender: NetSnmp, stranger: NetSnmp) -> None:
    macs = [stranger.trap("-v2c", "-c", "guess"), stranger.trap("-v1", "-c", "s3cre")]
    assert "Timeout" in stranger.refused("-v2c", "-c", "guess")
    daemon.learnt(sender.inform(*V2C))  # all of the above has been read then
    daemon.told("refused: wrong community", source=stranger.source)
    assert [daemon.count(mac) for mac in macs] == [0, 0]
    assert sum("wrong community" in line["message"] for line in daemon.lines()) == 1
    assert "s3cret" not in (daemon.directory / "log").read_text()


@pytest.mark.parametrize(
    "case",
    [
        (credentials("SHA", "AES", ("maplesyrup1", "pancakes1")), "Authentication failure", "wrong digest"),
        (credentials("SHA", "AES", user="nobody"), "Unknown user name", "unknown user"),
        (credentials("SHA", None, user="u-SHA-AES"), "Unsupported security level", "unsupported security level"),
        (credentials("SHA", "AES", ("maplesyrup", "pancakes2")), "Decryption error", "cannot be decrypted"),
        (credentials("SHA", "DES", user="u-SHA-AES"), "Decryption error", "cannot be decrypted"),
        (credentials("MD5", "AES", user="u-SHA-AES"), "Authentication failure", "wrong digest"),
    ],
)
def test_wrong_keys(daemon: Daemon, sender: NetSnmp, stranger: NetSnmp, case: tuple[list[str], str, str]) -> None:
    options, said, reason = case
    assert said in stranger.refused(*options)
    daemon.told(f"refused: {reason}", source=stranger.source)
    mac = stranger.trap(*options)
    daemon.learnt(sender.inform(*V2C))
    assert daemon.count(mac) == 0
    for passphrase in ("maplesyrup", "pancakes"):
        assert passphrase not in (daemon.directory / "log").read_text()


def test_unknown_engines_are_learned(daemon: Daemon, sender: NetSnmp) -> None:
    for number in range(3):
        daemon.learnt(sender.trap(*SHA_AES, "-e", f"0x8000000903aabbccdd{number:02x}", "-Z", "3,100"))


class Eavesdropper:
    """Takes what a sender sends, and sends it again."""

    def __init__(self, sender: NetSnmp) -> None:
        self._sender = sender
        self._target = sender.target

    def taken(self, *options: str) -> tuple[str, bytes]:
        """Let a trap be sent here; gives its MAC address and the datagram."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
            near.bind(("127.0.0.1", 0))
            near.settimeout(30)
            self._sender.target = f"127.0.0.1:{near.getsockname()[1]}"
            mac = self._sender.trap(*options)
            self._sender.target = self._target
            return mac, near.recv(65536)

    def send(self, datagram: bytes) -> None:
        host, port = self._target.split(":")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
            far.bind((self._sender.source, 0))
            far.sendto(datagram, (host, int(port)))


def engine(name: int, boots: int, time: int) -> list[str]:
    return ["-e", f"0x8000000903112233{name:04x}", "-Z", f"{boots},{time}"]


def test_the_same_again_counts_once(daemon: Daemon, sender: NetSnmp) -> None:
    spy = Eavesdropper(sender)
    for options in (V2C, [*SHA_AES, *engine(1, 3, 5000)]):
        mac, datagram = spy.taken(*options)
        for _ in range(3):
            spy.send(datagram)
        daemon.learnt(mac)
        daemon.learnt(sender.inform(*V2C))
        assert daemon.count(mac) == 1


def test_a_replayed_packet_is_refused_also_after_a_restart(daemon: Daemon, sender: NetSnmp) -> None:
    spy = Eavesdropper(sender)
    old, datagram = spy.taken(*SHA_AES, *engine(2, 3, 5000))
    daemon.learnt(sender.trap(*SHA_AES, *engine(2, 3, 5151)))
    spy.send(datagram)
    refusal = daemon.told("refused: not in the time window", source=sender.source)
    assert "8000000903112233" in refusal["detail"]
    daemon.stop()
    daemon.start()
    before = len(daemon.lines())
    spy.send(datagram)
    daemon.wait(lambda line: line["message"] == "refused: not in the time window", since=before)
    daemon.learnt(sender.trap(*SHA_AES, *engine(2, 4, 0)))
    assert daemon.count(old) == 0


def test_informs_go_on_after_a_restart(daemon: Daemon, sender: NetSnmp) -> None:
    daemon.learnt(sender.inform(*SHA_AES))
    daemon.stop()
    daemon.start()
    daemon.learnt(sender.inform(*SHA_AES))


def test_every_tuple_of_every_message(daemon: Daemon, sender: NetSnmp, world: World) -> None:
    macs = [next(world.macs) for _ in range(5)]
    sender.trap(*V2C, messages=[packed(macs[0]) + packed(macs[1], 4) + "00" * 11, packed(macs[2], 5) + "00"])
    sender.trap(*V2C, messages=[packed(macs[3], 6, operation=2) + packed(macs[4], 7, vlan=1) + "00"])
    assert [daemon.learnt(mac)["port"] for mac in (*macs[:3], macs[4])] == [f"base port {n}" for n in (3, 4, 5, 7)]
    daemon.told("MAC address removed", mac=macs[3], port="base port 6")


BAD: dict[str, Callable[[str], str]] = {
    "truncated tuple": lambda mac: packed(mac)[:-2],
    "no end tuple": lambda mac: packed(mac, 9),
    "unknown operation": lambda mac: packed(mac, operation=3) + "00",
    "base port 0": lambda mac: packed(mac, 0) + "00",
    "no VLAN": lambda mac: packed(mac, vlan=0) + "00",
    "MAC address zero": lambda _: packed("00:00:00:00:00:00") + "00",
    "multicast MAC address": lambda mac: packed("01" + mac[2:]) + "00",
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_tuple_is_told_and_costs_no_other(daemon: Daemon, sender: NetSnmp, world: World, fault: str) -> None:
    good, bad = next(world.macs), next(world.macs)
    sender.trap(*V2C, messages=[packed(good) + BAD[fault](bad)])
    daemon.learnt(good)
    line = daemon.told(f"left out: {fault}", switch=sender.source)
    assert line["where"].startswith("cmnHistMacChangedMsg.1")
    assert daemon.count(bad) == (fault == "no end tuple")


def test_another_notification_is_acknowledged_and_nothing_else(daemon: Daemon, sender: NetSnmp) -> None:
    environment = os.environ | {"MIBS": ""}
    command: list[Any] = ["snmpinform", *V2C, "-t10", sender.target, "", NOTIFICATION.replace("215.2.0.1", "215.2.0.2")]
    subprocess.run(command, check=True, env=environment, capture_output=True, timeout=60)
    assert daemon.run("--version").returncode == 0
    assert [line for line in daemon.lines() if line["level"] != "info"] == []
