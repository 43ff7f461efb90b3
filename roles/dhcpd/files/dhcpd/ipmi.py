# SPDX-License-Identifier: BSD-2-Clause
"""`update_ipmi`: what requests tell about a server's MAC addresses is recorded in NetBox, off the packet path."""

from __future__ import annotations

from collections.abc import Sequence
from queue import Full, Queue
from threading import Event, Thread
from typing import Final, NamedTuple

from ..core.errors import ClustoError, ConflictError, UnavailableError
from ..core.ports import INTERFACE, NIC_ETH
from ..dhcp.packet import Code, Packet
from ..drivers.ports import HasPorts, set_mac
from ..drivers.session import Session
from ..mirror.model import DEVICE, Host
from ..netbox.client import Client
from ..service.log import Log
from .directory import Known

WAITING: Final = 1000  # findings; one that finds no room is made again at the client's next request
RETRY: Final = 10.0  # seconds between two attempts while NetBox is away


class Finding(NamedTuple):
    """A MAC address that is the host's IPMI card's, or else its first NIC's."""

    host: Host
    mac: str
    ipmi: bool


class Recorder:
    """Notes findings from requests and writes them in a thread of its own.

    hints: how the vendor class or the client identifier of an IPMI card begins.
    """

    def __init__(self, client: Client, hints: Sequence[str], log: Log) -> None:
        self._session = Session(client)
        self._hints = tuple(hint.encode() for hint in hints)
        self._log = log
        self._waiting: Queue[Finding] = Queue(WAITING)
        self._pending: set[Finding] = set()
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="ipmi", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what waits is found again at the clients' next requests."""
        self._stopped.set()

    def see(self, known: Known, packet: Packet) -> bool:
        """Note what a request tells; True if it is an IPMI card's whose MAC address is held for the server's own."""
        host, port = known.host, known.port
        if host.kind != DEVICE or (port and port.mgmt_only):
            return False
        card = self._is_card(packet)
        if card or port is None:
            self._note(Finding(host, packet.mac, card))
        return card

    def _is_card(self, packet: Packet) -> bool:
        vendor_class = packet.options.get(Code.VENDOR_CLASS, b"")
        client_id = packet.options.get(Code.CLIENT_ID, b"")
        # A client identifier may begin with a type octet (RFC 2132 section 9.14).
        return any(told.startswith(self._hints) for told in (vendor_class, client_id, client_id[1:]))

    def _note(self, finding: Finding) -> None:
        if finding in self._pending:
            return
        self._pending.add(finding)
        try:
            self._waiting.put_nowait(finding)
        except Full:
            self._pending.discard(finding)

    def _run(self) -> None:
        while not self._stopped.is_set():
            finding = self._waiting.get()
            self._write(finding)
            self._pending.discard(finding)

    def _write(self, finding: Finding) -> None:
        """Record, for as long as NetBox is away again and again."""
        what = {"host": str(finding.host), "mac": finding.mac, "ipmi": finding.ipmi}
        while not self._stopped.is_set():
            try:
                where = record(self._session, finding)
            except UnavailableError as exc:
                self._log.warning(f"MAC address not recorded yet: {exc}", **what)
                self._stopped.wait(RETRY)
            except ClustoError as exc:
                self._log.warning(f"MAC address not recorded: {exc}", **what)
                return
            else:
                self._log.info(f"MAC address recorded on interface {where}", **what)
                self._log.flush()
                return


def record(session: Session, finding: Finding) -> str:
    """Make a MAC address the primary one of the host's management port, or of its first NIC; give that one's name.

    May be repeated. Raises ConflictError when another host has the address, or the NIC another one; NetBoxError.
    """
    server = session.entity_by_id("dcim.device", finding.host.id)
    if not isinstance(server, HasPorts):
        raise ConflictError(f"{finding.host} has no ports")
    if finding.ipmi:
        port = server.ipmi_port()
        set_mac(session, port, finding.mac, take_from=server.ports(INTERFACE))
    else:
        port = server.port(NIC_ETH.name, 1)
        if port.mac not in {None, finding.mac}:
            raise ConflictError(
                f"interface {port.name} of {finding.host} has MAC address {port.mac}, not {finding.mac}"
            )
        set_mac(session, port, finding.mac)
    return port.name
