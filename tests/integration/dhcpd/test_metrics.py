# SPDX-License-Identifier: BSD-2-Clause
"""What the program tells of itself over HTTP: while it serves, from the snapshot, and where it listens."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from clusto.dhcp.packet import MessageType
from tools.lab.wire import Segment, Wire

from .daemon import PATIENCE, Daemon
from .peer import Peer
from .test_program import hang_up, run
from .world import World

ENABLED = {"enabled": 1}
DISCOVER = MessageType.DISCOVER


def ask(daemon: Daemon, path: str, port: int = 9842) -> tuple[int, str]:
    """From within the machine."""

    def get() -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    return daemon.host.call(get)


def readiness(daemon: Daemon) -> dict[str, Any]:
    status, body = ask(daemon, "/readyz")
    told = json.loads(body)
    assert (status == 200) is told["ready"]
    return told


def metrics(daemon: Daemon) -> dict[tuple[str, ...], float]:
    _, body = ask(daemon, "/metrics")
    return {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(body)
        for sample in family.samples
    }


def test_packets_and_freshness(world: World, wire: Wire, segment: Segment, daemon: Daemon) -> None:
    server = world.server(dhcp=ENABLED)
    daemon.serve()
    before = metrics(daemon)
    with Peer(wire.host("client", segment, mac=server.mac), server.mac) as peer:
        peer.ask(DISCOVER)
    after = metrics(daemon)
    offered = ("clusto_dhcp_transactions_total", "discover", "offer")
    assert after[offered] > before.get(offered, 0)
    assert after["clusto_netbox_up",] == 1
    assert after["clusto_inventory_source", "netbox"] == 1
    assert after["clusto_inventory_hosts",] > 0
    assert after["clusto_dhcp_macs",] > 0
    assert 0 <= after["clusto_inventory_age_seconds",] < PATIENCE
    told = readiness(daemon)
    assert (told["ready"], told["source"], told["error"]) == (True, "netbox", None)
    assert ask(daemon, "/healthz") == (200, "alive\n")


def test_started_while_netbox_is_away_it_says_so(daemon: Daemon) -> None:
    daemon.serve()
    daemon.stop()
    daemon.cut_off()
    daemon.serve()
    daemon.wait(lambda line: line["level"] == "warning" and "serving the snapshot of" in line["message"])
    told = readiness(daemon)
    assert (told["ready"], told["source"]) == (True, "snapshot")
    assert told["error"]
    found = metrics(daemon)
    assert found["clusto_netbox_up",] == 0
    assert found["clusto_inventory_source", "snapshot"] == 1
    assert found["clusto_inventory_age_seconds",] > 0
    daemon.reconnect()
    daemon.wait(lambda line: "answers again" in line["message"])
    assert readiness(daemon)["source"] == "netbox"


def test_a_reload_moves_it(daemon: Daemon) -> None:
    daemon.serve()
    daemon.settings["metrics_address"] = "127.0.0.1:9843"
    hang_up(daemon)
    daemon.wait(lambda line: line["message"] == "reloaded")
    assert ask(daemon, "/healthz", 9843)[0] == 200
    daemon.settings["metrics_address"] = "192.0.2.1:9842"
    hang_up(daemon)
    told = daemon.wait(lambda line: line["level"] == "error" and "metrics_address" in line["message"])
    assert "192.0.2.1:9842: Cannot assign requested address" in told["message"]
    assert ask(daemon, "/healthz", 9843)[0] == 200


def test_an_address_that_cannot_be_had_ends_the_program(daemon: Daemon) -> None:
    daemon.stop()
    daemon.settings["metrics_address"] = "192.0.2.1:9842"
    done = run(daemon, "--config", str(daemon.config))
    assert done.returncode == 1
    assert "metrics_address 192.0.2.1:9842: Cannot assign requested address" in done.stderr
