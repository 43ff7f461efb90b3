# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tools.lab.errors import LabError
from tools.lab.ports import free_port, holder_of, require_free


def test_a_free_port_is_fine() -> None:
    port = free_port()
    require_free(port)
    assert holder_of(port) == ""


@pytest.mark.parametrize(("family", "address"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET, "0.0.0.0")])
def test_a_busy_port_is_named_with_its_holder(family: socket.AddressFamily, address: str) -> None:
    with socket.create_server((address, 0), family=family) as server:
        port = server.getsockname()[1]
        name = Path("/proc/self/comm").read_text().strip()
        with pytest.raises(LabError, match=f"port {port} .*busy .{name}, process {os.getpid()}.*--port"):
            require_free(port)
