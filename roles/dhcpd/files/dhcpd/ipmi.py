# SPDX-License-Identifier: BSD-2-Clause
"""`update_ipmi`: what requests tell about a server's MAC addresses is recorded in NetBox, off the packet path."""

from __future__ import annotations

from collections.abc import Sequence
from queue import Full, Queue
from threading import Event, Thread
from typing import Any, Final, NamedTuple

from ..core.errors import ClustoError, ConflictError, UnavailableError
from ..dhcp.packet import Code, Packet
from ..mirror.model import DEVICE, Host
from ..netbox.client import Client
from .directory import Known
from .log import Log

WAITING: Final = 1000  # findings; one that finds no room is made again at the client's next request
RETRY: Final = 10.0  # seconds between two attempts while NetBox is away
IPMI_PORT: Final = "ipmi"
IPMI_TYPE: Final = "1000base-t"
NOT_PHYSICAL: Final = {"virtual", "bridge", "lag"}  # NetBox's interface types that are no nic-eth


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
        self._client = client
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
                where = record(self._client, finding)
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


def record(client: Client, finding: Finding) -> str:
    """Make a MAC address the primary one of the host's `ipmi` interface, or of its first NIC; give that one's name.

    May be repeated. Raises ConflictError when another host has the address, or that port another one; NetBoxError.
    """
    port = _ipmi_port(client, finding.host) if finding.ipmi else _first_nic(client, finding.host)
    primary = port["primary_mac_address"]
    if primary and primary["mac_address"].lower() != finding.mac:
        held = f"interface {port['name']} of {finding.host} has MAC address {primary['mac_address']}"
        raise ConflictError(f"{held}, not {finding.mac}")
    taken = _mac(client, finding)
    if taken is None:
        place = {"assigned_object_type": "dcim.interface", "assigned_object_id": port["id"]}
        taken = client.create("dcim/mac-addresses", {"mac_address": finding.mac, **place})
    elif taken["assigned_object_id"] != port["id"]:
        _move(client, taken, port)
    client.update("dcim/interfaces", port["id"], {"primary_mac_address": taken["id"]})
    return str(port["name"])


def _ipmi_port(client: Client, host: Host) -> dict[str, Any]:
    """Find the host's management interface, the one called `ipmi` if there are several; made if there is none."""
    found = client.list("dcim/interfaces", device_id=host.id, mgmt_only=True)
    named = [port for port in found if port["name"] == IPMI_PORT]
    if named or found:
        return (named or found)[0]
    port = {"device": host.id, "name": IPMI_PORT, "type": IPMI_TYPE, "mgmt_only": True}
    return client.create("dcim/interfaces", port)


def _first_nic(client: Client, host: Host) -> dict[str, Any]:
    """Find clusto's nic-eth 1."""
    for port in host.ports:
        if not port.mgmt_only and port.type not in NOT_PHYSICAL:
            return client.get("dcim/interfaces", port.id).record
    raise ConflictError(f"{host} has no NIC; expected one for the MAC address that bootstrap.mac names")


def _mac(client: Client, finding: Finding) -> dict[str, Any] | None:
    """Find the address in NetBox: this host's, or one that is assigned to nothing. Raises ConflictError."""
    unassigned = None
    for found in client.list("dcim/mac-addresses", mac_address=finding.mac):
        holder = found["assigned_object"]
        device = (holder or {}).get("device")
        if holder is None:
            unassigned = found
        elif device and device["id"] == finding.host.id:
            return found
        else:
            owner = (device or holder).get("name")
            raise ConflictError(f"MAC address {finding.mac} of {finding.host} is on {owner} in NetBox")
    return unassigned


def _move(client: Client, mac: dict[str, Any], port: dict[str, Any]) -> None:
    """Assign to another interface; NetBox refuses that for an address that is the primary one of where it is."""
    if mac["assigned_object_id"] is not None:
        client.update("dcim/interfaces", mac["assigned_object_id"], {"primary_mac_address": None})
    place = {"assigned_object_type": "dcim.interface", "assigned_object_id": port["id"]}
    client.update("dcim/mac-addresses", mac["id"], place)
