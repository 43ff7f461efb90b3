# SPDX-License-Identifier: BSD-2-Clause
"""Datacenters of others, where one's own people are not: their staff are asked for by mail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Any, Final

from ..core.errors import InvalidError
from . import mail
from .place import BasicDatacenter

KEY: Final = "remote_hands"
OPTIONS: Final = ("mail_server", "mail_port", "mail_tls", "mail_user", "mail_ca_path", "mail_from", "mail_to")
"""Subkeys of the attribute `remote_hands`, of the datacenter or of a pool that it is in; what is given goes before."""

PRIORITIES: Final = ("low", "normal", "high")


class EquinixDatacenter(BasicDatacenter):
    """A colocation whose remote hands take requests by mail, to the address in the attribute `remote_hands`."""

    def remote_hands(
        self,
        message: str,
        priority: str = "low",
        mail_server: str | None = None,
        mail_from: str | None = None,
        mail_to: str | Sequence[str] | None = None,
        **more: Any,
    ) -> dict[str, Any]:
        """Mail a request to the people on site, and tell what was sent.

        `more`: mail_port, mail_tls (`none`, `starttls`, `implicit`), mail_user, mail_password, mail_ca_path.
        InvalidError for what is missing, ClustoError when the mail server does not take it.
        """
        given = {"mail_server": mail_server, "mail_from": mail_from, "mail_to": mail_to, **more}
        server, request = self._request(message, priority, given)
        server.send(request)
        return {**described(server, request), "message_id": str(request["Message-ID"])}

    def rehearse_remote_hands(self, message: str, priority: str = "low", **options: Any) -> dict[str, Any]:
        server, request = self._request(message, priority, options)
        return described(server, request)

    def _request(self, message: str, priority: str, given: Mapping[str, Any]) -> tuple[mail.MailServer, EmailMessage]:
        what = f"remote hands of {self.label}"
        if priority not in PRIORITIES:
            raise InvalidError(f"{what}: priority {priority!r}; expected one of {', '.join(PRIORITIES)}")
        options = {**self._from_attributes(what), **{key: value for key, value in given.items() if value is not None}}
        check_known(what, options, (*OPTIONS, "mail_password"))
        for name in ("mail_to", "mail_from", "mail_server"):
            if not options.get(name):
                raise InvalidError(f"{what}: no {name}; give it, or set the attribute {KEY}, subkey {name}")
        to = options["mail_to"]
        request = mail.letter(
            options["mail_from"],
            [to] if isinstance(to, str) else list(to),
            f"Remote hands request: {priority} priority, {self.name}",
            f"{message}\n\nSite: {self.name}\nPriority: {priority}\n",
        )
        request["Importance"] = priority  # RFC 4021 section 2.1.45: these three words
        return mail.mail_server(options, what), request

    def _from_attributes(self, what: str) -> Mapping[str, Any]:
        attributes = self.merged().get(KEY, {})
        if not isinstance(attributes, Mapping):
            raise InvalidError(f"{what}: attribute {KEY} is {attributes!r}; expected the subkeys {', '.join(OPTIONS)}")
        if "mail_password" in attributes:
            raise InvalidError(
                f"{what}: mail_password is an attribute, which everybody reads who may read NetBox; give it as an"
                f" option or in the environment as {mail.PASSWORD}"
            )
        return attributes


def check_known(what: str, options: Mapping[str, Any], known: Sequence[str]) -> None:
    if unknown := sorted(options.keys() - {*known}):
        raise InvalidError(f"{what}: unknown {', '.join(unknown)}; expected {', '.join(known)}")


def described(server: mail.MailServer, request: EmailMessage) -> dict[str, Any]:
    return {
        "to": [str(recipient) for recipient in request["To"].addresses],
        "from": str(request["From"]),
        "subject": str(request["Subject"]),
        "mail_server": server.address,
    }
