"""The fast lane's counts are exact even if workers are killed, and in the end one file of each kind is left."""

import os
import signal
from pathlib import Path

import pytest
import requests

from churn.server.lane_counts import LaneCounts
from churn.server.metric_files import MetricFiles, fold_dead_workers
from tests.customers import GOOD
from tests.load import Load
from tests.serving import Server, samples


def read(folder: Path) -> dict[tuple, float]:
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for metric in MetricFiles(folder).collect()
        for sample in metric.samples
    }


def test_folding_keeps_every_count(tmp_path):
    counts = LaneCounts(tmp_path)
    for churn_probability, duration_s in ((0.05, 0.00001), (0.1, 0.0001), (0.95, 2.0)):
        counts.count(churn_probability, churn_probability > 0.5, duration_s)
    before = read(tmp_path)
    assert before["churn_customers_scored_total",] == 3
    assert before["churn_customers_predicted_churning_total",] == 1
    assert before["churn_http_requests_total", ("route", "/predict"), ("status", "200")] == 3
    assert before["churn_probability_bucket", ("le", "0.1")] == 2
    assert before["churn_probability_sum",] == pytest.approx(1.1)
    seconds = "churn_http_request_duration_seconds"
    assert before[f"{seconds}_bucket", ("le", "0.0001"), ("route", "/predict")] == 2
    assert before[f"{seconds}_bucket", ("le", "1.0"), ("route", "/predict")] == 2
    assert before[f"{seconds}_count", ("route", "/predict")] == 3
    fold_dead_workers(tmp_path, living=set())
    assert read(tmp_path) == before
    assert {path.name for path in tmp_path.glob("*.db")} == {"counter_dead.db", "histogram_dead.db"}


@pytest.mark.server
def test_a_killed_worker_loses_no_count_of_its_answers(tmp_path):
    """At most one request of each client, the one under way, is counted without having been answered."""
    with Server(tmp_path / "log.txt", WEB_CONCURRENCY="2") as server:
        with Load(server.url, GOOD) as load:
            for _ in range(5):
                load.wait_for(300)
                (killed, _) = server.workers()
                os.kill(killed, signal.SIGKILL)
                server.wait_for_workers(gone=[killed])
            load.wait_for(300)
        found = samples(requests.get(f"{server.url}/metrics", timeout=5).text)
    answered = load.statuses[200]
    assert set(load.statuses) == {200}
    counted = found["churn_http_requests_total", ("route", "/predict"), ("status", "200")]
    assert answered <= counted <= answered + len(load.lost) + load.reopened
    for name in ("churn_customers_scored_total", "churn_probability_count"):
        assert abs(found[name,] - counted) <= 5  # a worker may be killed between two of its counts
