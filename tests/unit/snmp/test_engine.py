# SPDX-License-Identifier: BSD-2-Clause
"""RFC 3414 section 3.2, from both sides: the sender is written here, but for what net-snmp sent (captures)."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.snmp import ber
from clusto.snmp.ber import MalformedError
from clusto.snmp.engine import COUNTERS, LAST_BOOT, MOST, Clock, Engine, Reason, Received, Refused
from clusto.snmp.macnotify import MAC_CHANGED
from clusto.snmp.message import Context, Flags, Parameters, SecureMessage, parse, scoped, scoped_pdu, secure
from clusto.snmp.pdu import Kind
from clusto.snmp.usm import Keys, User

from . import captures

OURS = bytes.fromhex("80000000050102030405060708")
THEIRS = captures.ENGINE
CONTEXT = Context(b"context", b"vlan-442")
NONE, AUTH, PRIV = (
    User.of("none"),
    User.of("auth", ("SHA", "maplesyrup")),
    User.of("priv", ("SHA-256", "maplesyrup"), ("AES", "pancakes1")),
)
USERS = {user.name: user for user in (NONE, AUTH, PRIV)}
PDU = (
    ber.encoded_integer(7)
    + ber.encoded_integer(0) * 2
    + ber.sequence(ber.sequence(ber.value(ber.OID, ber.oid("1.3.6.1.6.3.1.1.4.1.0")), ber.value(ber.OID, MAC_CHANGED)))
)


def engine(boots: int = 5, clocks: dict[bytes, Clock] | None = None) -> Engine:
    return Engine(OURS, boots, USERS.values(), started=1000.0, salt=1, clocks=clocks)


@dataclass
class Sender:
    """Sends as `user` with `keys_of`'s keys."""

    user: User = PRIV
    keys_of: User | None = None
    engine_id: bytes = THEIRS
    boots: int = 3
    time: int = 4711
    flags: Flags | None = None
    kind: Kind = Kind.TRAP

    def send(self) -> SecureMessage:
        keys = Keys(self.keys_of or self.user, self.engine_id)
        flags = self.user.level if self.flags is None else self.flags
        if self.kind == Kind.INFORM:
            flags |= Flags.REPORTABLE
        content, salt = scoped(CONTEXT, ber.value(self.kind, PDU)), b""
        if Flags.PRIV in flags:
            assert keys.cipher
            content, salt = keys.cipher.encrypt(content, self.boots, self.time, 99)
        security = Parameters(self.engine_id, self.boots, self.time, self.user.name, salt)
        octets = secure(4, flags, security, content, bytes(keys.digest_size))
        sent = parse(secure(4, flags, security, content, keys.digest(octets)))
        assert isinstance(sent, SecureMessage)
        return sent

    def read(self, datagram: bytes | None) -> tuple[SecureMessage, bytes]:
        """Give an answer and its PDU, decrypted; its digest has to be right."""
        answer = parse(datagram or b"")
        assert isinstance(answer, SecureMessage)
        keys = Keys(self.user, answer.security.engine_id)
        content = answer.data[slice(*answer.content)]
        if Flags.AUTH in answer.flags:
            start, stop = answer.digest
            blank = answer.data[:start] + bytes(stop - start) + answer.data[stop:]
            assert keys.digest(blank) == answer.data[start:stop]
        if Flags.PRIV in answer.flags:
            assert keys.cipher
            security = answer.security
            content = keys.cipher.decrypt(content, security.boots, security.time, security.salt)
        context, at = scoped_pdu(content)
        assert context == (CONTEXT if content[at] == Kind.RESPONSE else Context(OURS))
        return answer, content[at:]


@pytest.mark.parametrize(
    ("datagram", "auth", "priv"),
    [
        (captures.TRAP_AUTH, "SHA", None),
        (captures.TRAP_AES, "SHA-256", "AES"),
        (captures.TRAP_DES, "MD5", "DES"),
        (captures.TRAP_AES192, "SHA", "AES-192"),
        (captures.TRAP_AES256, "SHA", "AES-256"),
        (captures.TRAP_AES192C, "SHA", "AES-192-C"),
        (captures.TRAP_AES256C, "SHA", "AES-256-C"),
    ],
)
def test_what_net_snmp_sends(datagram: bytes, auth: str, priv: str | None) -> None:
    user = User.of("sw", (auth, "maplesyrup"), (priv, "pancakes1") if priv else None)
    ours = Engine(OURS, 1, [user], started=0, salt=0)
    sent = parse(datagram)
    assert isinstance(sent, SecureMessage)
    found = ours.receive(sent, 10)
    assert isinstance(found, Received)
    assert found.notification.trap == MAC_CHANGED
    assert ours.clocks == {captures.ENGINE: Clock(3, 4711, 10)}


@pytest.mark.parametrize("user", [NONE, AUTH, PRIV])
def test_traps_of_engines_that_were_unknown(user: User) -> None:
    for number in range(3):
        found = engine().receive(Sender(user, engine_id=b"engine%d" % number).send(), 1010)
        assert isinstance(found, Received)
        assert found.user is user


@pytest.mark.parametrize(
    ("sender", "reason"),
    [
        (Sender(User.of("nobody")), Reason.UNKNOWN_USER),
        (Sender(AUTH, User.of("auth", ("SHA", "maple syrup"))), Reason.DIGEST),
        (Sender(AUTH, User.of("auth", ("MD5", "maplesyrup"))), Reason.DIGEST),
        (Sender(AUTH, User.of("auth", ("SHA-512", "maplesyrup"))), Reason.DIGEST),
        (Sender(PRIV, User.of("priv", ("SHA-256", "maplesyrup"), ("AES", "pancakes2"))), Reason.DECRYPTION),
        (Sender(PRIV, User.of("priv", ("SHA-256", "maplesyrup"), ("DES", "pancakes1"))), Reason.DECRYPTION),
        (Sender(PRIV, flags=Flags.AUTH), Reason.LEVEL),
        (Sender(PRIV, flags=Flags(0)), Reason.LEVEL),
        (Sender(AUTH, flags=Flags(0)), Reason.LEVEL),
        (Sender(NONE, AUTH, flags=Flags.AUTH), Reason.LEVEL),
        (Sender(engine_id=b""), Reason.UNKNOWN_ENGINE),
        (Sender(engine_id=OURS, boots=5, time=10), Reason.ROLE),
        (Sender(boots=LAST_BOOT), Reason.TIME),
    ],
)
def test_refused_traps_are_not_answered(sender: Sender, reason: Reason) -> None:
    assert engine().receive(sender.send(), 1010) == Refused(reason, None)


@pytest.mark.parametrize(
    ("boots", "time", "refused"),
    [
        (3, 4711, False),
        (3, 4711 - 140, False),  # 10 seconds went by since
        (3, 4711 - 141, True),
        (2, 9999, True),
        (4, 0, False),
    ],
)
def test_the_time_of_a_known_engine(boots: int, time: int, *, refused: bool) -> None:
    ours = engine()
    assert isinstance(ours.receive(Sender().send(), 1010), Received)
    found = ours.receive(Sender(boots=boots, time=time).send(), 1020)
    assert isinstance(found, Refused) == refused
    if refused:
        assert found == Refused(Reason.TIME, None)
        assert ours.clocks[THEIRS] == Clock(3, 4711, 1010)


def test_a_clock_that_an_earlier_run_left() -> None:
    ours = engine(clocks={THEIRS: Clock(3, 9999, 1000)})
    assert ours.receive(Sender().send(), 1010) == Refused(Reason.TIME, None)


def test_a_wrong_digest_sets_no_clock() -> None:
    ours = engine()
    ours.receive(Sender(AUTH, User.of("auth", ("SHA", "maple syrup")), boots=99).send(), 1010)
    assert ours.clocks == {}


def test_engines_are_forgotten_when_there_are_too_many() -> None:
    ours = engine(clocks={b"%d" % number: Clock(1, 1, 0) for number in range(MOST)})
    assert isinstance(ours.receive(Sender().send(), 1010), Received)
    assert len(ours.clocks) == MOST
    assert b"0" not in ours.clocks


def test_the_question_for_our_engine_is_answered() -> None:
    asked = parse(captures.DISCOVERY)
    assert isinstance(asked, SecureMessage)
    found = engine().receive(asked, 1042.5)
    assert isinstance(found, Refused)
    answer, pdu = Sender().read(found.report)
    assert answer.message_id == asked.message_id
    assert answer.flags == Flags(0)
    assert answer.security == Parameters(OURS, 5, 42, b"", b"")
    assert pdu[0] == Kind.REPORT
    assert found.reason is Reason.DISCOVERY
    assert COUNTERS[Reason.DISCOVERY] in pdu


@pytest.mark.parametrize(
    ("sender", "reason", "flags"),
    [
        (Sender(User.of("nobody")), Reason.UNKNOWN_USER, Flags(0)),
        (Sender(AUTH, User.of("auth", ("SHA", "maple syrup"))), Reason.DIGEST, Flags(0)),
        (Sender(PRIV, flags=Flags.AUTH), Reason.LEVEL, Flags(0)),
        (Sender(PRIV, User.of("priv", ("SHA-256", "maplesyrup"), ("AES", "pancakes2"))), Reason.DECRYPTION, Flags(0)),
        (Sender(PRIV, boots=0, time=0), Reason.TIME, Flags.AUTH),
    ],
)
def test_refused_informs_are_answered_by_reports(sender: Sender, reason: Reason, flags: Flags) -> None:
    sender.engine_id, sender.kind = OURS, Kind.INFORM
    if reason is not Reason.TIME:
        sender.boots, sender.time = 5, 10
    found = engine().receive(sender.send(), 1010)
    assert isinstance(found, Refused)
    assert found.reason is reason
    answer, pdu = sender.read(found.report)
    assert answer.flags == flags
    assert COUNTERS[reason] in pdu


@pytest.mark.parametrize("user", [NONE, AUTH, PRIV])
def test_informs_are_acknowledged_as_they_are_protected(user: User) -> None:
    ours = engine()
    sender = Sender(user, engine_id=OURS, boots=5, time=10, kind=Kind.INFORM)
    asked = sender.send()
    found = ours.receive(asked, 1010)
    assert isinstance(found, Received)
    answer, pdu = sender.read(ours.respond(asked, found, 1011))
    assert (answer.message_id, answer.flags) == (asked.message_id, user.level)
    assert answer.security[:4] == (OURS, 5, 11, user.name)
    assert pdu.startswith(ber.value(Kind.RESPONSE, PDU))  # padding may follow


@pytest.mark.parametrize(
    ("boots", "time", "fine"), [(5, 160, True), (5, 161, False), (5, 0, True), (4, 10, False), (6, 10, False)]
)
def test_our_own_time(boots: int, time: int, *, fine: bool) -> None:
    sent = Sender(engine_id=OURS, boots=boots, time=time, kind=Kind.INFORM).send()
    assert isinstance(engine().receive(sent, 1010), Received) == fine


def test_an_inform_to_another_engine() -> None:
    found = engine().receive(Sender(kind=Kind.INFORM).send(), 1010)
    assert isinstance(found, Refused)
    assert found.reason is Reason.UNKNOWN_ENGINE


def test_an_inform_that_says_it_is_none() -> None:
    sent = Sender(NONE, kind=Kind.INFORM).send()
    octets = sent._replace(flags=Flags(0))
    assert engine().receive(octets, 1010) == Refused(Reason.ROLE, None)


@given(st.sampled_from([THEIRS, OURS]), st.sampled_from([NONE, AUTH, PRIV]), st.data())
def test_damaged_messages_raise_one_error_only(engine_id: bytes, user: User, data: st.DataObject) -> None:
    damaged = bytearray(Sender(user, engine_id=engine_id).send().data)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    receives(bytes(damaged))


@given(
    st.binary(max_size=100), st.sampled_from([Flags(0), Flags.AUTH, Flags.AUTH | Flags.PRIV]), st.binary(max_size=40)
)
def test_garbage_that_is_signed_raises_one_error_only(content: bytes, flags: Flags, salt: bytes) -> None:
    user = {0: NONE, 1: AUTH, 3: PRIV}[int(flags)]
    keys = Keys(user, THEIRS)
    security = Parameters(THEIRS, 3, 4711, user.name, salt)
    octets = secure(4, flags, security, content, bytes(keys.digest_size))
    receives(secure(4, flags, security, content, keys.digest(octets)))


def receives(datagram: bytes) -> None:
    try:
        sent = parse(datagram)
        if isinstance(sent, SecureMessage):
            assert isinstance(engine().receive(sent, 1010), Received | Refused)
    except MalformedError:
        return
    assert datagram[0] == ber.SEQUENCE
