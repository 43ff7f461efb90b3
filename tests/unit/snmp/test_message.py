# SPDX-License-Identifier: BSD-2-Clause
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clusto.snmp import ber, message
from clusto.snmp.ber import MalformedError
from clusto.snmp.message import CommunityMessage, Flags, Parameters, SecureMessage, Version, parse
from clusto.snmp.pdu import notification

from . import captures

ALL = [value for name, value in vars(captures).items() if name.isupper() and name != "ENGINE"]


@pytest.mark.parametrize(
    ("datagram", "version"),
    [
        (captures.TRAP_V1, Version.V1),
        (captures.TRAP_V2C, Version.V2C),
        (captures.INFORM_V2C, Version.V2C),
    ],
)
def test_messages_with_a_community(datagram: bytes, version: Version) -> None:
    found = parse(datagram)
    assert isinstance(found, CommunityMessage)
    assert (found.version, found.community) == (version, b"public")
    assert message.community_response(found, found.data[found.pdu :]) == datagram


@pytest.mark.parametrize(
    ("datagram", "flags", "digest"),
    [
        (captures.TRAP_AUTH, Flags.AUTH, 12),
        (captures.TRAP_AES, Flags.AUTH | Flags.PRIV, 24),
        (captures.TRAP_DES, Flags.AUTH | Flags.PRIV, 12),
    ],
)
def test_messages_of_version_3(datagram: bytes, flags: Flags, digest: int) -> None:
    found = parse(datagram)
    assert isinstance(found, SecureMessage)
    assert found.flags == flags
    assert found.security[:4] == (captures.ENGINE, 3, 4711, b"sw")
    assert found.digest[1] - found.digest[0] == digest
    content, proof = (found.data[slice(*span)] for span in (found.content, found.digest))
    again = parse(message.secure(found.message_id, flags, found.security, content, proof))
    assert isinstance(again, SecureMessage)
    assert again[:3] == found[:3]
    assert again.data[slice(*again.content)] == content


def test_the_question_for_our_engine() -> None:
    found = parse(captures.DISCOVERY)
    assert isinstance(found, SecureMessage)
    assert found.flags == Flags.REPORTABLE
    assert found.security == Parameters(b"", 0, 0, b"", b"")


def version_3(  # noqa: PLR0913 - the fields of a message
    *, flags: bytes = b"\1", model: int = 3, identifier: int = 1, boots: int = 0, user: bytes = b"sw", tag: int = 0x30
) -> bytes:
    head = [ber.encoded_integer(identifier), ber.encoded_integer(65507), ber.value(ber.OCTET_STRING, flags)]
    fields = [ber.value(ber.OCTET_STRING, b"engine"), ber.encoded_integer(boots), ber.encoded_integer(0)]
    fields += [ber.value(ber.OCTET_STRING, octets) for octets in (user, bytes(12), b"")]
    return ber.sequence(
        ber.encoded_integer(3),
        ber.sequence(*head, ber.encoded_integer(model)),
        ber.value(ber.OCTET_STRING, ber.sequence(*fields)),
        ber.value(tag, b""),
    )


def test_version_3_by_hand() -> None:
    assert isinstance(parse(version_3()), SecureMessage)


@pytest.mark.parametrize(
    ("label", "datagram"),
    [
        ("nothing", b""),
        ("octets behind the message", captures.TRAP_V2C + b"\0"),
        ("version 2", ber.sequence(ber.encoded_integer(2), ber.value(4, b"public"))),
        ("version 4", ber.sequence(ber.encoded_integer(4))),
        ("no community", ber.sequence(ber.encoded_integer(1))),
        ("security model 1", version_3(model=1)),
        ("flags of two octets", version_3(flags=b"\0\0")),
        ("no flags", version_3(flags=b"")),
        ("privacy without authentication", version_3(flags=b"\2", tag=4)),
        ("a negative msgID", version_3(identifier=-1)),
        ("negative boots", version_3(boots=-1)),
        ("a user name of 33 octets", version_3(user=bytes(33))),
        ("plain data that should be encrypted", version_3(flags=b"\3")),
        ("encrypted data that should be plain", version_3(tag=4)),
    ],
)
def test_malformed(label: str, datagram: bytes) -> None:
    with pytest.raises(MalformedError):
        parse(datagram)


@given(st.binary(max_size=300))
def test_garbage_raises_one_error_only(data: bytes) -> None:
    check(data)


@given(st.sampled_from(ALL), st.data())
def test_damaged_captures_raise_one_error_only(capture: bytes, data: st.DataObject) -> None:
    damaged = bytearray(capture)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    check(bytes(damaged[: data.draw(st.integers(0, len(damaged)))]))


def check(datagram: bytes) -> None:
    try:
        found = parse(datagram)
        at = found.pdu if isinstance(found, CommunityMessage) else message.scoped_pdu(datagram, found.content[0])[1]
        notification(datagram, at)
    except MalformedError:
        return
    assert datagram[0] == ber.SEQUENCE
