# SPDX-License-Identifier: BSD-2-Clause
"""Ciphers of the user-based security model. The only file that needs the package cryptography."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.decrepit.ciphers.modes import CFB
from cryptography.hazmat.primitives.ciphers import Cipher as Block
from cryptography.hazmat.primitives.ciphers import algorithms, modes

from .ber import MalformedError

_SALT: Final = 8  # octets of msgPrivacyParameters


class Cipher(Protocol):
    """Encrypts and decrypts scoped PDUs. boots, time: of the message, by its authoritative engine."""

    def encrypt(self, plain: bytes, boots: int, time: int, salt: int) -> tuple[bytes, bytes]:
        """Give what is sent, and its msgPrivacyParameters. A salt must not come twice."""

    def decrypt(self, secret: bytes, boots: int, time: int, salt: bytes) -> bytes:
        """Raises MalformedError for what cannot have been encrypted so; what a wrong key yields is noise."""


class Des:
    """DES in CBC mode (RFC 3414 section 8.1)."""

    def __init__(self, key: bytes) -> None:
        # The same key three times is DES: what is in the middle undoes what was first.
        self._algorithm = TripleDES(key[:8] * 3)
        self._pre_iv = key[8:16]

    def encrypt(self, plain: bytes, boots: int, time: int, salt: int) -> tuple[bytes, bytes]:  # noqa: ARG002 - AES's
        sent = (boots & 0xFFFFFFFF).to_bytes(4) + (salt & 0xFFFFFFFF).to_bytes(4)
        encryptor = self._block(sent).encryptor()
        padded = plain + bytes(-len(plain) % 8)
        return encryptor.update(padded) + encryptor.finalize(), sent

    def decrypt(self, secret: bytes, boots: int, time: int, salt: bytes) -> bytes:  # noqa: ARG002 - AES's
        if len(salt) != _SALT or len(secret) % 8:
            raise MalformedError(f"DES: a salt of {len(salt)} octets, data of {len(secret)}; expected 8, and eights")
        decryptor = self._block(salt).decryptor()
        return decryptor.update(secret) + decryptor.finalize()

    def _block(self, salt: bytes) -> Block[modes.CBC]:
        iv = bytes(a ^ b for a, b in zip(self._pre_iv, salt, strict=True))
        return Block(self._algorithm, modes.CBC(iv))


class Aes:
    """AES in CFB mode of 128 bits (RFC 3826 section 3.1); longer keys work alike."""

    def __init__(self, key: bytes) -> None:
        self._algorithm = algorithms.AES(key)

    def encrypt(self, plain: bytes, boots: int, time: int, salt: int) -> tuple[bytes, bytes]:
        sent = (salt & 0xFFFFFFFFFFFFFFFF).to_bytes(8)
        encryptor = self._block(boots, time, sent).encryptor()
        return encryptor.update(plain) + encryptor.finalize(), sent

    def decrypt(self, secret: bytes, boots: int, time: int, salt: bytes) -> bytes:
        if len(salt) != _SALT:
            raise MalformedError(f"AES: a salt of {len(salt)} octets; expected {_SALT}")
        decryptor = self._block(boots, time, salt).decryptor()
        return decryptor.update(secret) + decryptor.finalize()

    def _block(self, boots: int, time: int, salt: bytes) -> Block[CFB]:
        return Block(self._algorithm, CFB(boots.to_bytes(4) + time.to_bytes(4) + salt))


CIPHERS: Final[Mapping[str, Callable[[bytes], Cipher]]] = {"DES": Des, "AES": Aes}
