"""The shared folder: a service outlives a small /dev/shm and many dead workers, and removes ownerless folders."""

import os
import re
import signal
import time
from pathlib import Path

import pytest
import requests

from churn.server.shared_folder import COUNTS_BYTES, GROWN_BYTES, needed_bytes, remove_ownerless_folders
from tests.customers import GOOD
from tests.serving import Server, check_it_stops, samples, start_badly, wait_until
from tests.small_memory import small_memory

pytestmark = pytest.mark.server


def predict(server: Server) -> None:
    assert requests.post(f"{server.url}/predict", json=GOOD, timeout=20).status_code == 200


def metrics_of(server: Server) -> dict[tuple, float]:
    return samples(requests.get(f"{server.url}/metrics", timeout=5).text)


def files_of(server: Server, pattern: str = "*.db") -> list[Path]:
    """The files of metrics, or others, of a service with its own /dev/shm."""
    return list(Path(f"/proc/{server.process.pid}/root/dev/shm").glob(f"churn-*/{pattern}"))


@pytest.mark.parametrize(("setting", "ending"), [("", pytest.skip.Exception), ("required", pytest.fail.Exception)])
def test_without_namespaces_these_tests_are_skipped_or_fail_where_they_are_required(monkeypatch, setting, ending):
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setenv("SHM_TESTS", setting)
    with pytest.raises(ending, match=r"the /dev/shm tests were left out: .*unshare -Urm"):
        small_memory("1m")


def test_a_service_outlives_more_dead_workers_than_its_memory_had_room_for(tmp_path, measured):
    """Each worker left at least 8 KiB, so fewer than 90 of them would fill 700 KiB."""
    sent = killed = 0
    with Server(tmp_path / "log.txt", within=small_memory("700k"), WEB_CONCURRENCY="3") as server:
        began = time.monotonic()
        while killed < 90:
            predict(server)
            sent += 1
            workers = server.workers()
            for worker in workers:
                os.kill(worker, signal.SIGKILL)
            killed += len(workers)
            server.wait_for_workers(gone=workers)
        measured.append(f"{killed} workers killed in {time.monotonic() - began:.0f} s")
        for _ in range(20):
            predict(server)
            sent += 1
        found = metrics_of(server)
        assert found["churn_customers_scored_total",] == sent
        assert found["churn_http_requests_total", ("route", "/predict"), ("status", "200")] == sent
        assert found["churn_http_request_duration_seconds_count", ("route", "/predict")] == sent
        assert found["churn_probability_bucket", ("le", "0.3")] == sent
        wait_until(lambda: len(files_of(server)) <= 3 * 7 + 2)  # the last of the dead may just be folded
    assert "SIGBUS" not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def ask_for_everything(server: Server) -> None:
    """Send every route every method, and every field wrong in every possible way."""
    for path in (
        "/",
        "/docs",
        "/openapi.json",
        "/model",
        "/drift",
        "/ping",
        "/health",
        "/ready",
        "/metrics",
        "/nope",
    ):
        for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            requests.request(method, server.url + path, timeout=5)
    wrong = [dict.fromkeys(GOOD, value) for value in ("x", -1, "", None, [], True, "nan")]
    twice = GOOD | {name.upper(): value for name, value in GOOD.items()}
    for customers in ([*wrong, {}, 7, twice], GOOD, [GOOD] * 60):
        requests.post(f"{server.url}/predict", json=customers, timeout=5)
    assert requests.get(f"{server.url}/drift", timeout=5).json()["answers"] >= 50
    requests.post(f"{server.url}/predict", data="{", timeout=5)


def test_the_required_room_is_enough(tmp_path, measured):
    within = small_memory(str(needed_bytes(1)))
    with Server(tmp_path / "log.txt", within=within, WEB_CONCURRENCY="1") as server:
        for reload in (True, True, False, False):
            (worker,) = server.workers()
            ask_for_everything(server)
            taken = sum(path.stat().st_blocks * 512 for path in files_of(server) if str(worker) in path.name)
            assert taken <= GROWN_BYTES
            (counts,) = {path.stat().st_blocks * 512 for path in files_of(server, "counts-*-*")}
            (snapshot,) = {path.stat().st_blocks * 512 for path in files_of(server, "counts-*.snapshot")}
            assert snapshot <= counts <= COUNTS_BYTES
            if reload:
                os.kill(server.process.pid, signal.SIGHUP)
            else:
                os.kill(worker, signal.SIGKILL)
            server.wait_for_workers(gone=[worker])
        predict(server)
        found = metrics_of(server)
        assert found["churn_http_requests_total", ("route", "/predict"), ("status", "200")] == 9
        measured.append(
            f"a worker's files of metrics grow to {taken // 1024} KiB, its counts are {counts // 1024} KiB"
        )
    assert "SIGBUS" not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


@pytest.mark.parametrize("free_kib", [16, 300])
def test_without_room_it_does_not_start(free_kib):
    finished = start_badly(small_memory(f"{free_kib}k"), WEB_CONCURRENCY="2")
    check_it_stops(
        finished,
        "gunicorn.conf.py: /dev/shm",
        "metrics and counts (workers: 2) need 520 KiB",
        f"{free_kib} KiB are free",
    )
    assert finished.returncode == 1


def folder_of(server: Server) -> Path:
    maps = Path(f"/proc/{server.workers()[0]}/maps").read_text()
    (folder,) = set(re.findall(r"/dev/shm/churn-\w+", maps))
    return Path(folder)


def test_a_killed_services_folder_is_removed_by_the_next_and_a_living_ones_is_not(tmp_path):
    with Server(tmp_path / "living.txt") as living:
        predict(living)
        with Server(tmp_path / "killed.txt") as killed:
            left = folder_of(killed)
            os.killpg(killed.process.pid, signal.SIGKILL)
            killed.process.wait()
        assert left.exists()
        with Server(tmp_path / "next.txt") as following:
            wait_until(lambda: not left.exists())
            assert folder_of(following) != left
            predict(living)
            assert metrics_of(living)["churn_customers_scored_total",] == 2
        assert folder_of(living).exists()


def test_only_ownerless_shared_folders_are_removed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    for name in ("churn-ownerless", "churn-being-made", "churn-fifo", "elsewhere"):
        (tmp_path / name).mkdir()
    for folder in (tmp_path / "churn-ownerless", elsewhere):
        (folder / "owner").touch()
        (folder / "counter_1.db").touch()
    (tmp_path / "churn-link").symlink_to(elsewhere)
    (tmp_path / "churn-file").touch()
    os.mkfifo(tmp_path / "churn-fifo" / "owner")
    remove_ownerless_folders(tmp_path)
    left = {path.name for path in tmp_path.iterdir()}
    assert left >= {"churn-being-made", "elsewhere", "churn-link", "churn-file"}
    assert "churn-ownerless" not in left
    assert (elsewhere / "counter_1.db").exists()
