# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

from typing import Any

import pytest

from tools.lab import story
from tools.lab.errors import LabError

PORTS = {
    "ipmi": {"ips": [], "macs": ["00:11:22:33:44:01"]},
    "eth0": {"ips": ["192.168.1.50/24"], "macs": ["00:11:22:33:44:55"]},
}
HOST = {
    "ansible_host": "192.168.1.50",
    "clusto_attributes": {"dhcp": {"enabled": 1, "domain": "example.org"}},
    "clusto_ports": PORTS,
}


def test_what_a_host_is_to_get_is_read_from_the_inventory() -> None:
    expected = story.Expected("00:11:22:33:44:55", "192.168.1.50", {"domain": "example.org"})
    assert story.expected_of("ex0000", HOST) == expected


@pytest.mark.parametrize(
    "lacking",
    [
        {"clusto_ports": {"ipmi": PORTS["ipmi"]}},
        {"clusto_attributes": {}},
        {"clusto_attributes": {"dhcp": {"domain": "example.org"}}},
    ],
)
def test_what_boots_nowhere_is_told(lacking: dict[str, Any]) -> None:
    with pytest.raises(LabError, match="sv3-002-sw1 does not boot: expected a server with MAC address, address and"):
        story.expected_of("sv3-002-sw1", HOST | lacking)
