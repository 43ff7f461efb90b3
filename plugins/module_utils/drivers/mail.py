# SPDX-License-Identifier: BSD-2-Clause
"""Mail to people: what is asked for, by whom, and the way to their mail server."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, getaddresses, make_msgid
from typing import Any, Final

from ..core.errors import ClustoError, InvalidError

PASSWORD: Final = "CLUSTO_MAIL_PASSWORD"  # noqa: S105 - where it is, not what it is
NO_TLS, STARTTLS, IMPLICIT = "none", "starttls", "implicit"
PORTS: Final = {NO_TLS: 25, STARTTLS: 587, IMPLICIT: 465}
"""How the way is protected -> the usual port (RFC 5321, RFC 6409, RFC 8314)."""

TIMEOUT: Final = 30  # seconds, for each step of the exchange


@dataclass(frozen=True)
class MailServer:
    """The way to it. With a user, and unless `tls` says otherwise, the way is protected by STARTTLS."""

    host: str
    port: int
    tls: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    ca_path: str | None = None

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def send(self, message: EmailMessage) -> None:
        """ClustoError, naming server and recipients, when the server cannot be reached or does not take it."""
        what = f"mail to {message['To']} through {self.address}"
        try:
            with self._connect() as smtp:
                if self.user:
                    smtp.login(self.user, self.password or "")
                refused = smtp.send_message(message)
        except smtplib.SMTPRecipientsRefused as exc:
            raise ClustoError(f"{what}: not sent; {told(exc.recipients)}") from exc
        except (smtplib.SMTPException, OSError) as exc:
            raise ClustoError(f"{what}: not sent; {reason(exc)}") from exc
        if refused:
            raise ClustoError(f"{what}: sent, but not to all; {told(refused)}")

    def _connect(self) -> smtplib.SMTP:
        if self.tls == IMPLICIT:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=TIMEOUT, context=self._tls())
        smtp = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT)
        if self.tls == STARTTLS:
            try:
                smtp.starttls(context=self._tls())
            except BaseException:
                smtp.close()
                raise
        return smtp

    def _tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self.ca_path)


def mail_server(options: Mapping[str, Any], what: str, environ: Mapping[str, str] = os.environ) -> MailServer:
    """Make it of `mail_server`, `mail_port`, `mail_tls`, `mail_user`, `mail_password`, `mail_ca_path`.

    The password may be in the environment. InvalidError for what is missing or unknown; `what` needs it.
    """
    if not (host := options.get("mail_server")):
        raise InvalidError(f"{what}: no mail_server")
    user, password = options.get("mail_user"), options.get("mail_password") or environ.get(PASSWORD)
    if user and not password:
        raise InvalidError(f"{what}: mail_user {user!r} without mail_password")
    tls = options.get("mail_tls") or (STARTTLS if user else NO_TLS)
    if tls not in PORTS:
        raise InvalidError(f"{what}: mail_tls {tls!r}; expected one of {', '.join(PORTS)}")
    port = options.get("mail_port") or PORTS[tls]
    if not isinstance(port, int) or not 0 < port < 2**16:
        raise InvalidError(f"{what}: mail_port {port!r}; expected 1 to 65535")
    return MailServer(str(host), port, tls, user, password if user else None, options.get("mail_ca_path"))


def letter(sender: str, recipients: list[str], subject: str, text: str) -> EmailMessage:
    """Write a mail; InvalidError for an address that is none."""
    message = EmailMessage(policy=SMTP)
    message["From"] = address("mail_from", sender)
    message["To"] = [address("mail_to", recipient) for recipient in recipients]
    message["Subject"] = subject
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=message["From"].addresses[0].domain)
    message.set_content(text)
    return message


def address(name: str, text: str) -> Address:
    """Read an address such as `Remote Hands <hands@colo.example>`; InvalidError for what is none or several."""
    found = getaddresses([text]) if text.isprintable() else []
    user, _, domain = found[0][1].rpartition("@") if len(found) == 1 else ("", "", "")
    if not user or not domain:
        raise InvalidError(f"{name} {text!r}: expected one mail address, NAME@DOMAIN")
    return Address(found[0][0], user, domain)


def told(refused: Mapping[str, tuple[int, bytes]]) -> str:
    """Say whom the server refused, and in its own words why."""
    return "; ".join(f"{who} was refused: {answer(code, text)}" for who, (code, text) in sorted(refused.items()))


def reason(exc: Exception) -> str:
    if isinstance(exc, smtplib.SMTPResponseException):
        return answer(exc.smtp_code, exc.smtp_error)
    return str(exc) or type(exc).__name__


def answer(code: int, text: bytes | str) -> str:
    return f"{code} {text.decode(errors='replace') if isinstance(text, bytes) else text}"
