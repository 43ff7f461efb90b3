# SPDX-License-Identifier: BSD-2-Clause
"""A second look at requests that would go unanswered: NetBox is asked at once, so what was made just now is served."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final

from .journal import Arrival

log = logging.getLogger(__name__)

HELD: Final = 64  # clients that wait for one look; a flood of unknown ones holds no more memory
AGAIN: Final = 5.0  # seconds after a look before the same client causes another
REMEMBERED: Final = 4096  # clients that had their look
PAUSE: Final = 0.25  # seconds between two looks, whoever asks


class Recheck:
    """`refresh` makes the inventory newer, `again` handles a request for the last time; both in a thread of its own."""

    def __init__(
        self,
        refresh: Callable[[], object],
        again: Callable[[Arrival], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._refresh = refresh
        self._again = again
        self._clock = clock
        self._held: dict[bytes, Arrival] = {}
        self._looked: dict[bytes, float] = {}
        self._changed = Condition()
        self._stopped = False
        self._thread = Thread(target=self._run, name="recheck", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what is held is dropped, its clients ask again."""
        with self._changed:
            self._stopped = True
            self._changed.notify()

    def ask(self, arrival: Arrival) -> bool:
        """Hold a client's newest request for a second look; False if it had one just now, or too many wait."""
        client, now = arrival.data[28:44], self._clock()  # chaddr (RFC 2131 section 2)
        with self._changed:
            if client not in self._held:
                if now - self._looked.get(client, -AGAIN) < AGAIN or len(self._held) >= HELD:
                    return False
                if len(self._looked) >= REMEMBERED:
                    self._looked.clear()
                self._looked[client] = now
            self._held[client] = arrival
            self._changed.notify()
        return True

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._held or self._stopped)
                if self._stopped:
                    return
            try:
                self._refresh()
            except Exception:
                # A fault of ours must not end second looks; the requests are handled by what is known.
                log.exception("the inventory could not be refreshed")
            with self._changed:
                held, self._held = list(self._held.values()), {}
            for arrival in held:
                self._again(arrival)
            with self._changed:
                self._changed.wait_for(lambda: self._stopped, PAUSE)
