"""The files of metrics: folding those of dead workers changes no count, even for a scrape at the same moment."""

import errno
import fcntl
import os
import re
import threading
from importlib.metadata import version
from pathlib import Path

import prometheus_client.values
import pytest
from prometheus_client.values import MultiProcessValue, close_all_multiprocess_files

from churn.server import metric_files
from churn.server.metric_files import fold_dead_workers
from churn.server.metrics import Metrics
from tests.serving import samples

LIBRARY = f"prometheus-client {version('prometheus-client')} keeps its files in another way"


@pytest.fixture
def begin(tmp_path, monkeypatch):
    """A function that makes the metrics of a worker with its own process id; their files are in `tmp_path`."""

    def begin(pid: int) -> Metrics:
        monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
        monkeypatch.setattr(prometheus_client.values, "ValueClass", MultiProcessValue(lambda: pid))
        return Metrics()

    yield begin
    close_all_multiprocess_files()


def work(metrics: Metrics, number: int) -> None:
    """Count what a worker may count, each with another share; eighths add up exactly."""
    metrics.count_request("/predict", 200, number / 8)
    metrics.count_request(f"/{number % 3}", 404, 0.125)
    metrics.count_scored([0.125, 0.5, number % 8 / 8], threshold=0.5)
    metrics.count_problems(
        {("tenure", "negative"): number, (None, "not an object"): 1, (f"f\u00e9{number % 5}", "x"): 2}
    )
    metrics.count_swap("swapped")


def counts(text: bytes) -> dict[tuple, float]:
    return {
        key: value
        for key, value in samples(text.decode()).items()
        if not re.search("_created$|^churn_model_info$|^process_", key[0])
    }


def test_counts_of_dead_workers_add_up_as_in_one_process_and_only_living_ones_show_their_model(
    begin, tmp_path, monkeypatch
):
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)
    alone = Metrics()
    for number in range(1, 31):
        work(alone, number)
    expected = counts(alone.render())
    assert expected["churn_customers_scored_total",] == 90

    for pid in range(1, 31):
        worker = begin(pid)
        work(worker, pid)
        worker.show_model(f"model-{pid}")
    for dead in (0, 1, 2, 2, 17, 28):
        living = set(range(dead + 1, 31))
        fold_dead_workers(tmp_path, living=living)
        found = worker.render()
        assert counts(found) == expected, LIBRARY
        shown = {dict(key[1:])["version"] for key in samples(found.decode()) if key[0] == "churn_model_info"}
        assert shown == {f"model-{pid}" for pid in living}
    assert {path.name for path in tmp_path.glob("*.db")} == {
        *("counter_dead.db", "histogram_dead.db"),
        *(
            f"{kind}_{pid}.db"
            for kind in ("counter", "histogram", "gauge_livemax", "gauge_livesum")
            for pid in (29, 30)
        ),
    }
    assert all(path.stat().st_size < 16_384 for path in tmp_path.glob("*_dead.db"))  # a worker's own have 65,536


def test_no_scrape_sees_a_count_twice_or_not_at_all_while_dead_workers_are_folded(begin, tmp_path):
    for pid in range(1, 61):
        work(begin(pid), pid)
    reader, seen, stop = begin(61), set(), threading.Event()

    def scrape() -> None:
        while not stop.is_set():
            seen.add(counts(reader.render())["churn_customers_scored_total",])

    threads = [threading.Thread(target=scrape) for _ in range(2)]
    for thread in threads:
        thread.start()
    for dead in range(1, 61):
        fold_dead_workers(tmp_path, living=range(dead + 1, 62))
    stop.set()
    for thread in threads:
        thread.join()
    assert seen == {180.0}


def test_a_worker_that_died_while_it_made_its_files_does_no_harm(begin, tmp_path):
    reader = begin(1)
    work(reader, 3)
    before = counts(reader.render())
    (tmp_path / "counter_98.db").touch()
    (tmp_path / "histogram_99.db").write_bytes(bytes(65536))
    assert counts(reader.render()) == before
    fold_dead_workers(tmp_path, living={1})
    assert counts(reader.render()) == before
    assert {path.name for path in tmp_path.glob("*.db")} >= {"counter_1.db", "histogram_1.db"}
    assert not {path.name for path in tmp_path.glob("*_9?.db")}


def test_without_room_to_fold_them_files_stay_and_are_folded_the_next_time(begin, tmp_path, monkeypatch):
    for pid in (1, 2):
        work(begin(pid), pid)
    reader = begin(3)
    before = counts(reader.render())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        with pytest.raises(OSError, match="No space left"):
            fold_dead_workers(tmp_path, living={3})
    assert counts(reader.render()) == before
    assert (tmp_path / "counter_1.db").exists()
    assert not list(tmp_path.glob("*.new"))
    fold_dead_workers(tmp_path, living={3})
    assert counts(reader.render()) == before
    assert not (tmp_path / "counter_1.db").exists()


def test_a_scrape_that_hangs_does_not_hang_the_master(begin, tmp_path, monkeypatch):
    work(begin(1), 1)
    reader = begin(2)
    monkeypatch.setattr(metric_files, "_PATIENCE_S", 0.05)
    with Path(tmp_path / "metrics.lock").open("w") as hanging:
        fcntl.flock(hanging, fcntl.LOCK_SH)
        with pytest.raises(TimeoutError, match="stayed locked"):
            fold_dead_workers(tmp_path, living={2})
        assert counts(reader.render())["churn_customers_scored_total",] == 3
    fold_dead_workers(tmp_path, living={2})
    assert counts(reader.render())["churn_customers_scored_total",] == 3
