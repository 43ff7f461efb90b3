# SPDX-License-Identifier: BSD-2-Clause
"""A second look at requests that would go unanswered: NetBox is asked at once, so what was made just now is served."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Final

from .journal import Arrival

HELD: Final = 64  # requests that wait for one look; a flood of unknown clients holds no more memory
AGAIN: Final = 5.0  # seconds before the same client causes another look
REMEMBERED: Final = 4096  # clients
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
        self._asked: dict[bytes, float] = {}
        self._held: Queue[Arrival | None] = Queue(HELD)
        self._stopped = Event()
        self._thread = Thread(target=self._run, name="recheck", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End; what is held is dropped, its clients ask again."""
        self._stopped.set()
        try:
            self._held.put_nowait(None)
        except Full:  # then the thread wakes up anyway
            return

    def ask(self, arrival: Arrival) -> bool:
        """Hold a request for a second look; False if its client had one just now, or too many wait."""
        client, now = arrival.data[28:44], self._clock()  # chaddr (RFC 2131 section 2)
        if now - self._asked.get(client, -AGAIN) < AGAIN:
            return False
        try:
            self._held.put_nowait(arrival)
        except Full:
            return False
        if len(self._asked) >= REMEMBERED:
            self._asked.clear()
        self._asked[client] = now
        return True

    def _run(self) -> None:
        while not self._stopped.is_set():
            held = [self._held.get()]
            while not self._held.empty():
                try:
                    held.append(self._held.get_nowait())
                except Empty:
                    break
            if self._stopped.is_set():
                return
            self._refresh()
            for arrival in held:
                if arrival is not None:
                    self._again(arrival)
            self._stopped.wait(PAUSE)
