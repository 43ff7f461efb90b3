# SPDX-License-Identifier: BSD-2-Clause
"""Reading a switch over SNMP: which interface a base port is, and which MAC addresses are behind it.

Cisco's switches have the tables of a bridge once for each VLAN: with version 2c under the community COMMUNITY@VLAN,
with version 3 in the context vlan-VLAN. What is asked without a VLAN is VLAN 1 there, and everything elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as hlapi

from ..core.errors import ClustoError
from ..snmp.macnotify import LAST_VLAN, MacChange, Operation
from .config import Credentials

BASE_PORT_IF_INDEX: Final = "1.3.6.1.2.1.17.1.4.1.2"  # dot1dBasePortIfIndex (RFC 4188): .basePort
IF_NAME: Final = "1.3.6.1.2.1.31.1.1.1.1"  # ifName (RFC 2863): .ifIndex
IF_DESCR: Final = "1.3.6.1.2.1.2.2.1.2"  # ifDescr: .ifIndex
FDB_PORT: Final = "1.3.6.1.2.1.17.4.3.1.2"  # dot1dTpFdbPort: .six octets of MAC address
FDB_STATUS: Final = "1.3.6.1.2.1.17.4.3.1.3"  # dot1dTpFdbStatus
Q_FDB_PORT: Final = "1.3.6.1.2.1.17.7.1.2.2.1.2"  # dot1qTpFdbPort (RFC 4363): .fdbId.six octets
Q_FDB_STATUS: Final = "1.3.6.1.2.1.17.7.1.2.2.1.3"  # dot1qTpFdbStatus
Q_VLAN_FDB: Final = "1.3.6.1.2.1.17.7.1.4.2.1.3"  # dot1qVlanFdbId: .timeMark.vlan
VTP_VLAN_STATE: Final = "1.3.6.1.4.1.9.9.46.1.3.1.1.2"  # vtpVlanState (CISCO-VTP-MIB): .domain.vlan
LEARNED: Final = 3  # of both status columns
OPERATIONAL: Final = 1
RESERVED_VLANS: Final = range(1002, 1006)  # FDDI and Token Ring, which every Cisco has and no bridge
MOST: Final = 200_000  # rows of one column; no switch has more
REPETITIONS: Final = 25

Rows = dict[tuple[int, ...], Any]
"""What follows the column's object identifier -> value."""

_AUTH: Final = {
    "MD5": hlapi.USM_AUTH_HMAC96_MD5,
    "SHA": hlapi.USM_AUTH_HMAC96_SHA,
    "SHA-224": hlapi.USM_AUTH_HMAC128_SHA224,
    "SHA-256": hlapi.USM_AUTH_HMAC192_SHA256,
    "SHA-384": hlapi.USM_AUTH_HMAC256_SHA384,
    "SHA-512": hlapi.USM_AUTH_HMAC384_SHA512,
}
_PRIV: Final = {
    "DES": hlapi.USM_PRIV_CBC56_DES,
    "AES": hlapi.USM_PRIV_CFB128_AES,
    "AES-192": hlapi.USM_PRIV_CFB192_AES_BLUMENTHAL,
    "AES-256": hlapi.USM_PRIV_CFB256_AES_BLUMENTHAL,
    "AES-192-C": hlapi.USM_PRIV_CFB192_AES,
    "AES-256-C": hlapi.USM_PRIV_CFB256_AES,
}


class ReadError(ClustoError):
    """A switch does not answer, or not so that it can be used."""


@dataclass(frozen=True)
class Names:
    """What a switch calls an interface: ifName is often short (Gi1/0/3), ifDescr long (GigabitEthernet1/0/3)."""

    if_name: str
    if_descr: str


class Switch:
    """One switch, read anew with each call. All raise ReadError."""

    def __init__(self, address: str, credentials: Credentials) -> None:
        self._address = address
        self._credentials = credentials

    def ports(self, vlan: int | None = None) -> dict[int, Names]:
        """Give the interfaces by base port, of all VLANs or, where the switch has them apart, of one."""
        base_ports, *names = self._read((BASE_PORT_IF_INDEX, vlan), (IF_NAME, None), (IF_DESCR, None))
        return {
            base_port: Names(*(str(rows.get((int(if_index),), "")) for rows in names))
            for (base_port, *_), if_index in base_ports.items()
        }

    def forwarding(self) -> list[MacChange]:
        """Give the learned addresses of the forwarding table, as if they were learnt now."""
        ports, statuses, fdbs, states = self._read(
            (Q_FDB_PORT, None), (Q_FDB_STATUS, None), (Q_VLAN_FDB, None), (VTP_VLAN_STATE, None)
        )
        if ports:
            vlans = {int(fdb): index[-1] for index, fdb in fdbs.items()}
            learned = _learned(ports, statuses)
            return [_learnt(vlans.get(fdb, fdb), mac, port) for (fdb, *mac), port in learned]
        found = []
        for vlan in sorted({index[-1] for index, state in states.items() if int(state) == OPERATIONAL}):
            if vlan not in RESERVED_VLANS:
                columns = self._read((FDB_PORT, vlan), (FDB_STATUS, vlan))
                found += [_learnt(vlan, mac, port) for mac, port in _learned(*columns)]
        if not states:  # a bridge that knows of no VLANs
            found = [_learnt(1, mac, port) for mac, port in _learned(*self._read((FDB_PORT, None), (FDB_STATUS, None)))]
        return found

    def _read(self, *columns: tuple[str, int | None]) -> list[Rows]:
        """Read columns whole, each with the VLAN that it is of."""
        try:
            return asyncio.run(self._walk_all(columns))
        except (PySnmpError, OSError) as exc:
            raise ReadError(f"{self._address} cannot be read: {exc}") from exc

    async def _walk_all(self, columns: tuple[tuple[str, int | None], ...]) -> list[Rows]:
        engine = hlapi.SnmpEngine()
        try:
            transport = hlapi.Udp6TransportTarget if ":" in self._address else hlapi.UdpTransportTarget
            place = (self._address, self._credentials.port)
            target = await transport.create(place, timeout=self._credentials.timeout, retries=1)
            return [await self._walk(engine, target, column, vlan) for column, vlan in columns]
        finally:
            engine.close_dispatcher()

    async def _walk(self, engine: Any, target: Any, column: str, vlan: int | None) -> Rows:
        rows: Rows = {}
        length = column.count(".") + 1
        asked = hlapi.ObjectType(hlapi.ObjectIdentity(column))
        options = {"lexicographicMode": False, "lookupMib": False, "maxRows": MOST}
        walk = hlapi.bulk_walk_cmd(engine, *self._as(vlan, target), 0, REPETITIONS, asked, **options)
        async for failure, status, _, bindings in walk:
            if failure or status:
                raise ReadError(f"{self._address} cannot be read: {failure or status.prettyPrint()}")
            for name, value in bindings:
                rows[tuple(name)[length:]] = value
        return rows

    def _as(self, vlan: int | None, target: Any) -> tuple[Any, Any, Any]:
        """Give the credentials, the target and the context."""
        given = self._credentials
        if given.community is not None:
            community = given.community if vlan is None else f"{given.community}@{vlan}"
            version_2c = hlapi.CommunityData(community, mpModel=1)  # noqa: S508 - what many switches speak
            return version_2c, target, hlapi.ContextData()
        auth, priv = given.auth or ("", None), given.priv or ("", None)
        user = hlapi.UsmUserData(
            given.user,
            auth[1],
            priv[1],
            authProtocol=_AUTH.get(auth[0], hlapi.USM_AUTH_NONE),
            privProtocol=_PRIV.get(priv[0], hlapi.USM_PRIV_NONE),
        )
        return user, target, hlapi.ContextData(contextName=b"" if vlan is None else b"vlan-%d" % vlan)


def _learned(ports: Rows, statuses: Rows) -> Iterator[tuple[tuple[int, ...], int]]:
    """Give index and port of the addresses learned from traffic: not the switch's own, not configured ones."""
    for index, port in ports.items():
        mac = index[-6:]
        if int(statuses.get(index, LEARNED)) == LEARNED and int(port) and any(mac) and not mac[0] & 1:
            yield index, int(port)


def _learnt(vlan: int, mac: tuple[int, ...] | list[int], port: int) -> MacChange:
    return MacChange(Operation.LEARNT, min(max(vlan, 1), LAST_VLAN), bytes(mac).hex(":"), port)
