# SPDX-License-Identifier: BSD-2-Clause
"""The program: exit status, messages, signals, floods, and NetBox away."""

from __future__ import annotations

import json
import random
import signal
import socket
from collections.abc import Callable

from tests.unit.snmp import captures

from .conftest import V2C, World
from .daemon import PATIENCE, Daemon, NetSnmp, credentials, hang_up


def test_an_address_that_is_in_no_netbox(daemon: Daemon, world: World, elsewhere: Callable[[str], NetSnmp]) -> None:
    there = elsewhere(world.address())
    for _ in range(3):
        there.inform(*V2C)
    daemon.told("ignored: no device in NetBox has the address", switch=there.source)
    assert sum(line.get("switch") == there.source for line in daemon.lines()) == 1


def test_a_switch_that_takes_no_part(daemon: Daemon, world: World, elsewhere: Callable[[str], NetSnmp]) -> None:
    there = elsewhere(world.address())
    name = world.switch(there.source, discovery=False)
    there.inform(*V2C)
    line = daemon.told("ignored: snmp.discovery is not set", switch=there.source)
    assert name in line["message"]


def test_a_switch_that_was_made_a_moment_ago(daemon: Daemon, world: World, elsewhere: Callable[[str], NetSnmp]) -> None:
    there = elsewhere(world.address())
    name = world.switch(there.source)
    assert daemon.learnt(there.inform(*V2C))["switch"] == name


def test_a_proxy_that_is_trusted(
    daemon: Daemon, world: World, source: str, elsewhere: Callable[[str], NetSnmp]
) -> None:
    proxy = elsewhere(world.address())
    relayed = ("1.3.6.1.6.3.18.1.3.0", "a", source)
    mac = proxy.inform(*V2C, extra=relayed)
    daemon.told("ignored: no device in NetBox has the address", switch=proxy.source)
    assert daemon.count(mac) == 0
    daemon.settings["trusted_sources"] = [f"{proxy.source}/32"]
    hang_up(daemon)
    daemon.learnt(proxy.inform(*V2C, extra=relayed))


def test_sighup_reads_the_file_again_and_a_bad_one_changes_nothing(daemon: Daemon, sender: NetSnmp) -> None:
    daemon.settings["communities"] = ["another"]
    daemon.users = []
    hang_up(daemon)
    daemon.learnt(sender.inform("-v2c", "-c", "another"))
    sender.refused(*V2C)
    sender.refused(*credentials("SHA", "AES"))
    for key, bad in (("listen", ["192.0.2.99:162"]), ("log_format", "prose"), ("journal_size", 7)):
        daemon.settings[key] = bad
        hang_up(daemon)
        assert daemon.lines()[-1]["message"].startswith("not reloaded, the old configuration stays: ")
        del daemon.settings[key]
    daemon.learnt(sender.inform("-v2c", "-c", "another"))
    daemon.begin()
    hang_up(daemon)
    daemon.learnt(sender.inform(*credentials("SHA", "AES")))


def test_sigterm_acknowledges_what_was_received_and_exits_0(daemon: Daemon, source: str) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind((source, 0))
        near.settimeout(PATIENCE)
        daemon.signal(signal.SIGSTOP)
        near.sendto(captures.INFORM_V2C.replace(b"\6public", b"\6s3cret"), ("127.0.0.1", daemon.port))
        daemon.signal(signal.SIGTERM)
        daemon.signal(signal.SIGCONT)
        assert near.recv(65536)
    assert daemon.process.wait(timeout=PATIENCE) == 0
    stopped = daemon.lines()[-1]
    assert stopped["message"] == "stopped"
    daemon.start()
    serving = daemon.wait(lambda line: line["message"] == "serving")
    assert serving["waiting"] == stopped["waiting"]
    daemon.learnt("00:11:22:33:44:55")


def test_netbox_away(daemon: Daemon, world: World, elsewhere: Callable[[str], NetSnmp]) -> None:
    there = elsewhere(world.address())
    daemon.cut_off()
    daemon.told("clusto.mirror.mirror: NetBox cannot be asked")
    mac = there.inform(*V2C)
    daemon.told("not done yet: no device in NetBox has the address, and NetBox cannot be asked", switch=there.source)
    world.switch(there.source)
    assert daemon.stop() == 0
    before = len(daemon.lines())
    daemon.start()
    assert daemon.wait(lambda line: line["message"] == "serving", since=before)["waiting"] == 1
    daemon.reconnect()
    daemon.learnt(mac)


def test_a_flood_of_garbage_stops_nothing(daemon: Daemon, sender: NetSnmp, source: str) -> None:
    chance = random.Random(4)
    real = [value for name, value in vars(captures).items() if name.isupper() and name != "ENGINE"]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind((source, 0))
        for number in range(6000):
            octets = (
                bytearray(chance.choice(real)) if number % 3 else bytearray(chance.randbytes(chance.randrange(300)))
            )
            for _ in range(chance.randrange(1, 5) if octets else 0):
                octets[chance.randrange(len(octets))] = chance.randrange(256)
            near.sendto(octets, ("127.0.0.1", daemon.port))
    daemon.learnt(sender.inform(*V2C))
    daemon.told("refused: malformed", source=source)
    assert len(daemon.lines()) < 50


def test_a_port_that_is_taken(daemon: Daemon) -> None:
    daemon.settings["journal_path"] = str(daemon.directory / "another")
    done = daemon.run("--config", str(daemon.config))
    assert done.returncode == 1
    assert f"listen 127.0.0.1:{daemon.port}: Address already in use" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_journal_that_another_has(daemon: Daemon) -> None:
    daemon.settings |= {"listen": [f"127.0.0.2:{daemon.port}"], "metrics_address": ""}
    done = daemon.run("--config", str(daemon.config))
    assert done.returncode == 1
    assert "another process has it" in done.stderr


def test_check_config_help_and_version(daemon: Daemon) -> None:
    assert daemon.run("--check-config", "--config", str(daemon.config)).returncode == 0
    daemon.settings |= {"listen": [], "journal_size": 0, "colour": "red"}
    done = daemon.run("--check-config", "--config", str(daemon.config))
    assert done.returncode == 1
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["colour", "journal_size", "listen"]
    assert "--check-config" in daemon.run("--help").stdout
    assert daemon.run("--version").stdout.startswith("clusto-snmptrapd ")


def test_metrics_health_and_readiness(daemon: Daemon, sender: NetSnmp, stranger: NetSnmp) -> None:
    stranger.inform(*V2C)
    daemon.told("ignored: no device in NetBox has the address", switch=stranger.source)
    for _ in range(3):
        daemon.learnt(sender.inform(*V2C))
    sender.refused("-v2c", "-c", "guess")
    told = daemon.metrics()
    assert told["clusto_snmp_notifications_total", "mac-changed"] >= 3
    assert told["clusto_snmp_refused_total", "wrong community"] >= 1
    assert told["clusto_snmp_events_total", "done"] >= 3
    assert told["clusto_snmp_events_total", "unknown source"] >= 1
    assert told["clusto_snmp_dropped_total",] == 0
    assert told["clusto_netbox_up",] == 1
    assert daemon.page("healthz") == "alive\n"
    assert json.loads(daemon.page("readyz"))["ready"]
