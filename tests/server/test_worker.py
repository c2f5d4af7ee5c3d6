"""The real gunicorn: what it never imports, how much memory it takes, and which faults stop it."""

import json
import os
import pickle
import signal
import socket
from pathlib import Path

import pytest
import requests
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.model.pair import card_path
from tests.customers import GOOD, PROJECT, sklearn_probabilities
from tests.pairs import RECORDS, edit_card, sklearn_of, write_model
from tests.serving import HEAD, Server, check_it_stops, memory_mib, start_badly
from tests.worst_bodies import WORST_BODIES

pytestmark = pytest.mark.server

FORBIDDEN = ("sklearn", "scipy", "pandas")
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One worker in an environment where importing the packages of training fails."""
    blocked = tmp_path_factory.mktemp("blocked")
    for name in FORBIDDEN:
        (blocked / f"{name}.py").write_text(f"raise ImportError('{name} is not for serving')")
    with Server(blocked / "log.txt", PYTHONPATH=str(blocked)) as running:
        yield running


def test_it_predicts_where_scikit_learn_scipy_and_pandas_cannot_be_imported(server, shipped):
    answer = requests.post(f"{server.url}/predict", json=GOOD, timeout=5)
    assert answer.json()["churn_probability"] == pytest.approx(
        sklearn_probabilities(shipped.path, [GOOD])[0], abs=1e-12
    )
    (worker,) = server.workers()
    maps = Path(f"/proc/{worker}/maps").read_text()
    assert not any(f"/{name}/" in maps for name in (*FORBIDDEN, "numpy"))


def test_a_worker_stays_under_60_mib_after_a_thousand_predictions(server, measured):
    with requests.Session() as session:
        for _ in range(1_000):
            assert session.post(f"{server.url}/predict", json=GOOD, timeout=5).status_code == 200
    measured.append(f"ready in {server.ready_s:.2f} s, a worker of {memory_mib(server.workers()[0]):.0f} MiB")
    assert memory_mib(server.workers()[0]) < 60


HEADER = ",".join(GOOD)
ROW = ",".join(map(str, GOOD.values()))
WORST_QUERIES = {
    "as many reasons as are given": ("explain=true", json.dumps([GOOD] * 5_263).encode(), "application/json"),
    "as much CSV as is taken": (
        "",
        "\n".join([HEADER + ",x", *[f"{ROW},{'x' * 350}"] * 20_000]).encode(),
        "text/csv",
    ),
    "wide characters": (
        "",
        "\n".join([HEADER + ",x", *[f"{ROW},{chr(0x1F600) * 80}"] * 20_000]).encode(),
        "text/csv",
    ),
    "columns": ("", HEADER.encode() + b",x" * 5_000_000, "text/csv"),
    "blank rows": ("", HEADER.encode() + b"\n" * 10_000_000, "text/csv"),
    "an open quote": ("", HEADER.encode() + b'\n"' + b"\n" * 10_000_000, "text/csv"),
}
WORST_IN_JSON = {
    "rows that are all wrong": (
        "errors=report&explain=5&cells=true",
        "\n".join([HEADER, *["\u00e9," * 18] * 20_000]).encode(),
        "text/csv",
    ),
    "every other row is wrong": (
        "errors=report&explain=5&cells=true",
        "\n".join([HEADER, *[ROW, "\u00e9," * 18] * 10_000]).encode(),
        "text/csv",
    ),
    "reasons of a CSV": ("explain=5&cells=true", "\n".join([HEADER, *[ROW] * 20_000]).encode(), "text/csv"),
}
"""The same for a CSV that is answered in JSON."""
LESS_IN_CSV = {
    name: (query.removesuffix("&cells=true"), body, content_type)
    for name, (query, body, content_type) in WORST_IN_JSON.items()
}
"""The same answered in CSV, which takes less memory, and seconds."""


def test_no_body_within_the_limits_makes_a_worker_grow_by_more_than_64_mib(tmp_path, measured):
    with Server(tmp_path / "log.txt") as server:
        (worker,) = server.workers()
        requests.post(f"{server.url}/predict", json=GOOD, timeout=5)
        before = memory_mib(worker)
        for name, body in WORST_BODIES.items():
            answer = requests.post(f"{server.url}/predict", data=body[:10_485_760], headers=JSON, timeout=60)
            assert 400 <= answer.status_code < 500, name
            assert memory_mib(worker, "VmHWM") - before < 64, name
        measured.append(f"the worst of the bodies cost {memory_mib(worker, 'VmHWM') - before:.0f} MiB")


@pytest.mark.parametrize(
    ("queries", "accept"),
    [
        pytest.param(WORST_QUERIES, "*/*", id="in CSV"),
        pytest.param(WORST_IN_JSON, "application/json", id="in JSON"),
        pytest.param(LESS_IN_CSV, "*/*", id="less in CSV", marks=pytest.mark.thorough),
    ],
)
def test_no_csv_and_no_reasons_make_a_worker_grow_by_more_than_64_mib(tmp_path, measured, queries, accept):
    with Server(tmp_path / "log.txt", MALLOC_ARENA_MAX="2") as server:  # as in the image
        (worker,) = server.workers()
        requests.post(f"{server.url}/predict", json=GOOD, timeout=5)
        before = memory_mib(worker)
        for name, (query, body, content_type) in queries.items():
            answer = requests.post(
                f"{server.url}/predict?{query}",
                data=body[:10_485_760],
                headers={"Content-Type": content_type, "Accept": accept},
                timeout=60,
            )
            assert answer.status_code in (200, 413), f"{name}: {answer.text[:200]}"
            assert memory_mib(worker, "VmHWM") - before < 64, name
        grown = memory_mib(worker, "VmHWM") - before
        measured.append(f"the worst CSV or list with reasons ({accept}) cost {grown:.0f} MiB")
        assert server.workers() == [worker]


def test_sixty_megabytes_get_413_and_the_next_request_is_served(server):
    with requests.Session() as session:
        answer = session.post(f"{server.url}/predict", data=b" " * 60_000_000, headers=JSON, timeout=30)
        assert answer.status_code == 413
        chunks = (b" " * 1_000_000 for _ in range(60))
        assert session.post(f"{server.url}/predict", data=chunks, headers=JSON, timeout=30).status_code == 413
        assert session.post(f"{server.url}/predict", json=GOOD, timeout=5).status_code == 200


@pytest.mark.parametrize(
    "chunks",
    [
        b"zz\r\n{}\r\n0\r\n\r\n",
        b"2\r\n{}xx\r\n0\r\n\r\n",
        b"2;a\rb\r\n{}\r\n0\r\n\r\n",
        b"5\r\n{}\r\n",
        b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
    ],
)
def test_malformed_chunks_get_400(server, chunks):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        one.shutdown(socket.SHUT_WR)
        assert one.makefile("rb").readline().split()[1] == b"400"
    assert requests.get(f"{server.url}/ready", timeout=5).status_code == 200


def test_a_body_shorter_than_its_content_length_is_refused_by_the_real_server(server):
    whole = json.dumps(GOOD).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(HEAD + f"Content-Length: {len(whole) + 1}\r\n\r\n".encode() + whole)
        one.shutdown(socket.SHUT_WR)
        assert one.makefile("rb").readline().split()[1] == b"400"


def test_bytes_that_are_not_http_get_a_problem_that_repeats_none_of_them(server):
    secret = b"secret-4711"
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as one:
        one.sendall(secret + b'"}\r\n\r\n')
        answer = one.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert secret not in answer
    assert secret.decode() not in server.log.read_text()


def test_a_client_that_leaves_in_the_middle_does_not_disturb_others(server):
    for cut in (
        b"POST /pre",
        HEAD + b"Content-Length: 9\r\n\r\n{",
    ):
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as one:
            one.sendall(cut)
    assert requests.post(f"{server.url}/predict", json=GOOD, timeout=5).status_code == 200


def test_a_killed_worker_is_replaced_even_if_the_file_on_disk_has_become_bad(pair, tmp_path):
    with Server(tmp_path / "log.txt", MODEL_FILE=str(pair)) as server:
        version = requests.get(f"{server.url}/ready", timeout=5).headers["X-Model-Version"]
        pair.write_bytes(b"rubbish")
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.wait_for_workers(gone=[worker])
        answer = requests.get(f"{server.url}/ready", timeout=5)
        assert answer.headers["X-Model-Version"] == version


def dump(content: object) -> bytes:
    return pickle.dumps(content, protocol=4)


def multi_class() -> bytes:
    dv = DictVectorizer(sparse=False)
    X = dv.fit_transform([{"a": 1.0}, {"a": 2.0}, {"a": 3.0}])
    return dump((dv, LogisticRegression().fit(X, [0, 1, 2])))


class Runs:
    """Pickles to a call that leaves a trace if it runs."""

    def __init__(self, trace) -> None:
        self.trace = trace

    def __reduce__(self):
        return os.mkdir, (str(self.trace),)


BAD_FILES = {
    "a text": (b"a text", "is a text file, not a pickle"),
    "empty": (b"", "is an empty file, not a pickle"),
    "truncated": ((PROJECT / "model_C=1.0.bin").read_bytes()[:-100], "not a whole pickle"),
    "a wrong tuple": (dump((1, 2, 3)), "tuple"),
    "multi-class": (multi_class(), "3 classes"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_model_file_stops_the_start_with_one_line(tmp_path, name):
    content, reason = BAD_FILES[name]
    path = tmp_path / "bad.bin"
    path.write_bytes(content)
    check_it_stops(start_badly(MODEL_FILE=str(path)), str(path), reason)


def test_classes_that_do_not_show_which_one_leaves_stop_the_start_until_the_setting_does(tmp_path):
    path = write_model(tmp_path / "model.bin", ["Stayed", "Churned"])
    check_it_stops(start_badly(MODEL_FILE=str(path)), str(path), "'Churned' and 'Stayed': set POSITIVE_CLASS")
    check_it_stops(start_badly(MODEL_FILE=str(path), POSITIVE_CLASS="yes"), str(path), "POSITIVE_CLASS='yes'")
    with Server(tmp_path / "log.txt", MODEL_FILE=str(path), POSITIVE_CLASS="churned") as server:
        answer = requests.post(f"{server.url}/predict", json=RECORDS[0], timeout=5).json()
    assert answer["churn_probability"] == pytest.approx(sklearn_of(path, "Churned", RECORDS[:1])[0], abs=1e-12)


def test_a_model_file_that_would_run_code_stops_the_start_and_runs_nothing(tmp_path):
    path, trace = tmp_path / "evil.bin", tmp_path / "trace"
    path.write_bytes(dump((Runs(trace), None)))
    check_it_stops(start_badly(MODEL_FILE=str(path)), str(path), "posix.mkdir")
    assert not trace.exists()


def test_a_missing_model_file_stops_the_start(tmp_path):
    check_it_stops(start_badly(MODEL_FILE=str(tmp_path / "none.bin")), "none.bin", "No such file", "train.py")


@pytest.mark.parametrize(
    ("member", "value", "reason"),
    [
        ("model_sha256", "0" * 64, "is not the card of"),
        ("golden", None, "can't be used"),
        ("golden", "shifted", "is off by"),
    ],
)
def test_a_card_that_does_not_fit_stops_the_start(pair, member, value, reason):
    card = json.loads(card_path(pair).read_text())
    if value == "shifted":
        value = [customer | {"probability": customer["probability"] / 2} for customer in card["golden"]]
    edit_card(pair, **{member: value})
    check_it_stops(start_badly(MODEL_FILE=str(pair)), str(card_path(pair)), reason)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHURN_THRESHOLD", "nan"),
        ("MAX_CONTENT_LENGTH", "10MB"),
        ("LOG_LEVEL", "loud"),
        ("PORT", "http"),
    ],
)
def test_a_bad_setting_stops_the_start_with_one_line(name, value):
    """One of each; tests/server/test_settings.py has all bad values."""
    check_it_stops(start_badly(**{name: value}), name)


def test_settings_change_what_is_served(pair, tmp_path):
    settings = {
        "MODEL_FILE": str(pair),
        "CHURN_THRESHOLD": "0.01",
        "MAX_CONTENT_LENGTH": "600",
        "LOG_LEVEL": "warning",
    }
    with Server(tmp_path / "log.txt", **settings) as server:
        answer = requests.post(f"{server.url}/predict", json=GOOD, timeout=5)
        assert answer.json()["churn"] is True
        assert answer.json()["churn_probability"] == pytest.approx(sklearn_probabilities(pair, [GOOD])[0], abs=1e-12)
        assert requests.post(f"{server.url}/predict", json=[GOOD] * 2, timeout=5).status_code == 413
    assert "INFO" not in server.log.read_text()


def test_without_workers_it_does_not_start():
    finished = start_badly(WEB_CONCURRENCY="0")
    assert finished.returncode == 1
    assert finished.stderr.splitlines()[-1] == "gunicorn.conf.py: WEB_CONCURRENCY must be 1 or more"
