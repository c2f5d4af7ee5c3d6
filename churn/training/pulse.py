"""A word of progress where work takes longer than a reader's patience. Knows nothing of the work."""

import time
from collections.abc import Callable

PATIENCE_S = 4.0
"""Seconds without a line after which there is one."""


class Pulse:
    """Reports, at a beat of the work, that it goes on and for how long it has, where a while has passed."""

    def __init__(self, progress: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._progress, self._clock = progress, clock
        self._began = self._last = clock()

    def beat(self, words: str) -> None:
        """Reports these words and the seconds so far, where it is time to."""
        now = self._clock()
        if now - self._last >= PATIENCE_S:
            self._last = now
            self._progress(f"{words} ({now - self._began:.0f} s so far)")
