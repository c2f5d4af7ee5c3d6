"""An answer's Connection header is true: a kept connection answers the next request, any other is closed."""

import contextlib
import http.client
import json
import re
import socket
import threading
import time
from collections.abc import Iterable

import gunicorn
import pytest
import requests
from gunicorn.http.body import Body, ChunkedReader, LengthReader
from gunicorn.http.unreader import SocketUnreader

from churn.server.framing import MOST_BODY_BYTES
from churn.server.worker import is_body_read, read_rest_of_body
from tests.customers import GOOD, PROJECT, sklearn_probabilities
from tests.serving import PageServer, Server, memory_mib, wait_until

pytestmark = pytest.mark.server

ROUTES = """
import werkzeug
import churn.server.draining
import churn.web.bodies
from predict import app

churn.web.bodies._POLITE_S, churn.web.bodies._PATIENCE_S = 0.1, 0.2
churn.server.draining._REST_S = 20.0  # a slow machine is no slow client


@app.post("/fail")
def fail():
    raise RuntimeError


@app.post("/busy")
def busy():
    large = werkzeug.Request({"CONTENT_LENGTH": "300000"})
    with churn.web.bodies.bounded_memory(large), churn.web.bodies.bounded_memory(large):
        raise AssertionError
"""
KEY = "X-API-Key: a-key\r\n"
PREDICT = ("POST", "/predict", "Content-Type: application/json\r\n")
EARLY = {  # by status: method, path, headers
    401: ("POST", "/predict", "X-API-Key: another\r\n"),
    404: ("POST", "/nope", KEY),
    405: ("PUT", "/predict", KEY),
    413: (*PREDICT[:2], PREDICT[2] + KEY),
    415: ("POST", "/predict", KEY + "Content-Type: text/plain\r\n"),
    400: ("POST", "/predict?explain=nonsense", KEY),
    500: ("POST", "/fail", KEY),
    503: ("POST", "/busy", KEY),
    200: ("GET", "/health", KEY),
}
KINDS = {
    "with a length": ("HTTP/1.1", ""),
    "after 100 Continue": ("HTTP/1.1", "Expect: 100-continue\r\n"),
    "in chunks": ("HTTP/1.1", "Transfer-Encoding: chunked\r\n"),
    "of HTTP/1.0": ("HTTP/1.0", "Connection: keep-alive\r\n"),
    "of HTTP/1.0, not to be kept": ("HTTP/1.0", ""),
    "not to be kept": ("HTTP/1.1", "Connection: close\r\n"),
    "through nginx": ("HTTP/1.1", "Connection: upgrade\r\nUpgrade: \r\n"),
}
SMALL, LARGE = 300_000, 20_000_000


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """One worker with a key and a limit of 100 kB; two more routes answer 500 and the 503 of a busy worker."""
    folder = tmp_path_factory.mktemp("routes")
    (folder / "more_routes.py").write_text(ROUTES)
    settings = {"API_KEY": "a-key", "MAX_CONTENT_LENGTH": "100000", "PYTHONPATH": f"{folder}:{PROJECT}"}
    with Server(folder / "log.txt", app="more_routes:app", **settings) as running:
        yield running


@pytest.fixture(scope="module")
def open_server(tmp_path_factory):
    """One worker without a key, so that customers go through the fast lane."""
    with Server(tmp_path_factory.mktemp("open") / "log.txt") as running:
        yield running


PATIENT = """
import churn.server.client_socket
import churn.server.draining
import churn.web.bodies
from predict import app

churn.server.client_socket._HURRIED_GRACE_S = 0.5
churn.server.draining._REST_S = 20.0  # a slow machine is no slow client


@app.get("/turn")
def turn():
    return str(churn.web.bodies._turn._lock.locked())
"""


@pytest.fixture(scope="module")
def patient_server(tmp_path_factory):
    """The same with more patience for the rest of a body: for bodies of megabytes that come as fast as they can."""
    folder = tmp_path_factory.mktemp("patient")
    (folder / "patient_app.py").write_text(PATIENT)
    settings = {"PYTHONPATH": f"{folder}:{PROJECT}"}
    with Server(folder / "log.txt", app="patient_app:app", **settings) as running:
        yield running


class Client:
    """One connection, driven by hand."""

    def __init__(self, server: Server) -> None:
        self.socket = socket.create_connection(("127.0.0.1", server.port), timeout=60)

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, pieces: Iterable[bytes]) -> threading.Thread:
        """Send the pieces in a thread, one after another, as long as the server takes any."""

        def run() -> None:
            with contextlib.suppress(OSError):
                for piece in pieces:
                    self.socket.sendall(piece)

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        return thread

    def receive(self, method: str = "POST") -> http.client.HTTPResponse:
        answer = http.client.HTTPResponse(self.socket, method=method)
        answer.begin()  # skips a 100 Continue
        answer.content = answer.read()
        return answer

    def check_what_was_said(self, answer: http.client.HTTPResponse, *, kept: bool) -> None:
        """Fail unless the answer says that the connection is kept (or closed), and it is."""
        said = answer.headers["Connection"] or "nothing"
        assert said == ("keep-alive" if kept else "close")
        if kept:
            self.socket.sendall(good_request())
            second = self.receive()
            assert second.status == 200
            expected = sklearn_probabilities(PROJECT / "model_C=1.0.bin", [GOOD])[0]
            assert json.loads(second.content)["churn_probability"] == pytest.approx(expected, abs=1e-12)
        else:
            with contextlib.suppress(ConnectionResetError):
                assert self.socket.recv(1) == b""


def head(method: str, path: str, headers: str, *, version: str = "HTTP/1.1", length: int | None = None) -> bytes:
    if length is not None:
        headers += f"Content-Length: {length}\r\n"
    return f"{method} {path} {version}\r\nHost: a\r\n{headers}\r\n".encode()


def good_request() -> bytes:
    body = json.dumps(GOOD).encode()
    return head(*PREDICT[:2], PREDICT[2] + KEY, length=len(body)) + body


def in_pieces(size: int, *, chunked: bool = False) -> Iterable[bytes]:
    for start in range(0, size, 100_000):
        piece = b" " * min(100_000, size - start)
        yield b"%x\r\n%b\r\n" % (len(piece), piece) if chunked else piece
    if chunked:
        yield b"0\r\n\r\n"


@pytest.mark.parametrize("size", [SMALL, LARGE])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", EARLY)
def test_an_answer_before_the_body_is_read_keeps_the_connection_or_says_that_it_closes(server, status, kind, size):
    method, path, headers = EARLY[status]
    version, more = KINDS[kind]
    chunked = "chunked" in more
    with Client(server) as client:
        client.socket.sendall(head(method, path, headers + more, version=version, length=None if chunked else size))
        sending = client.send(in_pieces(size, chunked=chunked))
        answer = client.receive(method)
        assert answer.status == status
        client.check_what_was_said(answer, kept=size == SMALL and "not to be kept" not in kind)
        if status == 503:
            assert answer.headers["Retry-After"] == "10"
    sending.join(60)


@pytest.mark.parametrize(
    ("method", "path", "headers", "status", "size"),
    [
        (*PREDICT, 413, 12_000_000),
        (*PREDICT, 413, LARGE),
        ("POST", "/predict", "Content-Type: text/csv\r\n", 413, 12_000_000),
        ("HEAD", "/ready", "", 200, SMALL),
        ("HEAD", "/nope", "", 404, LARGE),
        ("OPTIONS", "/predict", "", 200, SMALL),
        (*PREDICT, 400, SMALL),  # an empty body that is read
    ],
)
def test_without_keys_an_early_answer_keeps_the_connection_or_says_that_it_closes(
    patient_server, method, path, headers, status, size
):
    with Client(patient_server) as client:
        client.socket.sendall(head(method, path, headers, length=size))
        sending = client.send(in_pieces(size))
        answer = client.receive(method)
        assert answer.status == status
        client.check_what_was_said(answer, kept=size != LARGE)
    sending.join(60)


def test_the_requests_after_a_refused_body_are_answered_in_turn(open_server):
    refused = head("POST", "/nope", "", length=SMALL) + b"x" * SMALL
    with Client(open_server) as client:
        sending = client.send([refused + good_request() + refused + good_request()])
        reader = client.socket.makefile("rb")
        statuses = []
        for _ in range(4):
            statuses.append(int(reader.readline().split()[1]))
            fields = http.client.parse_headers(reader)
            assert fields["Connection"] == "keep-alive"
            reader.read(int(fields["Content-Length"]))
        assert statuses == [404, 200, 404, 200]
        sending.join(60)


def drips() -> Iterable[bytes]:
    while True:
        time.sleep(0.05)
        yield b"x"


def endless_chunks() -> Iterable[bytes]:
    while True:
        yield b"10000\r\n" + b"x" * 65536 + b"\r\n"


CHUNKED = "Transfer-Encoding: chunked\r\n"
SLOW = {  # a body that is gathered is late before the app has seen it
    "a byte at a time": (404, "Content-Length: 300000\r\n", drips),
    "nothing": (404, "Content-Length: 300000\r\n", lambda: ()),
    "a byte at a time of a small body": (408, "Content-Length: 300\r\n", drips),
    "nothing of a small body": (408, "Content-Length: 300\r\n", lambda: ()),
    "chunks without end": (404, CHUNKED, endless_chunks),
    "tiny chunks without end": (404, CHUNKED, lambda: iter(lambda: b"1\r\nx\r\n" * 10_000, b"")),
    "what are no chunks": (404, CHUNKED, lambda: [b"nonsense\r\n" * 10]),
    "half of a trailer": (408, CHUNKED, lambda: [b"0\r\nA: b\r\n"]),
}


@pytest.fixture(scope="module", autouse=True)
def slow_clients(tmp_path_factory):
    """The clients of SLOW at their own service from the first test on, so that they time out while others run."""
    with Server(tmp_path_factory.mktemp("slow") / "log.txt") as running, contextlib.ExitStack() as stack:
        clients = {}
        for name, (_, length, pieces) in SLOW.items():
            clients[name] = stack.enter_context(Client(running))
            clients[name].socket.sendall(head("POST", "/nope", length))
            clients[name].send(pieces())
        yield clients


@pytest.mark.parametrize("name", SLOW)
def test_a_refused_body_that_does_not_end_in_time_closes_its_connection(slow_clients, name):
    answer = slow_clients[name].receive()
    assert answer.status == SLOW[name][0]
    slow_clients[name].check_what_was_said(answer, kept=False)


def test_a_refused_body_that_ends_too_early_closes_the_connection(open_server):
    with Client(open_server) as client:
        client.socket.sendall(head("POST", "/nope", "", length=SMALL) + b"x" * 100)
        client.socket.shutdown(socket.SHUT_WR)
        client.check_what_was_said(client.receive(), kept=False)


def test_a_body_whose_reading_failed_closes_the_connection(open_server):
    with Client(open_server) as client:
        client.socket.sendall(head(*PREDICT[:2], PREDICT[2] + "Transfer-Encoding: chunked\r\n") + b"zz\r\n")
        answer = client.receive()
        assert answer.status == 400
        client.check_what_was_said(answer, kept=False)


def test_refused_bodies_are_thrown_away_as_they_come(patient_server, measured):
    (worker,) = patient_server.workers()
    before = memory_mib(worker, "VmHWM")
    for _ in range(2):
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(Client(patient_server)) for _ in range(16)]
            for client in clients:
                client.socket.sendall(head("POST", "/nope", "", length=10_000_000))
                client.send(in_pieces(10_000_000))
            for client in clients:
                client.check_what_was_said(client.receive(), kept=True)
    grown = memory_mib(worker, "VmHWM") - before
    measured.append(f"sixteen refused bodies of 10 MB at a time cost {grown:.0f} MiB")
    assert grown < 32


def test_a_body_of_exactly_the_limit_is_read(server):
    for length, status in ((100_000, 200), (100_001, 413)):
        with Client(server) as client:
            body = json.dumps([GOOD]).encode().ljust(length)
            client.send([head(*PREDICT[:2], PREDICT[2] + KEY, length=length) + body])
            assert client.receive().status == status


@pytest.mark.parametrize("framing", ["Content-Length: 9000000", "Transfer-Encoding: chunked"])
def test_a_client_that_stops_sending_a_large_body_does_not_keep_others_from_sending_theirs(patient_server, framing):
    """Without other clients it would have more than ten seconds."""
    with Client(patient_server) as stalled, Client(patient_server) as client:
        stalled.socket.sendall(head(*PREDICT[:2], PREDICT[2] + f"Expect: 100-continue\r\n{framing}\r\n"))
        assert stalled.socket.recv(100).startswith(b"HTTP/1.1 100")
        stalled.socket.sendall((b"100000\r\n" if "chunked" in framing else b"") + b"[" * 300_000)
        wait_until(lambda: requests.get(f"{patient_server.url}/turn", timeout=10).text == "True")
        body = json.dumps([GOOD]).encode().ljust(300_000)
        client.send([head(*PREDICT[:2], PREDICT[2], length=300_000) + body])
        assert client.receive().status == 200
        assert stalled.receive().status == 408


def test_gunicorns_bodies_are_as_the_worker_expects_them():
    """Fails if gunicorn changes the private parts of a body that the worker uses."""
    ours, theirs = socket.socketpair()
    request = type("Request", (), {"unreader": SocketUnreader(ours), "limit_request_field_size": 100})()
    bodies = [
        (LengthReader(request.unreader, 5), b"hello"),
        (ChunkedReader(request, request.unreader), b"5\r\nhello\r\n0\r\n\r\n"),
    ]
    for reader, sent in bodies:
        request.body = Body(reader)
        theirs.sendall(sent + b"GET")
        assert not is_body_read(request.body), f"gunicorn {gunicorn.__version__}"
        assert read_rest_of_body(request)
        assert is_body_read(request.body), f"gunicorn {gunicorn.__version__}"
        assert request.unreader.take_buffered() == b"GET"
        assert request.unreader.sock is ours
        assert ours.gettimeout() is None
    ours.close()
    theirs.close()


def large_list(n_customers: int = 1_000) -> tuple[bytes, list[float]]:
    """A body too large for the main thread to gather, and scikit-learn's probabilities of its customers."""
    customers = [{**GOOD, "tenure": number % 72 + 1} for number in range(n_customers)]
    body = json.dumps(customers).encode()
    assert len(body) > MOST_BODY_BYTES
    return body, sklearn_probabilities(PROJECT / "model_C=1.0.bin", customers)


@pytest.mark.parametrize("framing", ["length", "chunked", "expect", "pipelined", "byte by byte", "half-closed"])
def test_a_large_list_is_answered_with_any_framing_and_so_is_the_next_request_after_it(open_server, framing):
    body, expected = large_list()
    method, path, headers = PREDICT
    if framing == "chunked":
        begin, rest = head(method, path, headers + "Transfer-Encoding: chunked\r\n"), b"%x\r\n%b\r\n0\r\n\r\n"
        rest %= (len(body), body)
    else:
        asked = "Expect: 100-continue\r\n" if framing == "expect" else ""
        begin, rest = head(method, path, headers + asked, length=len(body)), body
    with Client(open_server) as client:
        if framing == "byte by byte":
            client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in range(len(begin)):
                client.socket.sendall(begin[place : place + 1])
        else:
            client.socket.sendall(begin)
        if framing == "expect":
            assert client.socket.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
        pieces = [rest[:1], rest[1:7_000], rest[7_000:]]
        if framing == "pipelined":
            pieces.append(good_request() + head("GET", "/ping", "Connection: close\r\n"))
        client.send(pieces).join()
        if framing == "half-closed":
            client.socket.shutdown(socket.SHUT_WR)
        if framing == "pipelined":
            said = b"".join(iter(lambda: client.socket.recv(2**16), b""))
            assert re.findall(rb"HTTP/1.1 (...)", said) == [b"200"] * 3
            assert said.endswith(b"\r\n\r\nPONG")
            assert said.count(b"churn_probability") == len(expected) + 1
            return
        answer = client.receive()
        assert answer.status == 200
        got = [member["churn_probability"] for member in json.loads(answer.content)]
        assert got == pytest.approx(expected, abs=1e-12)
        if framing != "half-closed":
            client.check_what_was_said(answer, kept=True)


def test_a_large_list_that_is_shorter_than_its_length_is_refused(open_server):
    body, _ = large_list()
    with Client(open_server) as client:
        client.socket.sendall(head(*PREDICT, length=len(body) + 1) + body)
        client.socket.shutdown(socket.SHUT_WR)
        answer = client.receive()
        assert answer.status == 400
        assert json.loads(answer.content)["detail"] == "the body is shorter than its Content-Length"


LATE = """
import churn.server.connections as connections
from predict import app

connections.GRACE_S = -17.0  # a body of 300,000 bytes has 1.3 s then
"""


def test_a_large_body_that_does_not_come_in_time_gets_408_from_a_thread(tmp_path):
    (tmp_path / "late_app.py").write_text(LATE)
    settings = {"PYTHONPATH": f"{tmp_path}:{PROJECT}"}
    with PageServer(tmp_path / "log.txt", app="late_app:app", **settings) as server, Client(server) as client:
        client.socket.sendall(head(*PREDICT, length=SMALL) + b"{")
        client.send(drips())
        answer = client.receive()
        assert answer.status == 408
        assert answer.headers["Content-Type"] == "application/problem+json"
        client.check_what_was_said(answer, kept=False)
