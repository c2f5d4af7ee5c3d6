"""The service's metrics for Prometheus, correct over all workers and their restarts.

Owns names, labels and buckets. With PROMETHEUS_MULTIPROC_DIR, which gunicorn.conf.py sets, prometheus-client keeps
each worker's numbers in files of that folder, and any worker shows the sums; without it, a process shows its own.
Numbers that are the same in all workers, or are read from the system, are added at the scrape.
"""

import logging
import os
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import prometheus_client as prometheus
from prometheus_client import CollectorRegistry, Gauge, Histogram, Metric, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from churn import __version__
from churn.errors import CountsError
from churn.server.count_series import Series, list_answered, list_outside
from churn.server.counted_model import CountedModel
from churn.server.metric_files import MetricFiles
from churn.server.processes import measure_processes

logger = logging.getLogger(__name__)

MOST_SERIES = 2_000
"""The most series of one scrape: beyond it, series are summed up."""
_MOST_PROBLEMS = 200
_MOST_OUTSIDE = 300
_OTHERS = 600  # kept free for series that are not by field and value, so that their number does not change the sums

SECONDS = (0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
PROBABILITIES = tuple(tenth / 10 for tenth in range(1, 11))
_MODEL, _PROBLEMS = "churn_model_info", "churn_customer_problems"
REQUESTS = ("churn_http_requests", "HTTP requests answered.")
NO_ROUTE = "none"
DURATION = (
    "churn_http_request_duration_seconds",
    "Time that the app takes for an answer, from the arrival of the whole request.",
)
SCORED = ("churn_customers_scored", "Customers scored.")
CHURNERS = ("churn_customers_predicted_churning", "Customers scored at or above the threshold.")
PROBABILITY = ("churn_probability", "Churn probabilities given.")
_OF_PROCESSES = {
    "cpu_seconds_total": "CPU time of all processes of the service, those that have ended included.",
    "resident_memory_bytes": "Memory of all processes of the service; shared memory counts once for each.",
    "virtual_memory_bytes": "Virtual memory of all processes of the service.",
    "start_time_seconds": "When the service was started, in seconds since 1970.",
    "open_fds": "Open files and connections of the process with the most.",
    "max_fds": "The most open files and connections that a process may have.",
}


class Metrics:
    """The metrics of one app; they are not shared with other apps."""

    content_type = CONTENT_TYPE

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        counter, histogram = partial(prometheus.Counter, registry=registry), partial(Histogram, registry=registry)
        self._master = os.getpid()
        self._requests = counter(*REQUESTS, ["route", "status"])
        self._duration = histogram(*DURATION, ["route"], buckets=SECONDS)
        self._in_flight = Gauge(
            "churn_http_requests_in_flight",
            "Requests that the app is answering, the scrape included.",
            multiprocess_mode="livesum",
            registry=registry,
        )
        self._scored = counter(*SCORED)
        self._churners = counter(*CHURNERS)
        self._probability = histogram(*PROBABILITY, buckets=PROBABILITIES)
        self._problems = counter(
            _PROBLEMS,
            "Problems of refused customers, by field (empty: the whole customer) and kind.",
            ["field", "problem"],
        )
        self._model = Gauge(
            _MODEL,
            "1 for each model version that a live worker serves.",
            ["version"],
            multiprocess_mode="livemax",
            registry=registry,
        )
        self._swaps = counter("churn_model_swaps", "Changes of the model file, as each worker saw them.", ["outcome"])
        for outcome in ("swapped", "refused"):
            self._swaps.labels(outcome)  # shows 0 before the first swap
        self._shown: str | None = None

    def begin_request(self) -> None:
        """Counts a request as in flight, until `end_request`."""
        self._in_flight.inc()

    def end_request(self) -> None:
        """Counts a request as no longer in flight."""
        self._in_flight.dec()

    def count_request(self, route: str, status: int, duration_s: float) -> None:
        """Counts one answered request; `route` is the rule that matched, which bounds the number of series."""
        self._requests.labels(route, str(status)).inc()
        self._duration.labels(route).observe(duration_s)

    def count_refused(self, status: int) -> None:
        """Counts one request that was refused before the app saw it, and so has no known route."""
        self._requests.labels(NO_ROUTE, str(status)).inc()

    def count_scored(self, probabilities: Sequence[float], *, threshold: float) -> None:
        """Counts scored customers, by their churn probabilities (0 to 1)."""
        self._scored.inc(len(probabilities))
        self._churners.inc(sum(probability >= threshold for probability in probabilities))
        # As observe() does, but once for a whole list: calling it for a customer takes as long as scoring one.
        for bucket, count in Counter(bisect_left(PROBABILITIES, value) for value in probabilities).items():
            self._probability._buckets[bucket].inc(count)
        self._probability._sum.inc(sum(probabilities))

    def count_problems(self, counts: Mapping[tuple[str | None, str], int]) -> None:
        """Counts the problems of refused customers by (field, problem)."""
        for (field, problem), count in counts.items():
            self._problems.labels(field or "", problem).inc(count)

    def count_swap(self, outcome: str) -> None:
        """Counts a change of the model file: "swapped" or "refused"."""
        self._swaps.labels(outcome).inc()

    def show_model(self, version: str) -> None:
        """Sets the model version that this process serves from now on."""
        if self._shown not in (None, version):
            self._model.labels(self._shown).set(0)
        self._model.labels(version).set(1)
        self._shown = version

    def render(self, model: CountedModel | None = None) -> bytes:
        """All metrics in Prometheus' text format, with the counts of a model's customers that may be shown."""
        folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        counted = self._registry if folder is None else MetricFiles(Path(folder))
        return generate_latest(_Scrape(counted, self._master, model))


@dataclass(frozen=True)
class _Scrape(Collector):
    """The metrics of a scrape: those counted, without models that are no longer served, the build, the processes, and
    those made from the counts of a model's customers.
    """

    counted: Collector
    master: int
    model: CountedModel | None

    def collect(self) -> Iterable[Metric]:
        """All metrics, each once, in at most MOST_SERIES series."""
        shown = 0
        for metric in self._collect_others():
            shown += len(metric.samples)
            yield metric
        yield from self._collect_counts(MOST_SERIES - max(shown, _OTHERS))

    def _collect_others(self) -> Iterable[Metric]:
        for metric in self.counted.collect():
            if metric.name == _MODEL:  # prometheus-client can't remove a label's value from a worker's file
                metric.samples = [sample for sample in metric.samples if sample.value]
            yield _sum_up_fields(metric) if metric.name == _PROBLEMS else metric
        build = GaugeMetricFamily("churn_build_info", "1, for the version of this software.", labels=["version"])
        build.add_metric([__version__], 1)
        yield build
        figures = measure_processes(self.master)
        for name, figure in figures._asdict().items() if figures else ():
            family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
            yield family(f"process_{name}", _OF_PROCESSES[name], value=figure)

    def _collect_counts(self, most: int) -> Iterable[Metric]:
        """The metrics made from the counts of customers, in at most `most` series; none if they can't be read."""
        if not self.model or not self.model.tally:
            return
        try:
            report = self.model.read_report()
        except CountsError as error:
            logger.error("the counts of customers are not shown", extra={"reason": error.reason})
            return
        drifted = GaugeMetricFamily(
            "churn_drifted_fields", "Fields whose distribution among answered customers differs from training."
        )
        if self.model.training:
            drifted.add_metric([], sum(field.drifted is True for field in report.fields))
        yield drifted
        expected = GaugeMetricFamily(
            "churn_expected_auc", "The AUC to expect from the answered customers' probabilities alone, 0 to 1."
        )
        auc = report.expected["auc"]
        if auc and (auc.low, auc.high) != (0, 1):  # an interval of 0 to 1 says nothing
            expected.add_metric([], auc.value)
        yield expected
        bins, counts = self.model.tally.layout.bins, report.counts
        outside = list_outside(counts, bins, most=_MOST_OUTSIDE)
        answered = list_answered(counts, bins, most=max(1, most - len(outside) - 2))
        yield _make_counter(
            "churn_out_of_range", "Answered customers with a number outside the training range.", ["field"], outside
        )
        yield _make_counter(
            "churn_answered_customers", "Answered customers by each field's values.", ["field", "value"], answered
        )


def _make_counter(name: str, documentation: str, labels: Sequence[str], series: Series) -> Metric:
    counter = CounterMetricFamily(name, documentation, labels=labels)
    for values, count in series.items():
        counter.add_metric(values, count)
    return counter


def _sum_up_fields(problems: Metric) -> Metric:
    """The problems, by kind only if there would be too many series by field and kind."""
    if len(problems.samples) <= _MOST_PROBLEMS:
        return problems
    summed: Series = Counter()
    for sample in problems.samples:
        if sample.name.endswith("_total"):
            summed["", sample.labels["problem"]] += int(sample.value)
    return _make_counter(problems.name, problems.documentation, ["field", "problem"], summed)
