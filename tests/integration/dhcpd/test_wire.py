# SPDX-License-Identifier: BSD-2-Clause
"""The networks that these tests are made on leave nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tools.lab.wire import Wire


class BodyError(Exception):
    pass


def test_a_failure_removes_everything() -> None:
    wire = Wire()
    with pytest.raises(BodyError):
        fail_in(wire)
    assert not wire.directory.exists()
    assert not [name for name in names() if wire.run_id in name]
    assert f"w-{wire.run_id}" not in {name for _, name in socket.if_nameindex()}


def fail_in(wire: Wire) -> None:
    with wire:
        segment = wire.segment()
        host = wire.host("host", segment, address="10.255.0.1/24")
        wire.plug_here(f"w-{wire.run_id}", segment, address="10.255.0.2/24")
        assert wire.start(host, ["sleep", "600"]).poll() is None
        raise BodyError


def test_what_was_started_is_ended() -> None:
    with Wire() as wire:
        sleeper = wire.start(wire.namespace("host"), ["sleep", "600"])
    assert sleeper.poll() is not None


def names() -> set[str]:
    return {path.name for path in Path("/run/netns").glob("*")}


def test_a_forward_reaches_the_machine_until_it_is_closed() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Wire() as wire:
        host = wire.namespace("host")
        target = server.getsockname()
        forward = wire.forward(host, target)
        with host.call(lambda: socket.create_connection(target)) as near:
            far, _ = server.accept()
            with far:
                near.sendall(b"ping")
                assert far.recv(100) == b"ping"
                far.sendall(b"pong")
                assert near.recv(100) == b"pong"
                forward.close()
                assert near.recv(100) == b""
        with pytest.raises(ConnectionRefusedError):
            host.call(lambda: socket.create_connection(target))


def test_an_error_in_a_namespace_is_the_callers() -> None:
    def fail() -> None:
        raise BodyError

    with Wire() as wire, pytest.raises(BodyError):
        wire.namespace("host").call(fail)
