"""The fast lane's counts: the service's metrics in separate files, because the lane must not wait for a lock."""

import os
from bisect import bisect_left
from pathlib import Path

from churn.server.metric_files import OwnCounts, Sample, name_buckets
from churn.server.metrics import CHURNERS, DURATION, PROBABILITIES, PROBABILITY, REQUESTS, SCORED, SECONDS

_ROUTE = {"route": "/predict"}
_TOTALS = [
    Sample(*SCORED, "total"),
    Sample(*CHURNERS, "total"),
    Sample(*REQUESTS, "total", {**_ROUTE, "status": "200"}),
]


class LaneCounts:
    """Counts the customers of one process. Must be made after the fork; only one thread may count."""

    def __init__(self, folder: Path) -> None:
        """Makes this process's files in the folder of metrics. Raises OSError when the file system is full."""
        sums = [Sample(*PROBABILITY, "sum"), Sample(*DURATION, "sum", _ROUTE)]
        probabilities, seconds = name_buckets(*PROBABILITY, PROBABILITIES), name_buckets(*DURATION, SECONDS, _ROUTE)
        counters = OwnCounts(folder / f"counter_lane_{os.getpid()}.db", _TOTALS)
        histograms = OwnCounts(folder / f"histogram_lane_{os.getpid()}.db", [*sums, *probabilities, *seconds])
        self._totals, (self._scored, self._churners, self._requests) = counters.cells, counters.at
        self._cells, (self._probability, self._duration, *at) = histograms.cells, histograms.at
        self._probabilities, self._seconds = at[: len(probabilities)], at[len(probabilities) :]

    def count(self, churn_probability: float, churn: bool, duration_s: float) -> None:
        """Counts one customer whose POST /predict is answered with 200."""
        totals, cells = self._totals, self._cells
        totals[self._scored] += 1
        totals[self._churners] += churn
        cells[self._probability] += churn_probability
        cells[self._probabilities[bisect_left(PROBABILITIES, churn_probability)]] += 1
        totals[self._requests] += 1
        cells[self._duration] += duration_s
        cells[self._seconds[bisect_left(SECONDS, duration_s)]] += 1
