"""Reports progress during long work. Knows nothing about the work."""

import time
from collections.abc import Callable

PATIENCE_S = 4.0
"""Seconds without a line after which one is reported."""


class Pulse:
    """A reporter that the work calls at each beat, and that passes on a line only once some seconds have passed."""

    def __init__(self, progress: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._progress, self._clock = progress, clock
        self._began = self._last = clock()

    def beat(self, words: str) -> None:
        """Reports these words and the seconds so far, if the last line is PATIENCE_S seconds old."""
        now = self._clock()
        if now - self._last >= PATIENCE_S:
            self._last = now
            self._progress(f"{words} ({now - self._began:.0f} s so far)")
