"""/metrics: the counts, and that they are right across workers and after one has died."""

import contextlib
import json
import math
import os
import re
import resource
import signal
import time
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from msgspec import structs
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from churn import __version__
from churn.model import scoring
from churn.model.contract import Contract
from churn.model.fields import Category, Number
from churn.server.counted_model import CountedModel
from churn.server.metrics import Metrics
from tests.apps import make_app
from tests.customers import CLEAN_CUSTOMERS, GOOD
from tests.drawn_contracts import scorer_of
from tests.serving import HEAD, Server, memory_mib, reach_workers, samples, start_badly, wait_until
from tests.watch.customers import with_campaign


def test_requests_customers_probabilities_and_problems_are_counted(client):
    client.post("/predict", json=GOOD)
    client.post("/predict", json=[GOOD, GOOD | {"tenure": 1, "internetservice": "fiber_optic"}])
    client.post("/predict", json=[GOOD, GOOD | {"tenure": -1}, 7])
    client.get("/nowhere")
    found = samples(client.get("/metrics").text)
    assert found["churn_http_requests_total", ("route", "/predict"), ("status", "200")] == 2
    assert found["churn_http_requests_total", ("route", "/predict"), ("status", "422")] == 1
    assert found["churn_http_requests_total", ("route", "none"), ("status", "404")] == 1
    assert found["churn_http_request_duration_seconds_count", ("route", "/predict")] == 3
    assert found["churn_customers_scored_total",] == 3
    assert found["churn_customers_predicted_churning_total",] == 1
    assert found["churn_probability_bucket", ("le", "0.2")] == 0
    assert found["churn_probability_bucket", ("le", "0.3")] == 2
    assert found["churn_probability_count",] == 3
    assert found["churn_customer_problems_total", ("field", "tenure"), ("problem", "negative")] == 1
    assert found["churn_customer_problems_total", ("field", ""), ("problem", "not an object")] == 1
    assert found["churn_model_swaps_total", ("outcome", "refused")] == 0


def test_all_problems_of_a_long_list_are_counted_not_only_those_in_the_answer(client):
    client.post("/predict", json=[GOOD | {"gender": "x"}] * 250)
    found = samples(client.get("/metrics").text)
    assert found["churn_customer_problems_total", ("field", "gender"), ("problem", "unknown category")] == 250


def test_paths_and_values_of_clients_never_become_labels(client):
    for number in range(50):
        client.get(f"/nowhere/{number}")
        client.post("/predict", json=GOOD | {"contract": f"secret-{number}"})
    text = client.get("/metrics").text
    assert "secret" not in text
    assert "nowhere" not in text


def test_names_carry_units_and_help_and_latency_buckets_reach_from_a_tenth_of_a_millisecond_to_a_second(client):
    client.get("/ping")
    families = list(text_string_to_metric_families(client.get("/metrics").text))
    assert all(family.name.startswith(("churn_", "process_")) and family.documentation for family in families)
    found = samples(client.get("/metrics").text)
    bounds = {float(dict(key[1:])["le"]) for key in found if key[0] == "churn_http_request_duration_seconds_bucket"}
    assert (min(bounds), sorted(bounds)[-2]) == (0.0001, 1.0)


@pytest.mark.server
def test_counts_are_right_across_workers_and_after_one_was_killed(tmp_path, shipped):
    with Server(tmp_path / "log.txt", WEB_CONCURRENCY="2") as server:
        sent = 0

        def predict(count: int) -> None:
            nonlocal sent
            for _ in range(count):  # a new connection each, so that both workers get some
                assert requests.post(f"{server.url}/predict", json=GOOD, timeout=5).status_code == 200
                sent += 1

        predict(40)
        before = server.workers()
        os.kill(before[0], signal.SIGKILL)
        server.wait_for_workers(gone=before[:1])
        predict(40)
        for _ in range(10):
            found = samples(requests.get(f"{server.url}/metrics", timeout=5).text)
            assert found["churn_customers_scored_total",] == sent
            assert found["churn_http_requests_total", ("route", "/predict"), ("status", "200")] == sent
            assert found["churn_http_request_duration_seconds_count", ("route", "/predict")] == sent
            assert found["churn_model_info", ("version", shipped.version)] == 1


def test_a_request_is_in_flight_from_its_start_to_its_end_however_it_ends(served, monkeypatch):
    metrics = Metrics()
    app = make_app(served, metrics=metrics)

    def in_flight() -> float:
        return samples(metrics.render().decode())["churn_http_requests_in_flight",]

    seen = []
    monkeypatch.setattr(Metrics, "count_scored", lambda *_, **__: seen.append(in_flight()))
    client = app.test_client()
    assert client.post("/predict", json=GOOD).status_code == 200
    assert client.post("/predict", json=[GOOD]).status_code == 200
    assert samples(client.get("/metrics").text)["churn_http_requests_in_flight",] == 1
    monkeypatch.setattr(Metrics, "count_scored", lambda *_, **__: seen.append(in_flight()) or 1 / 0)
    assert client.post("/predict", json=[GOOD]).status_code == 500
    with app.test_request_context("/ping"):
        assert in_flight() == 0
    assert (seen, in_flight()) == ([1, 1, 1], 0)


def test_the_build_is_shown(client):
    shown = {
        key: value for key, value in samples(client.get("/metrics").text).items() if key[0] == "churn_build_info"
    }
    assert shown == {("churn_build_info", ("version", __version__)): 1}


def models_shown(text: str) -> set[str]:
    return {dict(key[1:])["version"] for key in samples(text) if key[0] == "churn_model_info"}


def test_a_model_that_is_no_longer_served_is_no_longer_shown():
    metrics = Metrics()
    for model in ("one", "two", "one", "three"):
        metrics.show_model(model)
        assert models_shown(metrics.render().decode()) == {model}


@pytest.mark.server
def test_processes_and_requests_in_flight_are_those_of_all_workers(tmp_path):
    began = time.time()
    with Server(tmp_path / "log.txt", WEB_CONCURRENCY="2") as server:

        def scrape() -> dict[tuple, float]:
            return samples(requests.get(f"{server.url}/metrics", timeout=5).text)

        processes = [server.process.pid, *server.workers()]

        def agree() -> bool:
            """True if the kernel has the same figures. They differ while a thread gets its stack and memory."""
            found = scrape()
            return all(
                found[f"process_{figure}_bytes",] / 2**20
                == pytest.approx(sum(memory_mib(process, kind) for process in processes), rel=0.1)
                for figure, kind in (("resident_memory", "VmRSS"), ("virtual_memory", "VmSize"))
            )

        wait_until(agree)
        found = scrape()
        assert found["process_start_time_seconds",] == pytest.approx(began, abs=5)
        assert found["process_max_fds",] == resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE)[0]

        def most_open() -> int:
            return max(len(list(Path(f"/proc/{process}/fd").iterdir())) for process in processes)

        wait_until(lambda: abs(scrape()["process_open_fds",] - most_open()) <= 3)  # some are just being closed

        body = b" " * 300_000 + json.dumps([GOOD]).encode()  # the main thread would gather a smaller one
        with reach_workers(server, each=3) as connections:  # a worker waits for up to four at a time
            waiting = [connection.sock for connection in connections]
            for client in waiting:
                client.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode() + body[:50])
            wait_until(lambda: scrape()["churn_http_requests_in_flight",] == 7)
            for client in waiting:
                client.sendall(body[50:])
            for client in waiting:
                assert client.recv(100).split()[1] == b"200"
        wait_until(lambda: scrape()["churn_http_requests_in_flight",] == 1)


@pytest.mark.server
def test_cpu_time_is_that_of_all_processes_and_that_of_dead_ones_is_not_lost(tmp_path):
    def living_s(server: Server) -> float:
        """The run time of the living threads, which the scheduler counts by itself."""
        processes = [server.process.pid, *server.workers()]
        threads = [path for process in processes for path in Path(f"/proc/{process}/task").glob("*/schedstat")]
        return sum(int(path.read_text().split()[0]) for path in threads) / 1e9

    with Server(tmp_path / "log.txt", WEB_CONCURRENCY="2") as server:

        def cpu_s() -> float:
            return samples(requests.get(f"{server.url}/metrics", timeout=5).text)["process_cpu_seconds_total",]

        for _ in range(10):
            requests.post(f"{server.url}/predict", json=[GOOD] * 2_000, timeout=20)
        before = cpu_s()
        assert before == pytest.approx(living_s(server), abs=0.1)
        for _ in range(3):
            dying = server.workers()
            for worker in dying:
                os.kill(worker, signal.SIGKILL)
            server.wait_for_workers(gone=dying)
            for _ in range(20):
                now = cpu_s()
                assert now >= before
                before = now
        assert before > living_s(server) + 0.05


@pytest.mark.server
def test_no_folder_is_left_in_memory_when_the_service_stops_or_does_not_start(tmp_path):
    def used_by(pid: object) -> set[str]:
        with contextlib.suppress(OSError):  # the process has ended
            return set(re.findall(r"/dev/shm/churn-\w+", Path(f"/proc/{pid}/maps").read_text()))
        return set()

    def left_behind() -> set[str]:
        used = set().union(
            *(used_by(process.name) for process in Path("/proc").glob("[0-9]*"))
        )  # by other services too
        return {str(folder) for folder in Path("/dev/shm").glob("churn-*")} - used

    before = left_behind()
    with Server(tmp_path / "log.txt") as server:
        (folder,) = used_by(server.workers()[0])
    assert not Path(folder).exists()
    assert start_badly(MODEL_FILE=str(tmp_path / "none.bin")).returncode != 0
    wait_until(lambda: left_behind() <= before)


def test_a_list_is_counted_as_observing_each_probability_would():
    probabilities = [0.0, 0.1, math.nextafter(0.1, 1), 0.5, 0.5, 1.0]
    counted, registry = Metrics(), CollectorRegistry()
    counted.count_scored(probabilities, threshold=0.5)
    buckets = [tenth / 10 for tenth in range(1, 11)]
    observed = Histogram("churn_probability", "Churn probabilities given.", buckets=buckets, registry=registry)
    for probability in probabilities:
        observed.observe(probability)
    found = samples(counted.render().decode())
    expected = samples(generate_latest(registry).decode())
    expected = {key: value for key, value in expected.items() if not key[0].endswith("_created")}
    assert len(expected) == 13  # eleven buckets, count and sum
    assert {key: found[key] for key in expected} == expected
    assert found[("churn_customers_predicted_churning_total",)] == 3


def scrape_counts(counted: CountedModel) -> dict[tuple, float]:
    """The samples of a model's counts, by name and labels."""
    found = samples(Metrics().render(counted).decode())
    names = ("churn_drifted_fields", "churn_expected_auc", "churn_out_of_range", "churn_answered")
    return {
        key: value for key, value in found.items() if key[0].startswith(names) and not key[0].endswith("_created")
    }


def count_customers(counted: CountedModel, customers: list[dict]) -> None:
    for customer in customers:
        placed = counted.model.scorer.place(customer)
        counted.tally.count(placed, scoring.probability(placed[0]))


def test_figures_of_the_counts_are_shown_from_the_same_snapshot_as_drift(shipped, tmp_path):
    counted = CountedModel(with_campaign(shipped), lambda: tmp_path)
    empty = scrape_counts(counted)
    assert empty.pop(("churn_drifted_fields",)) == 0
    assert set(empty.values()) == {0}  # churn_expected_auc is not among them
    new = [customer for customer in CLEAN_CUSTOMERS if customer["contract"] == "month-to-month"][:400]
    old = [customer | {"tenure": 100.0} for customer in new[:30]]
    count_customers(counted, new[:49])
    assert scrape_counts(counted) == empty | {("churn_drifted_fields",): 0}
    count_customers(counted, [*new[49:], *old])
    found, report = scrape_counts(counted), counted.read_report()
    assert report.answers == 430
    drifted = {field.field for field in report.fields if field.drifted}
    assert drifted >= {"contract", "tenure"}
    assert found["churn_drifted_fields",] == len(drifted)
    assert found["churn_expected_auc",] == report.expected["auc"].value
    outside = {dict(key[1:])["field"]: value for key, value in found.items() if "out_of_range" in key[0]}
    assert outside == {"tenure": 30, "monthlycharges": 0, "totalcharges": 0}

    def answered(field: str, value: str) -> float:
        return found["churn_answered_customers_total", ("field", field), ("value", value)]

    assert [answered("contract", value) for value in ("month-to-month", "one_year", "two_year")] == [430, 0, 0]
    assert answered("tenure", "above") == 30
    seniors = sum(customer["seniorcitizen"] for customer in new) + sum(customer["seniorcitizen"] for customer in old)
    assert (answered("seniorcitizen", "0"), answered("seniorcitizen", "1")) == (430 - seniors, seniors)


def test_figures_that_cannot_be_computed_are_not_shown(shipped, tmp_path):
    counted = CountedModel(replace(shipped, card=structs.replace(shipped.card, counts=None)), lambda: tmp_path)
    assert counted.training is None
    likely_stays = min(CLEAN_CUSTOMERS, key=lambda customer: counted.model.scorer.log_odds(customer))
    count_customers(counted, [likely_stays] * 50)
    found = scrape_counts(counted)
    assert ("churn_answered_customers_total", ("field", "contract"), ("value", "two_year")) in found
    assert not {("churn_drifted_fields",), ("churn_expected_auc",)} & set(found)


def test_a_scrape_has_at_most_2000_series_however_wide_the_contract_is(tmp_path, shipped):
    """400 numbers and 100 cities with up to 300 values: 16,000 places, and all kinds of problems of clients."""
    fields = [Number(f"n{place}", 0.0, 9.0) for place in range(400)]
    fields += [Category(f"city{place}", tuple(f"c{value}" for value in range(3 * place + 3))) for place in range(100)]
    scorer = scorer_of(Contract(tuple(fields)))
    counted = CountedModel(replace(shipped, scorer=scorer, card=None), lambda: tmp_path)
    metrics = Metrics()

    def series(name: str) -> dict[tuple, float]:
        return {key: value for key, value in samples(shown).items() if key[0] == f"{name}_total"}

    for step in range(3):
        shown = metrics.render(counted).decode()
        lines = [line for line in shown.splitlines() if not line.startswith("#")]
        assert 1_400 < len(lines) <= 2_000
        answered = series("churn_answered_customers")
        assert sum(answered.values()) == 100 * step * len(fields)
        assert answered["churn_answered_customers_total", ("field", "city99"), ("value", "")] == 100 * step
        assert answered["churn_answered_customers_total", ("field", "city0"), ("value", "c0")] == 100 * step
        assert len(series("churn_out_of_range")) == 300
        count_customers(counted, [{field.name: 0.0 if isinstance(field, Number) else "c0" for field in fields}] * 100)
        for route in range(25 * step):
            metrics.count_request(f"/{route}", 200, 0.01)
        for field in fields[: 30 if step else 3]:
            metrics.count_problems({(field.name, f"kind {kind}"): 1 for kind in range(10)})
    shown = metrics.render(counted).decode()
    assert 1_990 <= sum(not line.startswith("#") for line in shown.splitlines()) <= 2_000
    assert series("churn_customer_problems") == {
        ("churn_customer_problems_total", ("field", ""), ("problem", f"kind {kind}")): 63 for kind in range(10)
    }
