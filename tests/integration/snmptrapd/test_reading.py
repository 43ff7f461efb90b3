# SPDX-License-Identifier: BSD-2-Clause
"""Reading a real SNMP agent."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from clusto.snmp.macnotify import MacChange, Operation
from clusto.snmptrapd.config import Credentials
from clusto.snmptrapd.reading import Names, ReadError, Switch

from .agent import COMMUNITY, VTP, Agent, forwarding, ports
from .conftest import V2C
from .daemon import PASSPHRASES, Daemon, NetSnmp, free_port, hang_up, packed

LEARNED, SELF = 3, 4
NAMES = {10_101: ("Gi1/0/1", "GigabitEthernet1/0/1"), 10_102: ("Gi1/0/2", "GigabitEthernet1/0/2")}
MACS = [f"02:00:00:00:0{n}:01" for n in range(5)]


@pytest.fixture(scope="module")
def cisco(source: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """Port 1 is in VLAN 1, port 2 in VLAN 442; VLAN 7 is suspended."""
    vlan_442 = ports({2: 10_102}, {}) | forwarding(
        {MACS[1]: (2, LEARNED), MACS[2]: (2, SELF), "01:00:5e:00:00:01": (2, LEARNED)}
    )
    states = {f"{VTP}.1.1.2.1.{vlan}": state for vlan, state in {1: 1, 7: 2, 442: 1, 1002: 1}.items()}
    plain = ports({1: 10_101}, NAMES) | states
    vlans = {1: ports({1: 10_101}, {}) | forwarding({MACS[0]: (1, LEARNED)}), 442: vlan_442}
    with Agent(tmp_path_factory.mktemp("cisco"), plain, vlans, source) as agent:
        yield agent


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agent]:
    """A bridge with Q-BRIDGE-MIB, whose filtering database 5 is of VLAN 330."""
    table = ports({1: 10_101, 2: 10_102}, NAMES) | forwarding({MACS[3]: (2, LEARNED), MACS[4]: (0, LEARNED)}, fdb=5)
    table |= {".1.3.6.1.2.1.17.7.1.4.2.1.3.0.330": 5}
    with Agent(tmp_path_factory.mktemp("plain"), table) as agent:
        yield agent


def switch(agent: Agent, **changes: object) -> Switch:
    given: dict[str, object] = {"community": COMMUNITY, "port": agent.port} | changes
    return Switch(agent.host, Credentials(**given))


USER = {"community": None, "user": "reader", "auth": ("SHA", PASSPHRASES[0]), "priv": ("AES", PASSPHRASES[1])}


def test_base_ports(plain: Agent) -> None:
    assert switch(plain).ports() == {1: Names(*NAMES[10_101]), 2: Names(*NAMES[10_102])}
    assert switch(plain, **USER).ports() == switch(plain).ports()


def test_base_ports_of_a_vlan(cisco: Agent) -> None:
    assert switch(cisco).ports() == {1: Names(*NAMES[10_101])}
    assert switch(cisco).ports(442) == {2: Names(*NAMES[10_102])}
    assert switch(cisco, **USER).ports(442) == switch(cisco).ports(442)


def test_forwarding_tables(plain: Agent, cisco: Agent) -> None:
    assert switch(plain).forwarding() == [MacChange(Operation.LEARNT, 330, MACS[3], 2)]
    assert switch(cisco).forwarding() == [
        MacChange(Operation.LEARNT, 1, MACS[0], 1),
        MacChange(Operation.LEARNT, 442, MACS[1], 2),
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"community": "guess", "timeout": 0.1}, "No SNMP response received before timeout"),
        ({"port": 0, "timeout": 0.1}, "No SNMP response received before timeout"),
        (USER | {"user": "nobody"}, "Unknown USM user"),
        (USER | {"auth": ("SHA", "maple syrup")}, "Wrong SNMP PDU digest"),
    ],
)
def test_what_cannot_be_read(plain: Agent, changes: dict[str, object], said: str) -> None:
    if "port" in changes:
        changes = changes | {"port": free_port(socket.SOCK_DGRAM)}
    with pytest.raises(ReadError, match=f"127.0.0.1 cannot be read: {said}"):
        switch(plain, **changes).ports()


def test_a_vlan_that_a_switch_does_not_have_apart(plain: Agent) -> None:
    with pytest.raises(ReadError, match="No SNMP response"):
        switch(plain, timeout=0.1).ports(442)


def test_what_the_program_makes_of_it(daemon: Daemon, sender: NetSnmp, cisco: Agent, tmp_path: Path) -> None:
    secret = tmp_path / "community"
    secret.write_text(f"{COMMUNITY}\n")
    daemon.read = {"default": {"community_file": str(secret), "port": cisco.port}}
    hang_up(daemon)
    sender.trap(*V2C, messages=[packed(MACS[1], 2) + packed(MACS[2], 1) + packed(MACS[3], 9) + "00"])
    found = [daemon.learnt(mac)["port"] for mac in MACS[1:4]]
    assert found == ["Gi1/0/2", "Gi1/0/1", "base port 9"]
    done = daemon.run("--config", str(daemon.config), "--reconcile", sender.source)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["mac"] for line in lines if line["message"] == "MAC address learnt"] == MACS[:2]
    assert (lines[-1]["message"], lines[-1]["addresses"], lines[-1]["done"]) == ("reconciled", 2, 2)
    assert COMMUNITY not in (daemon.directory / "log").read_text() + done.stderr


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nobody", "'nobody': no device in NetBox has that name or address"),
        ("192.0.2.99", "no device in NetBox has that name or address"),
    ],
)
def test_what_cannot_be_reconciled(daemon: Daemon, name: str, said: str) -> None:
    done = daemon.run("--config", str(daemon.config), "--reconcile", name)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_switch_that_cannot_be_read(daemon: Daemon, source: str) -> None:
    done = daemon.run("--config", str(daemon.config), "--reconcile", source)
    assert done.returncode == 1
    assert "the configuration has no [read.default] to read it by" in done.stderr
