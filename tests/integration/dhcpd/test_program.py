# SPDX-License-Identifier: BSD-2-Clause
"""The program: exit status, messages, signals."""

from __future__ import annotations

import os
import signal
import subprocess

import pytest

from clusto.dhcp.packet import MessageType
from tools.lab.wire import Namespace, Segment, Wire

from .daemon import PATIENCE, PROGRAM, Daemon
from .peer import Peer
from .world import World

ENABLED = {"enabled": 1}


def run(daemon: Daemon, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = daemon.host.command(*PROGRAM, *arguments)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("NETBOX_")}
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment)


def test_sigterm_answers_what_was_received_and_exits_0(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    server = world.server(dhcp=ENABLED)
    daemon.serve()
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        peer.ask(MessageType.DISCOVER)
        os.kill(daemon.process.pid, signal.SIGSTOP)
        xid = peer.send(MessageType.DISCOVER)
        os.kill(daemon.process.pid, signal.SIGTERM)
        os.kill(daemon.process.pid, signal.SIGCONT)
        assert peer.reply_to(xid).packet.message_type == MessageType.OFFER
    assert daemon.process.wait(timeout=PATIENCE) == 0
    assert daemon.lines()[-1]["message"] == "stopped"


def test_sighup_reads_the_file_again_and_a_bad_one_changes_nothing(
    world: World, wire: Wire, segment: Segment, daemon: Daemon
) -> None:
    server = world.server(dhcp=ENABLED)
    daemon.serve()
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        daemon.settings["server_id"] = world.address(9)
        hang_up(daemon)
        daemon.wait(lambda line: line["message"] == "reloaded")
        assert peer.ask(MessageType.DISCOVER).packet.options[54] == bytes(map(int, world.address(9).split(".")))
        for key, bad in (("interfaces", ["nowhere0"]), ("log_format", "prose")):
            daemon.settings[key] = bad
            hang_up(daemon)
            told = daemon.wait(
                lambda line, bad=bad: line["level"] == "error" and str(bad).strip("[]'") in line["message"]
            )
            assert told["message"].startswith("not reloaded, the old configuration stays: ")
        assert peer.ask(MessageType.DISCOVER).packet.message_type == MessageType.OFFER


def hang_up(daemon: Daemon) -> None:
    assert daemon.config
    os.kill(daemon.process.pid, signal.SIGHUP)


def test_an_interface_that_is_not_there(daemon: Daemon) -> None:
    daemon.settings["interfaces"] = ["nowhere0"]
    done = run(daemon, "--config", str(daemon.config))
    assert done.returncode == 1
    assert "interface nowhere0: has no IPv4 address or does not exist" in done.stderr


def test_a_port_that_is_taken(daemon: Daemon) -> None:
    daemon.serve()
    done = run(daemon, "--config", str(daemon.config))
    assert done.returncode == 1
    assert "interface eth0, UDP port 67: Address already in use" in done.stderr


def test_without_netbox_and_snapshot(daemon: Daemon) -> None:
    daemon.stop()
    daemon.cut_off()
    daemon.settings["snapshot_path"] = str(daemon.directory / "none")
    done = run(daemon, "--config", str(daemon.config))
    assert done.returncode == 1
    assert daemon.settings["api_url"] in done.stderr
    assert "Traceback" not in done.stderr


def test_a_refused_token_without_a_snapshot(daemon: Daemon) -> None:
    daemon.stop()
    daemon.settings |= {"token": "0" * 40, "snapshot_path": str(daemon.directory / "none")}
    done = run(daemon, "--config", str(daemon.config))
    assert done.returncode == 1
    assert "0" * 40 not in done.stderr
    assert "Traceback" not in done.stderr


def test_with_a_snapshot_a_refused_token_ends_no_service(daemon: Daemon) -> None:
    daemon.serve()
    daemon.stop()
    daemon.settings["token"] = "0" * 40
    daemon.serve()
    told = daemon.wait(lambda line: line["level"] == "error" and "cannot be asked, serving" in line["message"])
    assert "Invalid" in told["message"]
    assert "0" * 40 not in daemon.log_path.read_text()


def test_check_config(daemon: Daemon) -> None:
    assert run(daemon, "--check-config", "--config", str(daemon.config)).returncode == 0
    daemon.settings |= {"interfaces": "eth0", "refresh_interval": -1, "colour": "red"}
    done = run(daemon, "--check-config", "--config", str(daemon.config))
    assert done.returncode == 1
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == ["colour", "interfaces", "refresh_interval"]


def test_help_and_version(machine: Namespace, daemon: Daemon) -> None:
    assert "--check-config" in run(daemon, "--help").stdout
    assert run(daemon, "--version").stdout.startswith("clusto-dhcpd ")


@pytest.mark.parametrize("path", ["/nonexistent/dhcpd.toml"])
def test_a_missing_file(daemon: Daemon, path: str) -> None:
    done = run(daemon, "--check-config", "--config", path)
    assert done.returncode == 1
    assert done.stderr == f"{path}: cannot be read: No such file or directory\n"
