"""`make soak`: a few seconds of it on the real service, and what it takes for a fault."""

import json
import socket
import threading
from collections import Counter

import pytest

from bench import soak, soak_traffic
from bench.customers import CUSTOMER, MODEL, clean_customers
from bench.drippers import Drippers
from bench.soak_report import FEWEST_SAMPLES, Soaked, compare_counters, find_faults, write_report
from bench.soak_traffic import Kind, Tally, read_probabilities, tally
from tests.bench.reports import read_tables
from tests.customers import sklearn_probabilities
from tests.load import Load
from tests.serving import wait_until

HEADER = ("request", "sent", "answered", "cut by a kill", "sent again", "lost", "wrong", "longest wait, s")
METRICS = """# TYPE churn_http_requests_total counter
churn_http_requests_total{route="/predict",status="200"} 101.0
churn_http_requests_total{route="none",status="404"} 5.0
churn_http_requests_total{route="/metrics",status="200"} 1.0
# TYPE churn_customers_scored_total counter
churn_customers_scored_total 120.0
"""


def test_a_few_seconds_of_it_lose_nothing_and_are_counted_alike(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(soak, "RESULTS", tmp_path / "soak.md")
    soak.main(["--minutes", "0.08", "--pause", "0.2", "--drippers", "0"])
    report = (tmp_path / "soak.md").read_text()
    assert report in capsys.readouterr().out
    rows = read_tables(report)[HEADER]
    assert [*rows] == [kind.name for kind in soak_traffic.make_kinds()]
    for row in rows.values():
        sent, answered, killed, again, lost, wrong = (int(cell.replace(",", "")) for cell in row[1:7])
        assert sent == answered + killed + again
        assert answered > 0
        assert (lost, wrong) == (0, 0)
    assert all(f" x {name}" in report for name in ("kill", "reload", "swap"))


def result(name="a customer", status=200, sent=100, **other):
    """What became of a kind of request of two customers: all answered, if nothing else is said."""
    kind = Kind(name, b"", [{}, {}] if status == 200 else [], status=status)
    counts = {"killed": 0, "reopened": 0, "lost": 0, "wrong": 0, "longest_s": 0.5} | other
    answered = sent - counts["killed"] - counts["reopened"] - counts["lost"]
    return Tally(kind, sent, Counter({status: answered}), **counts)


def soaked(*tallies, fates=None, memory=(), metrics=METRICS, log=""):
    return Soaked(tallies, {"swap": 1}, Counter(fates or {}), memory, metrics, log)


def counted(answers, customers, metrics=METRICS):
    return metrics.replace("101.0", f"{answers}.0").replace("120.0", f"{customers}.0")


def test_what_all_agrees_has_no_fault():
    assert find_faults(soaked(result(), metrics=counted(100, 200))) == []
    assert find_faults(soaked(result(sent=103, reopened=3), metrics=counted(100, 200))) == []
    late = METRICS.replace('"404"} 5.0', '"404"} 5.0\nchurn_http_requests_total{route="none",status="408"} 8.0')
    assert find_faults(soaked(result(), fates={0: 9, 408: 7}, metrics=counted(100, 200, metrics=late))) == []


@pytest.mark.parametrize(
    ("tallies", "metrics", "fault"),
    [
        ([result(sent=101, lost=1)], counted(100, 200), "a customer: 1 lost"),
        ([result(wrong=2)], counted(100, 200), "a customer: 2 wrong"),
        ([result()], counted(101, 200), "/predict, 200: seen 100, counted 101"),
        ([result()], counted(99, 200), "/predict, 200: seen 100, counted 99"),
        ([result()], counted(100, 199), "customers scored: seen 200, counted 199"),
        ([result(), result("nowhere", 404, 4)], counted(100, 200), "none, 404: seen 4, counted 5"),
    ],
)
def test_what_is_lost_wrong_or_counted_otherwise_is_a_fault(tallies, metrics, fault):
    assert find_faults(soaked(*tallies, metrics=metrics)) == [fault]


def test_a_request_that_is_in_no_count_is_a_fault():
    missing = result()._replace(sent=101)
    assert find_faults(soaked(missing, metrics=counted(100, 200)))[0].startswith("a customer: 101 were sent, and not")


@pytest.mark.parametrize(("answers", "faults"), [(99, 1), (100, 0), (101, 0), (102, 1)])
def test_what_a_kill_cut_may_be_counted_or_not(answers, faults):
    cut = soaked(result(sent=101, killed=1), metrics=counted(answers, 200))
    assert len(find_faults(cut)) == faults
    assert compare_counters(cut)[0][1:] == (100, answers, 1)


def test_a_memory_that_grows_and_a_traceback_are_faults():
    def run(end_mib, **other):
        memory = [(number, 70.0 if number < 20 else end_mib) for number in range(FEWEST_SAMPLES)]
        return find_faults(soaked(result(), memory=memory, metrics=counted(100, 200), **other))

    assert run(79.0) == []
    assert run(81.0) == ["the memory grew by 11.0 MiB"]
    assert run(70.0, log="Traceback (most recent call last):") == ["there is a traceback in the log"]


def test_the_report_says_how_clients_that_drip_were_ended():
    report = write_report(soaked(result(), fates={0: 3, 408: 1_200}), "5 minutes.")
    assert "1 x swap. Clients that dripped were ended 3 x without a word, 1,200 x by a 408." in report


def test_an_answer_that_is_not_scikit_learns_is_wrong():
    expected = sklearn_probabilities(MODEL, [CUSTOMER])[0]
    kind = Kind("a customer", b"", [CUSTOMER])

    def count_wrong(probability, version="one", status=200):
        content = json.dumps({"churn_probability": probability, "churn": False}).encode()
        load = Load("", b"", answers=Counter({(version, content): 3}), statuses=Counter({status: 3}))
        return tally(kind, [load], {"one": MODEL}).wrong

    assert count_wrong(expected) == 0
    assert count_wrong(expected + 1e-6) == 3
    assert count_wrong(expected, version="another") == 3
    load = Load("", b"", statuses=Counter({200: 5, 503: 2}))
    assert tally(kind, [load], {"one": MODEL}).wrong == 2


def test_probabilities_are_read_from_every_form_of_answer():
    assert read_probabilities(b'{"churn_probability":0.25,"churn":false}') == [0.25]
    assert read_probabilities(b'[{"churn_probability":0.25},{"churn_probability":0.5}]') == [0.25, 0.5]
    assert read_probabilities(b"tenure,churn_probability\r\n1,0.25\r\n2,0.5\r\n") == [0.25, 0.5]
    assert len(clean_customers(1000)) == len(soak_traffic.make_kinds()[5].customers)


def test_clients_that_drip_come_again_and_how_they_ended_is_counted():
    """Of three one never says anything: it is closed without a word, the others are answered."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        begun = []

        def serve():
            for _ in range(6):
                client, _ = listener.accept()
                client.settimeout(0.3)
                try:
                    begun.append(client.recv(1000))
                    client.sendall(b"HTTP/1.1 408 Request Timeout\r\n\r\n")
                except TimeoutError:
                    begun.append(b"")
                client.close()

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        with Drippers(listener.getsockname()[1], 3) as drippers:
            wait_until(lambda: drippers.fates.total() >= 6)
        server.join()
    assert drippers.fates == {0: 2, 408: 4}
    assert sum(text.startswith(b"POST /predict HTTP/1.1\r\n") for text in begun) == 4
