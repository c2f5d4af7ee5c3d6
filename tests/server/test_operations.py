"""The real service day and night: swapped, signalled, killed and starved under load, every request counted."""

import hashlib
import http.client
import json
import os
import pickle
import signal
import socket
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
import requests

from churn.model.file import load_model, write_pair
from churn.model.pair import card_path
from tests.customers import GOOD, sklearn_probabilities
from tests.load import Load
from tests.pairs import ADDED_TO_CARD
from tests.serving import HEAD, Server, wait_until

pytestmark = pytest.mark.server

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def two_pairs(small_pair, small_csv, tmp_path_factory) -> list:
    """Two models with different answers, as (bytes, card, probability of GOOD)."""
    import train  # which imports pandas and scikit-learn

    another = tmp_path_factory.mktemp("two") / "another.bin"
    train.main([str(small_csv), "--C", "0.001", "--shapes", "none", "--output", str(another)])
    return [
        (path.read_bytes(), load_model(path).card, sklearn_probabilities(path, [GOOD])[0])
        for path in (small_pair, another)
    ]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A service with one worker, to which nothing is done."""
    with Server(tmp_path_factory.mktemp("operations") / "log.txt") as running:
        yield running


STARTS = (b"", b"POST /pre", HEAD, HEAD + b"Content-Length: 400\r\n\r\n{")


class Stalled(NamedTuple):
    """Two services, of which the second has one worker, and clients that have said all that they will."""

    server: Server
    clients: list[tuple[socket.socket, bytes]]
    small_server: Server
    silent: list[socket.socket]


@pytest.fixture(scope="module")
def stalled(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stalled")
    with ExitStack() as stack:
        server = stack.enter_context(Server(folder / "log.txt", WEB_CONCURRENCY="2"))
        small_server = stack.enter_context(Server(folder / "small.txt"))

        def connect(to: Server) -> socket.socket:
            return stack.enter_context(socket.create_connection(("127.0.0.1", to.port), timeout=60))

        clients = [(connect(server), start) for start in STARTS * 10]
        for client, start in clients:
            client.sendall(start)
        yield Stalled(server, clients, small_server, [connect(small_server) for _ in range(200)])


def test_others_are_served_while_clients_are_silent_or_stall(stalled):
    """The first one here: until they are cut off, the time passes beside the others."""
    for server in (stalled.server, stalled.small_server):
        for _ in range(5):
            assert requests.post(f"{server.url}/predict", json=GOOD, timeout=60).status_code == 200


def check_answers(load: Load, two_pairs: list) -> set[str]:
    """Checks every answer against the model that it says it is of, and gives the versions seen."""
    expected = {card.model_sha256[:12]: probability for _, card, probability in two_pairs}
    for version, content in load.answers:
        assert json.loads(content)["churn_probability"] == pytest.approx(expected[version], abs=1e-12)
    return {version for version, _ in load.answers}


def versions(server: Server) -> set[str]:
    """The model versions that a few requests, a connection each, are answered by."""
    return {requests.get(f"{server.url}/ready", timeout=10).headers["X-Model-Version"] for _ in range(8)}


def test_two_hundred_swaps_under_load_a_third_of_them_bad_fail_no_request(pair, tmp_path, two_pairs):
    write_pair(pair, *two_pairs[0][:2])
    with Server(tmp_path / "log.txt", MODEL_FILE=str(pair), WEB_CONCURRENCY="2") as server:
        with Load(server.url, GOOD) as load:
            for turn in range(200):
                pickled, card, _ = two_pairs[turn // 3 % 2]
                if turn % 3 == 2:
                    pickled = (b"rubbish", pickled[:-50], pickle.dumps(1))[turn // 3 % 3]
                    card = msgspec.structs.replace(card, model_sha256=hashlib.sha256(pickled).hexdigest())
                write_pair(pair, pickled, card)
                load.wait_for(20)
            pickled, card, _ = two_pairs[1]
            write_pair(pair, pickled, card)
            last = card.model_sha256[:12]
            wait_until(lambda: versions(server) == {last})
        assert load.statuses.keys() == {200}
        assert (load.lost, load.refused) == ([], 0)
        assert len(check_answers(load, two_pairs)) == 2
        metrics = requests.get(f"{server.url}/metrics", timeout=5).text
        assert 'churn_model_swaps_total{outcome="swapped"} 0.0' not in metrics
    log = server.log.read_text()
    assert "model swapped" in log
    assert "model refused" in log
    assert "Traceback" not in log


def test_a_worker_born_while_the_file_is_bad_serves_the_newest_verified_pair(pair, tmp_path, two_pairs):
    write_pair(pair, *two_pairs[0][:2])
    newest = two_pairs[1][1].model_sha256[:12]

    with Server(tmp_path / "log.txt", MODEL_FILE=str(pair)) as server:
        write_pair(pair, *two_pairs[1][:2])
        wait_until(lambda: versions(server) == {newest})
        pair.write_bytes(b"rubbish")
        (worker,) = server.workers()
        os.kill(worker, signal.SIGKILL)
        server.wait_for_workers(gone=[worker])
        assert versions(server) == {newest}
        born = server.workers()
        os.kill(server.process.pid, signal.SIGHUP)
        server.wait_for_workers(gone=born)
        assert versions(server) == {newest}
        assert requests.post(f"{server.url}/predict", json=GOOD, timeout=5).status_code == 200


@pytest.mark.parametrize("blow", ["SIGHUP", "SIGKILL"])
def test_a_reload_or_a_killed_worker_under_load_costs_at_most_what_was_in_it(tmp_path, two_pairs, pair, blow):
    write_pair(pair, *two_pairs[0][:2])
    with (
        Server(tmp_path / "log.txt", MODEL_FILE=str(pair), WEB_CONCURRENCY="2") as server,
        Load(server.url, GOOD) as load,
    ):
        inside = 0
        for _ in range(5):
            load.wait_for(100)
            workers = server.workers()
            if blow == "SIGHUP":
                os.kill(server.process.pid, signal.SIGHUP)
            else:
                os.kill(workers[0], signal.SIGKILL)
                inside += load.clients
            server.wait_for_workers(gone=workers if blow == "SIGHUP" else workers[:1])
            load.wait_for(100)
    assert load.statuses.keys() == {200}
    assert load.refused == 0
    assert len(load.lost) <= inside
    assert len(check_answers(load, two_pairs)) == 1


def test_sigterm_under_load_finishes_what_is_being_answered_and_exits_0_in_time(tmp_path):
    server = Server(tmp_path / "log.txt", WEB_CONCURRENCY="2")
    with server, Load(server.url, GOOD) as load:
        load.wait_for(200)
        half = json.dumps(GOOD).encode()
        slow = socket.create_connection(("127.0.0.1", server.port), timeout=20)
        slow.sendall(HEAD + f"Content-Length: {len(half)}\r\n\r\n".encode() + half[:50])
        load.wait_for(50)
        load.stopping.set()
        os.kill(server.process.pid, signal.SIGTERM)
        wait_until(lambda: "Handling signal: term" in server.log.read_text())
        time.sleep(0.5)  # the service is stopping by now, and the slow request is still not all there
        slow.sendall(half[50:])
        assert slow.makefile("rb").readline().split()[1] == b"200"
        slow.close()
        assert server.process.wait(15) == 0
    assert load.statuses.keys() == {200}
    assert load.lost == []
    assert load.refused > 0


def receive_answer(client: socket.socket) -> tuple[int, str]:
    """The status of an answer, and what it says of its connection."""
    answer = http.client.HTTPResponse(client)
    answer.begin()
    answer.read()
    return answer.status, answer.headers["Connection"]


@pytest.mark.parametrize("sign", ["SIGHUP", "SIGTERM"])
def test_clients_that_do_not_send_all_of_a_request_do_not_keep_a_worker_from_ending(tmp_path, sign):
    """Whoever goes on sending within the grace time of 4 s is still read, and answered."""
    body = json.dumps([GOOD] * 700).encode()
    begun = HEAD + f"Expect: 100-continue\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    large = HEAD + b"Content-Length: 9000000\r\n\r\n{"  # read in a thread, which has ten minutes for it
    with (
        Server(tmp_path / "log.txt", GUNICORN_CMD_ARGS="--graceful-timeout 4") as server,
        ExitStack() as stack,
    ):

        def connect(said: bytes) -> socket.socket:
            client = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=30))
            client.sendall(said)
            return client

        going_on = connect(begun)
        assert going_on.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"  # a thread reads it, with the turn for it
        stalled = [connect(said) for said in [large, large[:50], HEAD + b"Content-Length: 9\r\n\r\n{"] * 8]
        assert requests.get(f"{server.url}/ready", timeout=10).status_code == 200
        (worker,) = server.workers()
        server.process.send_signal(getattr(signal, sign))
        time.sleep(1.5)  # the worker is stopping by now
        going_on.sendall(body)
        assert receive_answer(going_on) == (200, "close")
        answers = [receive_answer(client) for client in stalled]
        assert Counter(answers[::3]) == {(408, "close"): 4, (503, "close"): 4}  # as many as may wait in threads
        assert set(answers[1::3] + answers[2::3]) == {(408, "close")}
        if sign == "SIGTERM":
            assert server.process.wait(10) == 0
        else:
            wait_until(lambda: not Path(f"/proc/{worker}").exists(), timeout_s=10)
            assert requests.post(f"{server.url}/predict", json=GOOD, timeout=10).status_code == 200
    assert "WORKER TIMEOUT" not in server.log.read_text()
    assert "Traceback" not in server.log.read_text()


def test_a_worker_whose_master_is_killed_says_so_on_its_kept_connections_and_ends(tmp_path):
    with Server(tmp_path / "log.txt") as server:
        (worker,) = server.workers()
        with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
            server.process.kill()
            answered = (200, "keep-alive")
            while answered == (200, "keep-alive"):
                client.sendall(b"GET /ping HTTP/1.1\r\nHost: a\r\n\r\n")
                answered = receive_answer(client)
            assert answered == (200, "close")
        wait_until(lambda: not Path(f"/proc/{worker}").exists())


def test_every_answer_has_the_security_headers_and_none_a_version(server):
    for answer in (
        requests.get(f"{server.url}/", timeout=5),
        requests.get(f"{server.url}/nowhere", timeout=5),
        requests.post(f"{server.url}/predict", json=GOOD, timeout=5),
        requests.get(f"{server.url}/", headers={"Host": "evil.example"}, timeout=5),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Server"] == "gunicorn"
        assert "evil.example" not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "head",
    [
        b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Long: " + b"a" * 17_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Many: a\r\n" * 200 + b"\r\n",
    ],
)
def test_long_lines_and_many_headers_are_refused(server, head):
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(head)
        assert client.recv(100).split()[1] in (b"400", b"414", b"431")
    assert requests.get(f"{server.url}/ready", timeout=5).status_code == 200


def test_the_swapped_card_is_what_model_tells(pair, tmp_path, two_pairs):
    write_pair(pair, *two_pairs[0][:2])
    with Server(tmp_path / "log.txt", MODEL_FILE=str(pair)) as server:
        write_pair(pair, *two_pairs[1][:2])
        shown = json.loads(card_path(pair).read_text()) | ADDED_TO_CARD
        wait_until(lambda: requests.get(f"{server.url}/model", timeout=5).json() == shown)


def test_silent_and_stalled_clients_are_cut_off(stalled):
    """The last one here, as the first one says."""
    for client, start in stalled.clients:
        answered = client.recv(4096)
        assert answered.split()[1] == b"408" if start else answered == b""
    assert all(client.recv(1) == b"" for client in stalled.silent)
