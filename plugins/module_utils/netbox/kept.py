# SPDX-License-Identifier: BSD-2-Clause
"""Answers that are used again, for work that comes in bursts and asks nearly the same each time.

| what | used again | why nothing goes wrong |
|---|---|---|
| lists of what seldom changes (`SELDOM`): layouts, places, types, pools, subnets, name managers but for their counters | for some seconds, by all who share a `Kept`; and as long as whoever follows NetBox's change log says by `hold` that they stay true | it is as if the work had been done so much earlier. What contradicts by now NetBox refuses, for objects are written by their ids; whoever is refused calls `forget` and looks again |
| all else | by one piece of work (`Once`), until it writes for the first time | what it decides on is of one moment. Counters and documents are swapped by their ETags; anything else NetBox refuses, or a look after the write finds it |

Whoever makes or deletes something finds it so. What is changed alone is read by its id for that, which is not kept.
"""  # noqa: E501 - a table's rows cannot be broken

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from threading import Lock

from .transport import Request, Sender, Sent

SELDOM = {
    "dcim.region": "dcim/regions",
    "dcim.sitegroup": "dcim/site-groups",
    "dcim.site": "dcim/sites",
    "dcim.location": "dcim/locations",
    "dcim.rack": "dcim/racks",
    "dcim.devicerole": "dcim/device-roles",
    "dcim.platform": "dcim/platforms",
    "dcim.devicetype": "dcim/device-types",
    "dcim.interfacetemplate": "dcim/interface-templates",
    "dcim.consoleporttemplate": "dcim/console-port-templates",
    "dcim.consoleserverporttemplate": "dcim/console-server-port-templates",
    "dcim.powerporttemplate": "dcim/power-port-templates",
    "dcim.poweroutlettemplate": "dcim/power-outlet-templates",
    "dcim.frontporttemplate": "dcim/front-port-templates",
    "dcim.rearporttemplate": "dcim/rear-port-templates",
    "tenancy.tenant": "tenancy/tenants",
    "virtualization.cluster": "virtualization/clusters",
    "extras.configcontext": "extras/config-contexts",
    "extras.configcontextprofile": "extras/config-context-profiles",
    "extras.tag": "extras/tags",
    "ipam.prefix": "ipam/prefixes",
    "ipam.iprange": "ipam/ip-ranges",
}
"""Object type -> the endpoint of its lists."""
ENDPOINTS = frozenset(SELDOM.values())
ALONE = "extras.configcontext"
"""No other list tells anything of these."""

Question = tuple[str, str, tuple[tuple[str, str], ...], bytes | None]


def question(request: Request) -> Question:
    return request.endpoint, request.detail, request.params, request.content


class Kept:
    """What several pieces of work use again, for so many seconds. For any thread."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._lock = Lock()
        self._answers: dict[Question, tuple[float, Sent]] = {}
        """With the times at which they were asked for."""
        self._forgotten = 0
        """How often: what was asked for before may be what was to be forgotten."""
        self.reused = 0
        """How often something was that was asked for by an earlier piece of work."""

    def now(self) -> float:
        return self._clock()

    def ask(self, request: Request, behind: Sender, since: float) -> Sent:
        """since: when the piece of work began."""
        now = self._clock()
        with self._lock:
            self._answers = {one: known for one, known in self._answers.items() if now - known[0] < self._seconds}
            known = self._answers.get(question(request))
            self.reused += known is not None and known[0] < since
            forgotten = self._forgotten
        if known:
            return known[1]
        sent = behind.send(request)
        with self._lock:
            if sent.response.ok and self._forgotten == forgotten:
                self._answers[question(request)] = now, sent
        return sent

    def hold(self, since: float, changed: Collection[str] | None) -> None:
        """What was known before `since` and has not changed until then is as if it had been asked for then.

        changed: the object types of what NetBox logged until then, all of it; None if that is not known.
        """
        types = SELDOM.keys() if changed is None else SELDOM.keys() & set(changed)
        if types - {ALONE}:
            self.forget()
        elif types:
            self.forget(SELDOM[ALONE])
        with self._lock:
            self._answers = {one: (max(asked, since), sent) for one, (asked, sent) in self._answers.items()}

    def forget(self, endpoint: str | None = None) -> None:
        """Use nothing of an endpoint again, or nothing at all."""
        with self._lock:
            self._forgotten += 1
            self._answers = {one: answer for one, answer in self._answers.items() if endpoint not in {None, one[0]}}


class Once:
    """How one piece of work sends: what it has read already it does not ask again, until it writes."""

    def __init__(self, behind: Sender, kept: Kept) -> None:
        self._behind = behind
        self._kept = kept
        self._began = kept.now()
        self._answers: dict[Question, Sent] | None = {}
        """None since it has begun to write."""

    def send(self, request: Request) -> Sent:
        if request.method != "GET" and request.endpoint != "graphql":
            return self._write(request)
        if request.endpoint in ENDPOINTS and not request.detail:
            return self._kept.ask(request, self._behind, self._began)
        answers, asked = self._answers, question(request)
        if answers is None:
            return self._behind.send(request)
        if asked not in answers:
            answers[asked] = self._behind.send(request)
        return answers[asked]

    def _write(self, request: Request) -> Sent:
        self._answers = None
        try:
            return self._behind.send(request)
        finally:  # also when the answer is lost: it may be done
            if not request.detail:
                self._kept.forget(request.endpoint)

    def sleep(self, seconds: float) -> None:
        self._behind.sleep(seconds)

    def close(self) -> None:
        """What is behind is another's."""
