"""The disturbances of bench/soak.py while the service answers: another model, a killed worker, a reload."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import cycle
from pathlib import Path

from bench.running import Running
from churn.model.pair import Pair, put_pair

_PATIENCE_S = 60.0
_NOTICED_S = 0.5


class Disturbances:
    """A sequence of swaps, kills and reloads of a running service, each waited for; `counts` has the number of each.

    `model` is the served file, which `pairs` replace in turns. `killing` is set while a worker is killed, until every
    client has noticed that its connection is gone.
    """

    def __init__(
        self, running: Running, model: Path, pairs: Sequence[Pair], *, workers: int, killing: threading.Event
    ) -> None:
        self.counts: Counter[str] = Counter()
        self._running, self._workers, self._killing = running, workers, killing
        self._model, self._pairs = model, cycle(pairs)
        self._turns = cycle((self._swap, self._swap, self._kill, self._swap, self._swap, self._reload))

    def disturb(self) -> None:
        """Does the next disturbance, and returns once all workers are running again."""
        next(self._turns)()

    def _swap(self) -> None:
        pickled, card_json = next(self._pairs)
        assert card_json is not None
        put_pair(self._model, pickled, card_json)
        self.counts["swap"] += 1

    def _kill(self) -> None:
        worker = self._running.workers()[0]
        self._killing.set()
        os.kill(worker, signal.SIGKILL)
        self._wait(lambda workers: worker not in workers)
        time.sleep(_NOTICED_S)
        self._killing.clear()
        self.counts["kill"] += 1

    def _reload(self) -> None:
        before = set(self._running.workers())
        os.kill(self._running.pid, signal.SIGHUP)
        self._wait(lambda workers: not before & set(workers))
        self.counts["reload"] += 1

    def _wait(self, settled: Callable[[Sequence[int]], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while len(workers := self._running.workers()) != self._workers or not settled(workers):
            if time.monotonic() > deadline:
                raise SystemExit(f"after {_PATIENCE_S:.0f} s there are {len(workers)} workers, not {self._workers}")
            time.sleep(0.02)
