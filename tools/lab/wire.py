# SPDX-License-Identifier: BSD-2-Clause
"""Networks made of namespaces, and real DHCP clients and relays on them. Linux, as root.

    with Wire() as wire:
        segment = wire.segment()
        server = wire.host("server", segment, address="192.168.1.1/24")
        client = wire.host("client", segment, mac="00:11:22:33:44:55")
        …
        lease = wire.dhclient(client).wait("BOUND")

All names are new ones; what was made or started is removed or ended on leaving, also after a failure, and nothing else.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

from .wire_clients import Client
from .wire_forward import Forward, listening

T = TypeVar("T")
CLONE_NEWNET = 0x40000000  # sched.h
PORT = "eth0"  # what the interface of a host is called, inside


@dataclass(frozen=True)
class Namespace:
    """A network namespace by its name."""

    name: str

    def command(self, *arguments: str | Path) -> list[str]:
        """Give the command line that runs a program in here."""
        return ["ip", "netns", "exec", self.name, *map(str, arguments)]

    def run(self, *arguments: str | Path, timeout: float = 30) -> str:
        """Run a program in here to its end and give its output. Raises CalledProcessError, TimeoutExpired."""
        return _run(self.command(*arguments), timeout)

    def call(self, function: Callable[[], T]) -> T:
        """Call a function in here, in a thread of its own: sockets that it opens stay in this namespace."""
        results: list[T] = []
        errors: list[BaseException] = []

        def enter() -> None:
            try:
                _enter(self.name)
                results.append(function())
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread below
                errors.append(error)

        thread = Thread(target=enter)
        thread.start()
        thread.join()
        if errors:
            raise errors[0]
        return results[0]


@dataclass(frozen=True)
class Segment:
    """One Ethernet: a bridge in a namespace of its own."""

    namespace: Namespace
    bridge: str = "br0"


class Wire:
    """Makes namespaces, segments and hosts, and starts programs in them; leaving the context removes all of it."""

    def __init__(self) -> None:
        self.run_id = uuid.uuid4().hex[:6]
        self._stack = ExitStack()
        self._made = 0

    def __enter__(self) -> Self:
        self.directory = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="wire-")))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def namespace(self, stem: str) -> Namespace:
        """Make an empty namespace with loopback up."""
        self._made += 1
        made = Namespace(f"{stem}-{self.run_id}-{self._made}")
        _ip("netns", "add", made.name)
        self._stack.callback(_ip, "netns", "delete", made.name)
        made.run("ip", "link", "set", "lo", "up")
        return made

    def segment(self) -> Segment:
        """Make an Ethernet segment that hosts can be plugged into."""
        segment = Segment(self.namespace("segment"))
        # No forward delay: a port that has just come up carries the client's first packet.
        bridge = ("ip", "link", "add", segment.bridge, "type", "bridge", "forward_delay", "0")
        segment.namespace.run(*bridge)
        segment.namespace.run("ip", "link", "set", segment.bridge, "up")
        return segment

    def host(self, stem: str, segment: Segment, *, mac: str | None = None, address: str | None = None) -> Namespace:
        """Make a namespace whose interface eth0 is plugged into the segment."""
        host = self.namespace(stem)
        self.plug(host, segment, mac=mac, address=address)
        return host

    def plug(
        self,
        host: Namespace,
        segment: Segment,
        interface: str = PORT,
        *,
        mac: str | None = None,
        address: str | None = None,
    ) -> None:
        """Give the host one more interface on a segment; `address` is written 192.168.1.1/24."""
        self._made += 1
        port = f"port{self._made}"
        peer = ["peer", "name", interface, *(["address", mac] if mac else []), "netns", host.name]
        segment.namespace.run("ip", "link", "add", port, "type", "veth", *peer)
        segment.namespace.run("ip", "link", "set", port, "master", segment.bridge, "up")
        host.run("ip", "link", "set", interface, "up")
        if address:
            host.run("ip", "address", "add", address, "dev", interface)

    def plug_here(self, interface: str, segment: Segment, *, address: str) -> None:
        """Give this machine itself an interface on a segment, for a server that runs outside of any namespace."""
        self._made += 1
        port = f"port{self._made}"
        _ip("link", "add", interface, "type", "veth", "peer", "name", port, "netns", segment.namespace.name)
        self._stack.callback(_ip, "link", "delete", interface)
        segment.namespace.run("ip", "link", "set", port, "master", segment.bridge, "up")
        _ip("link", "set", interface, "up")
        _ip("address", "add", address, "dev", interface)

    def forward(self, host: Namespace, target: tuple[str, int]) -> Forward:
        """Let programs in a namespace reach a TCP server of this machine, at the same port of their loopback."""
        return self._stack.enter_context(Forward(host.call(lambda: listening(target[1])), target))

    def start(
        self,
        where: Namespace,
        arguments: Sequence[str | Path],
        *,
        output: Path | None = None,
        environment: dict[str, str] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program; it is ended on leaving. Both its outputs go to the file `output`, else nowhere."""
        with (output or Path(os.devnull)).open("ab") as sink:
            process = subprocess.Popen(
                where.command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=sink,
                env=os.environ | (environment or {}),
            )
        self._stack.callback(_end, process)
        return process

    def dhclient(self, host: Namespace, interface: str = PORT, *, config: str = "", leases: str = "") -> Client:
        """Start ISC's dhclient; `config` is added to its dhclient.conf, `leases` is what it remembers from before."""
        client = self._client(host)
        private = client.directory
        (private / "dhclient.conf").write_text(f"timeout 30;\nretry 1;\ninitial-interval 1;\n{config}\n")
        (private / "leases").write_text(leases)
        files = ("-cf", private / "dhclient.conf", "-lf", private / "leases", "-pf", private / "pid")
        script = ("-sf", client.script, "-e", f"WIRE_SOCKET={client.socket_path}")
        return self._started(client, ["dhclient", "-4", "-d", "-v", *files, *script, interface])

    def udhcpc(self, host: Namespace, interface: str = PORT, *, options: Sequence[str] = ()) -> Client:
        """Start BusyBox's udhcpc; `options` are further arguments, such as ["-O", "tftp"]."""
        client = self._client(host)
        return self._started(
            client, ["udhcpc", "-f", "-t", "10", "-T", "1", "-i", interface, "-s", client.script, *options]
        )

    def dhcrelay(self, host: Namespace, server: str, *, downstream: str, upstream: str) -> subprocess.Popen[bytes]:
        """Start ISC's relay agent, which adds option 82 (-a) and forwards to `server`."""
        sides = ("-id", downstream, "-iu", upstream)
        return self.start(host, ["dhcrelay", "-4", "-d", "--no-pid", "-a", *sides, server])

    def _client(self, host: Namespace) -> Client:
        self._made += 1
        return self._stack.enter_context(Client(host.name, self.directory / f"client{self._made}"))

    def _started(self, client: Client, arguments: Sequence[str | Path]) -> Client:
        environment = {"WIRE_SOCKET": str(client.socket_path)}
        host = Namespace(client.host)
        client.process = self.start(host, arguments, output=client.log_path, environment=environment)
        return client


def _enter(namespace: str) -> None:
    """Move the calling thread, and only it, into a namespace (setns(2); Python has it from 3.12 on)."""
    with Path("/run/netns", namespace).open(encoding="ascii") as handle:
        if ctypes.CDLL(None, use_errno=True).setns(handle.fileno(), CLONE_NEWNET):
            number = ctypes.get_errno()
            raise OSError(number, f"namespace {namespace}: {os.strerror(number)}")


def _ip(*arguments: str) -> None:
    _run(["ip", *arguments])


def _run(command: Sequence[str], timeout: float = 30) -> str:
    """The program's output; what it said when it failed is a note of the error."""
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=timeout).stdout
    except subprocess.CalledProcessError as error:
        error.add_note(error.stderr.strip())
        raise


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a child: politely, then not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
