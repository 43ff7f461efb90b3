# SPDX-License-Identifier: BSD-2-Clause
"""One HTTP request to NetBox: sent, retried where that is safe, answered or failed with the cause.

A request is sent again after a failure in these cases only:

| what happened | which requests | why |
|---|---|---|
| no connection was made (refused, name unknown, connect timed out) | all | NetBox never saw it |
| connection lost, or 429, 502, 503, 504 | those that are `repeatable` | twice is once: reads and plain overwrites |

Everything ends when `Settings.timeout` is used up.
"""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.exceptions import InsecureRequestWarning, NewConnectionError

from ..core.errors import UnavailableError
from .settings import Settings

RETRIED_STATUS = frozenset({429, 502, 503, 504})
CONNECT_TIMEOUT = 5.0


@dataclass(frozen=True)
class Request:
    """`path` is below NetBox's base URL; `patience` is added to the settings' timeout (seconds, for large bodies)."""

    method: str
    path: str
    params: tuple[tuple[str, str], ...] = ()
    body: Any = None
    headers: Mapping[str, str] | None = None
    repeatable: bool = False
    patience: float = 0


class TokenAuth(AuthBase):
    """Sets the header as `auth`, so that a ~/.netrc entry for the host does not replace it, as requests would."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._settings.authorization
        return request


class SystemTrust(HTTPAdapter):
    """Trusts the system's certificate authorities besides certifi's, as curl and Ansible do."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=ssl.create_default_context(), **kwargs)


class Transport:
    """Thread-safe: nothing of the session changes after construction (it keeps no cookies and follows no redirects),
    and urllib3's connection pool is made for threads.
    """

    def __init__(
        self,
        settings: Settings,
        connections: int,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.settings = settings
        self._clock = clock
        self._sleep = sleep
        self._session = session = requests.Session()
        session.auth = TokenAuth(settings)
        session.headers.update({"Accept": "application/json", "User-Agent": "clusto.datacenter"})
        session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        plain = settings.ca_path or not settings.validate_certs
        adapter = (HTTPAdapter if plain else SystemTrust)(pool_connections=1, pool_maxsize=connections)
        session.mount("http://", adapter)
        session.mount("https://", adapter)
        if not settings.validate_certs:
            urllib3.disable_warnings(InsecureRequestWarning)

    def close(self) -> None:
        self._session.close()

    def send(self, request: Request) -> requests.Response:
        """Return the answer, whatever its status. Raises UnavailableError when there is none in time."""
        deadline = self._clock() + self.settings.timeout + request.patience
        attempt = 0
        while True:
            attempt += 1
            try:
                response = self._attempt(request, deadline - self._clock())
            except requests.RequestException as exc:
                failure: Exception | None = exc
                pause = backoff(attempt)
                again = never_connected(exc) or (request.repeatable and passes(exc))
            else:
                failure = None
                pause = retry_after(response) or backoff(attempt)
                again = request.repeatable and response.status_code in RETRIED_STATUS
                if not again:
                    return response
            if not again or self._clock() + pause >= deadline:
                if failure is None:
                    return response
                raise UnavailableError(self._explain(request, failure, attempt)) from failure
            self._sleep(pause)

    def url(self, request: Request) -> str:
        return f"{self.settings.api_url}/{request.path}"

    def _attempt(self, request: Request, remaining: float) -> requests.Response:
        settings = self.settings
        return self._session.request(
            request.method,
            self.url(request),
            params=request.params,
            json=request.body,
            headers=request.headers,
            timeout=(min(CONNECT_TIMEOUT, remaining), remaining),
            allow_redirects=False,
            verify=(settings.ca_path or True) if settings.validate_certs else False,
        )

    def _explain(self, request: Request, exc: Exception, attempts: int) -> str:
        tries = f" (tried {attempts} times)" if attempts > 1 else ""
        return f"{request.method} {self.url(request)}: {reason(exc, self.settings)}{tries}"


def never_connected(exc: Exception) -> bool:
    """Whether the request cannot have reached NetBox."""
    if isinstance(exc, requests.exceptions.SSLError):
        return False  # it did not, but the next handshake would end like this one
    return isinstance(exc, requests.ConnectTimeout) or isinstance(cause(exc), NewConnectionError)


def passes(exc: Exception) -> bool:
    """Whether a fault of the connection may be gone a moment later."""
    return isinstance(
        exc, requests.ConnectionError | requests.Timeout | requests.exceptions.ChunkedEncodingError
    ) and not isinstance(exc, requests.exceptions.SSLError)


def cause(exc: Exception) -> object:
    """Return what urllib3 says went wrong, from within requests' wrapping."""
    inner = exc.args[0] if exc.args else exc
    return getattr(inner, "reason", None) or inner


def reason(exc: Exception, settings: Settings) -> str:
    if isinstance(exc, requests.exceptions.SSLError):
        trust = f"the authorities in {settings.ca_path}" if settings.ca_path else "the known authorities"
        return (
            f"TLS failed with {trust}: {cause(exc)}; set ca_path to the certificate authority that signed NetBox's"
            " certificate (or, on a test network, validate_certs to false)"
        )
    if isinstance(exc, requests.ConnectTimeout):
        return "nobody answers at this address (connect timed out)"
    if isinstance(exc, requests.Timeout):
        return f"no answer within {settings.timeout:g} s; see `timeout`"
    return f"no connection: {cause(exc)}"


def backoff(attempt: int) -> float:
    """Seconds before the next attempt: doubled each time, and spread, so that clients do not come back together."""
    return float(min(8.0, 0.1 * 2**attempt) * random.uniform(0.5, 1))  # noqa: S311 - spreads load, guards nothing


def retry_after(response: requests.Response) -> float | None:
    """Seconds, from either form of the header (RFC 9110 section 10.2.3)."""
    value = response.headers.get("Retry-After", "")
    if value.isdecimal():
        return float(value)
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except ValueError:
        return None
