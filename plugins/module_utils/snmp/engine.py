# SPDX-License-Identifier: BSD-2-Clause
"""Our SNMP engine as the user-based security model sees it (RFC 3414 section 3.2).

Of an INFORM the receiver is the authoritative engine: senders ask for our engine id and time first, and are told by
Reports. Of a trap the sender is: its engine id is learned when a configured user's digest proves it, and its time is
kept, so that what is 150 seconds behind it is refused.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from .ber import MalformedError, oid
from .message import LEVEL, Context, Flags, Parameters, SecureMessage, scoped, scoped_pdu, secure
from .pdu import Kind, Notification, notification, report, request_id, response
from .usm import Keys, User

WINDOW: Final = 150  # seconds (RFC 3414 section 2.2.3)
LAST_BOOT: Final = 0x7FFFFFFF  # an engine that has booted so often is never in time again
MOST: Final = 4096  # engines whose keys or times are held; only users with keys can make us learn one

K = TypeVar("K")
V = TypeVar("V")


class Reason(StrEnum):
    """Why a message was refused."""

    DISCOVERY = "a question for our engine id"  # RFC 3414 section 4; no fault of anybody's
    UNKNOWN_ENGINE = "unknown engine id"
    UNKNOWN_USER = "unknown user"
    LEVEL = "unsupported security level"
    DIGEST = "wrong digest"
    TIME = "not in the time window"
    DECRYPTION = "cannot be decrypted"
    ROLE = "a trap in our name, or an INFORM in another's"


# usmStats (RFC 3414 section 5)
COUNTERS: Final[Mapping[Reason, bytes]] = {
    Reason.DISCOVERY: oid("1.3.6.1.6.3.15.1.1.4.0"),
    Reason.LEVEL: oid("1.3.6.1.6.3.15.1.1.1.0"),
    Reason.TIME: oid("1.3.6.1.6.3.15.1.1.2.0"),
    Reason.UNKNOWN_USER: oid("1.3.6.1.6.3.15.1.1.3.0"),
    Reason.UNKNOWN_ENGINE: oid("1.3.6.1.6.3.15.1.1.4.0"),
    Reason.DIGEST: oid("1.3.6.1.6.3.15.1.1.5.0"),
    Reason.DECRYPTION: oid("1.3.6.1.6.3.15.1.1.6.0"),
}


class Refused(NamedTuple):
    """`report` is what the sender is told, if it can listen."""

    reason: Reason
    report: bytes | None


class Received(NamedTuple):
    notification: Notification
    context: Context
    user: User


class Clock(NamedTuple):
    """What is known of another engine's time (RFC 3414 section 2.3): `latest` is the newest that it told, `at` when."""

    boots: int
    latest: int
    at: float


class Engine:
    """boots: how often it has started, this time included. started, now: seconds of one steady clock.

    salt: where the counter begins that makes each encryption another (RFC 3414 section 8.1.1.1), chosen at random.
    clocks: of other engines, as an earlier run of ours left them.
    """

    def __init__(  # noqa: PLR0913 - what an engine is
        self,
        engine_id: bytes,
        boots: int,
        users: Iterable[User],
        *,
        started: float,
        salt: int,
        clocks: Mapping[bytes, Clock] | None = None,
    ) -> None:
        self.engine_id = engine_id
        self.boots = boots
        self.clocks = dict(clocks or {})
        self._users = {user.name: user for user in users}
        self._started = started
        self._salt = salt
        self._keys: dict[tuple[bytes, bytes], Keys] = {}
        self._counts = dict.fromkeys(COUNTERS, 0)

    def receive(self, message: SecureMessage, now: float) -> Received | Refused:
        """Check and decrypt a message. Raises MalformedError for what is none inside."""
        user = self._sender(message)
        if isinstance(user, Reason):
            return self._refuse(user, message, now)
        ours = message.security.engine_id == self.engine_id
        keys = self._keys_of(user, message.security.engine_id)
        if user.auth:
            if not _authentic(message, keys):
                return self._refuse(Reason.DIGEST, message, now)
            _keep(self._keys, (user.name, message.security.engine_id), keys)
            if not (self._in_our_time(message, now) if ours else self._in_its_time(message, now)):
                return self._refuse(Reason.TIME, message, now, user)
        return self._open(message, user, keys, now)

    def respond(self, message: SecureMessage, received: Received, now: float) -> bytes:
        """Acknowledge an INFORM, protected as it was itself."""
        keys = self._keys_of(received.user, self.engine_id)
        content = scoped(received.context, response(received.notification))
        return self._message(message, content, keys, received.user.level, now)

    def _sender(self, message: SecureMessage) -> User | Reason:
        """RFC 3414 section 3.2 steps 3 to 5."""
        reportable, engine_id = Flags.REPORTABLE in message.flags, message.security.engine_id
        if reportable and not engine_id:
            return Reason.DISCOVERY
        if not engine_id or (reportable and engine_id != self.engine_id):
            return Reason.UNKNOWN_ENGINE
        user = self._users.get(message.security.user)
        if user is None:
            return Reason.UNKNOWN_USER
        return user if message.flags & LEVEL == user.level else Reason.LEVEL

    def _open(self, message: SecureMessage, user: User, keys: Keys, now: float) -> Received | Refused:
        content = message.data[slice(*message.content)]
        if user.priv:
            try:
                content = _decrypted(content, message, keys)
                context, at = scoped_pdu(content)
            except MalformedError:  # RFC 3414 section 3.2 step 8a; a wrong key yields noise
                return self._refuse(Reason.DECRYPTION, message, now)
        else:
            context, at = scoped_pdu(content)
        found = notification(content, at)
        if (found.kind == Kind.INFORM) != (message.security.engine_id == self.engine_id):
            return self._refuse(Reason.ROLE, message, now)
        return Received(found, context, user)

    def _in_our_time(self, message: SecureMessage, now: float) -> bool:
        """RFC 3414 section 3.2 step 7a."""
        return (
            self.boots != LAST_BOOT
            and message.security.boots == self.boots
            and abs(message.security.time - (now - self._started)) <= WINDOW
        )

    def _in_its_time(self, message: SecureMessage, now: float) -> bool:
        """RFC 3414 section 3.2 step 7b: what is newer sets the clock first."""
        clock = self.clocks.get(message.security.engine_id)
        if clock is None or (message.security.boots, message.security.time) > clock[:2]:
            clock = Clock(message.security.boots, message.security.time, now)
            _keep(self.clocks, message.security.engine_id, clock)
        if clock.boots == LAST_BOOT or message.security.boots < clock.boots:
            return False
        return message.security.time >= clock.latest + (now - clock.at) - WINDOW

    def _refuse(self, reason: Reason, message: SecureMessage, now: float, signer: User | None = None) -> Refused:
        """Only the Report of the time is signed (RFC 3414 section 3.2 step 7a)."""
        if Flags.REPORTABLE not in message.flags or reason not in COUNTERS:
            return Refused(reason, None)
        self._counts[reason] += 1
        start, stop = message.content
        asked = 0 if Flags.PRIV in message.flags else _request_id(message.data, start, stop)
        told = report(asked, COUNTERS[reason], self._counts[reason])
        keys = self._keys_of(signer, self.engine_id) if signer else None
        content = scoped(Context(self.engine_id), told)
        return Refused(reason, self._message(message, content, keys, Flags.AUTH if keys else Flags(0), now))

    def _message(self, asked: SecureMessage, content: bytes, keys: Keys | None, level: Flags, now: float) -> bytes:
        """Write an answer, by us as the authoritative engine. Without `keys` the level is none."""
        boots, time, salt = self.boots, int(now - self._started), b""
        if keys and keys.cipher and Flags.PRIV in level:
            self._salt += 1
            content, salt = keys.cipher.encrypt(content, boots, time, self._salt)
        parameters = Parameters(self.engine_id, boots, time, asked.security.user, salt)
        if not keys or Flags.AUTH not in level:
            return secure(asked.message_id, level, parameters, content)
        blank = secure(asked.message_id, level, parameters, content, bytes(keys.digest_size))
        return secure(asked.message_id, level, parameters, content, keys.digest(blank))

    def _keys_of(self, user: User, engine_id: bytes) -> Keys:
        return self._keys.get((user.name, engine_id)) or Keys(user, engine_id)


def _keep(table: dict[K, V], key: K, value: V) -> None:
    """Put something into a table of at most MOST; the oldest goes."""
    if key not in table and len(table) >= MOST:
        del table[next(iter(table))]
    table[key] = value


def _authentic(message: SecureMessage, keys: Keys) -> bool:
    start, stop = message.digest
    data = message.data
    blank = data[:start] + bytes(stop - start) + data[stop:]
    return hmac.compare_digest(data[start:stop], keys.digest(blank))


def _decrypted(content: bytes, message: SecureMessage, keys: Keys) -> bytes:
    if keys.cipher is None:
        raise MalformedError("no cipher")
    return keys.cipher.decrypt(content, message.security.boots, message.security.time, message.security.salt)


def _request_id(data: bytes, start: int, stop: int) -> int:
    try:
        return request_id(data, scoped_pdu(data, start)[1], stop)
    except MalformedError:
        return 0
