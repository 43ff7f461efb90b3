# SPDX-License-Identifier: BSD-2-Clause
"""One HTTP request to NetBox: sent, sent again where that is safe, answered or failed with the cause.

| what happened | sent again | why |
|---|---|---|
| no connection was made: refused, name unknown, connect timed out | always | NetBox never saw it |
| PostgreSQL ended a deadlock | always | it took back all of the request |
| connection lost, or 429, 502, 503, 504 | if `Request.repeatable` | doing it twice comes to the same as once |
| no answer in time, no trust in the certificate | never | the time is up; it would end alike |
"""

from __future__ import annotations

import json
import os
import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import Any, NamedTuple, Protocol

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.exceptions import ChunkedEncodingError, SSLError
from urllib3.exceptions import InsecureRequestWarning, NewConnectionError, ReadTimeoutError

from ..core.errors import InvalidError, UnavailableError
from .settings import Settings

RETRIED_STATUS = frozenset({429, 502, 503, 504})
ATTEMPTS = 6  # with the pauses between them about 5 s
CONNECT_TIMEOUT = 5.0  # seconds
PER_OBJECT = 1.0  # seconds more for each object of a bulk request (NetBox takes about 0.15 to make a device)


@dataclass(frozen=True)
class Request:
    """`endpoint` is such as `dcim/devices`, `detail` what follows it: an id, an action."""

    method: str
    endpoint: str
    detail: str = ""
    params: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False

    @property
    def path(self) -> str:
        """Below NetBox's base URL; GraphQL alone lies outside the REST API."""
        if self.endpoint == "graphql":
            return "graphql/"
        return "/".join(part.strip("/") for part in ("api", self.endpoint, self.detail) if part) + "/"

    @cached_property
    def content(self) -> bytes | None:
        if self.body is None:
            return None
        try:
            return json.dumps(self.body, allow_nan=False).encode()
        except (TypeError, ValueError) as exc:
            raise InvalidError(f"{self.method} {self.endpoint}: what is to be sent is no JSON: {exc}") from exc

    @property
    def patience(self) -> float:
        """Seconds that NetBox may take besides the timeout: a bulk request is one transaction of many writes."""
        return PER_OBJECT * len(self.body) if isinstance(self.body, list) else 0


class Sent(NamedTuple):
    response: requests.Response
    attempts: int


class Sender(Protocol):
    """The transport, or what stands before it."""

    def send(self, request: Request) -> Sent: ...

    def sleep(self, seconds: float, /) -> None: ...

    def close(self) -> None: ...


class TokenAuth(AuthBase):
    """Sets the header as `auth`, so that an entry for the host in ~/.netrc does not replace it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._settings.authorization
        return request


class SystemTrust(HTTPAdapter):
    """Trusts the machine's certificate authorities (and SSL_CERT_FILE) besides certifi's, as curl and Ansible do."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)


class Transport:
    """Thread-safe.

    Nothing of the session changes after construction (it keeps no cookies and follows no redirects), and urllib3's
    connection pool is made for threads.
    """

    def __init__(
        self,
        settings: Settings,
        connections: int = 8,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self.sleep = sleep
        self._clock = clock
        self._session = session = requests.Session()
        session.auth = TokenAuth(settings)
        session.headers.update({"Accept": "application/json", "User-Agent": "clusto.datacenter"})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        session.mount("http://", HTTPAdapter(pool_maxsize=connections))
        session.mount("https://", https_adapter(settings)(pool_maxsize=connections))
        if not settings.validate_certs:
            urllib3.disable_warnings(InsecureRequestWarning)

    def close(self) -> None:
        self._session.close()

    def url(self, request: Request) -> str:
        return f"{self.settings.api_url}/{request.path}"

    def send(self, request: Request) -> Sent:
        """Return the answer, whatever its status. Raises UnavailableError when there is none."""
        deadline = self._clock() + self.settings.timeout + request.patience
        attempt = 0
        while True:
            attempt += 1
            failure: OSError | None = None
            pause = backoff(attempt)
            try:
                response = self._attempt(request, deadline - self._clock())
            except OSError as exc:  # requests' own errors are such, too
                failure = exc
                again = never_connected(exc) or (request.repeatable and broken(exc))
            else:
                again = taken_back(response) or (request.repeatable and response.status_code in RETRIED_STATUS)
                pause = max(pause, retry_after(response))
            if again and attempt < ATTEMPTS and self._clock() + pause < deadline:
                self.sleep(pause)
            elif failure is None:
                return Sent(response, attempt)
            else:
                tries = f" (tried {attempt} times)" if attempt > 1 else ""
                text = f"{request.method} {self.url(request)}: {reason(failure, self.settings)}{tries}"
                raise UnavailableError(text) from failure

    def _attempt(self, request: Request, remaining: float) -> requests.Response:
        settings = self.settings
        headers = {"Content-Type": "application/json"} if request.content is not None else {}
        return self._session.request(
            request.method,
            self.url(request),
            params=request.params,
            data=request.content,
            headers={**headers, **request.headers},
            timeout=(min(CONNECT_TIMEOUT, remaining), remaining),
            allow_redirects=False,
            # False must be said with each request: for a session alone REQUESTS_CA_BUNDLE would overrule it
            verify=settings.validate_certs and (settings.ca_path or True),
        )


def https_adapter(settings: Settings) -> type[HTTPAdapter]:
    """Whoever names authorities, here or in the environment, means these and no others."""
    named = settings.ca_path or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return HTTPAdapter if named or not settings.validate_certs else SystemTrust


def never_connected(exc: OSError) -> bool:
    """Whether the request cannot have reached NetBox (nor ended at its certificate)."""
    return isinstance(exc, requests.ConnectTimeout) or isinstance(cause(exc), NewConnectionError)


def broken(exc: OSError) -> bool:
    """Whether the connection was lost on the way: cut off, reset, half an answer."""
    lost = isinstance(exc, requests.ConnectionError | ChunkedEncodingError)
    return lost and not isinstance(exc, SSLError) and not isinstance(cause(exc), ReadTimeoutError)


def taken_back(response: requests.Response) -> bool:
    """Whether NetBox's transaction met another's in a deadlock and was the one that PostgreSQL ended.

    Two writers of contexts or tags may: NetBox 4.7 renders the data of all devices concerned within the request.
    """
    return response.status_code == requests.codes.server_error and b"deadlock detected" in response.content


def cause(exc: OSError) -> object:
    """Return what urllib3 says went wrong, from within requests' wrapping."""
    inner = exc.args[0] if exc.args else exc
    return getattr(inner, "reason", None) or inner


def reason(exc: OSError, settings: Settings) -> str:
    """Say what went wrong, and what to do about it."""
    if isinstance(exc, SSLError):
        whom = f"the authorities in {settings.ca_path}" if settings.ca_path else "this machine's authorities"
        return (
            f"no trusted TLS connection, going by {whom}: {cause(exc)}; set ca_path to the certificate of the authority"
            " that signed NetBox's (or validate_certs to false, where nobody can listen)"
        )
    if isinstance(exc, requests.ConnectTimeout):
        return "nobody answers at this address (connect timed out)"
    if isinstance(exc, requests.Timeout) or isinstance(cause(exc), ReadTimeoutError):
        return f"no answer within {settings.timeout:g} s, see `timeout`; NetBox may still be working on it"
    return f"no connection: {cause(exc)}"


def backoff(attempt: int) -> float:
    """Return the seconds before the next attempt: doubled each time; spread, so that clients fall out of step."""
    return float(0.15 * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing


def retry_after(response: requests.Response) -> float:
    """Return the seconds that NetBox asks to wait, in either form of the header (RFC 9110 section 10.2.3), else 0.

    A date is one of the server's clock, which need not agree with ours: its own `Date` says what the time is there.
    """
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        now = parsedate_to_datetime(response.headers.get("Date", ""))
        return (parsedate_to_datetime(value) - now).total_seconds()
    except (ValueError, TypeError):  # no date; one with a zone, the other without
        return 0
