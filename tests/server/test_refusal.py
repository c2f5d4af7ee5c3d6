"""What is refused before the app sees it has the headers, the document and the log line of every other refusal."""

import json
import re
import socket
from collections import Counter

import pytest
import requests

from churn.server.headers import SECURITY_HEADERS
from tests.customers import PROJECT
from tests.documented import RawAnswer, assert_is, read_answers
from tests.raw_requests import LANE, OTHERS, PIPELINES, WHOLE, raw
from tests.serving import HEAD, PageServer, Server, wait_until

pytestmark = pytest.mark.server

CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
FURTHER = {
    "a size of no digits": CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",
    "a chunk without its end": CHUNKED + b"2\r\n{}xx\r\n0\r\n\r\n",
    "a bare CR in a size": CHUNKED + b"2;a\rb\r\n{}\r\n0\r\n\r\n",
    "half a chunk": CHUNKED + b"5\r\n{}\r\n",
    "a bad trailer": CHUNKED + b"2\r\n{}\r\n0\r\nbad trailer\r\n\r\n",
    "a bad chunk of another path": CHUNKED.replace(b"/predict", b"/nope") + b"zz\r\n",
    "a line of 5,000": b"GET /" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "200 fields": b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X-Many: a\r\n" * 200 + b"\r\n",
    "a text in quotes": b'secret-4711"}\r\n\r\n',
    "a good id in a bad head": raw(WHOLE, "X-Request-ID: order-17", "nonsense"),
    "a good id in a head that is too long": raw(WHOLE, "X-Request-ID: order-17", "A: " + "b" * 17_000),
}
RAW = {**LANE, **OTHERS, **PIPELINES, **FURTHER}
del RAW["the method HEAD"]  # whose answer has no body
UNANSWERED = {"nothing", "an empty line", "half a head", "bare CRs", "TLS"}  # they end before their head does
BEFORE_THE_APP = {  # a few of them: the app would have answered these otherwise
    "two lengths": 400,
    "HTTP/2.0": 400,
    "another expectation": 400,
    "an unknown coding": 400,
    "PROXY protocol": 400,
    "no HTTP at all": 400,
    "too many headers": 431,
    "a cookie of 17 kB": 431,
    "a long line": 431,
    "a good id in a bad head": 400,
    "a good id in a head that is too long": 431,
}


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with PageServer(tmp_path_factory.mktemp("refusing") / "log.txt") as running:
        yield running


@pytest.fixture(scope="module")
def document(server) -> dict:
    return requests.get(f"{server.url}/openapi.json", timeout=20).json()


def ask(server: Server, request: bytes) -> list[RawAnswer]:
    """All answers to a client that closes its side after its request."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        return read_answers(b"".join(iter(lambda: client.recv(65_536), b"")))


def check_answer(document: dict, answer: RawAnswer) -> None:
    """Fails for an answer without the headers of every answer, or one that the document does not admit."""
    assert {"Date", "Server", "X-Request-ID", "X-Model-Version", *SECURITY_HEADERS} <= set(answer.headers.keys())
    if answer.status_code >= 400:
        responses, status = document["components"]["responses"], str(answer.status_code)
        admitted = document["paths"]["/predict"]["post"]["responses"] | {
            "404": responses["NotFound"],
            "405": responses["MethodNotAllowed"],
            "431": responses["TooLong"],
        }
        assert_is(document, admitted[status], answer)
        assert answer.json["status"] == answer.status_code


def line_of(server: Server, answer: RawAnswer) -> dict:
    """The line of a refusal in the log, by the id of its answer."""
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    (line,) = [line for line in lines if line.get("request_id") == answer.headers["X-Request-ID"]]
    return line


@pytest.mark.parametrize("name", RAW)
def test_every_answer_has_an_id_and_a_version_and_is_in_the_document(server, document, name):
    answers = ask(server, RAW[name])
    assert bool(answers) == (name not in UNANSWERED)
    for answer in answers:
        check_answer(document, answer)


@pytest.mark.parametrize("name", BEFORE_THE_APP)
def test_a_head_that_is_refused_gets_a_new_id_under_which_it_is_logged(server, document, name):
    answers = [*ask(server, RAW[name]), *ask(server, RAW[name])]
    assert len({answer.headers["X-Request-ID"] for answer in answers}) == 2
    for answer in answers:
        assert answer.status_code == BEFORE_THE_APP[name]
        assert answer.headers["Connection"] == "close"
        assert re.fullmatch("[0-9a-f]{32}", answer.headers["X-Request-ID"])
        line = line_of(server, answer)
        assert (line["event"], line["level"], line["status"]) == ("request refused", "INFO", answer.status_code)
        assert line["reason"]


def test_a_request_that_is_refused_before_the_app_is_counted(server):
    before = count_answers(server)
    for name in BEFORE_THE_APP:
        ask(server, RAW[name])
    counted = count_answers(server)
    counted.subtract(before)
    assert +counted == Counter(
        f'churn_http_requests_total{{route="none",status="{status}"}}' for status in BEFORE_THE_APP.values()
    )


def count_answers(server: Server) -> Counter[str]:
    """The counts of answers without a route, by series."""
    lines = requests.get(f"{server.url}/metrics", timeout=20).text.splitlines()
    counts = [line.split(" ") for line in lines if line.startswith('churn_http_requests_total{route="none"')]
    return Counter({series: int(float(count)) for series, count in counts})


def test_the_version_is_that_of_the_model_that_is_served(server):
    ready = requests.get(f"{server.url}/ready", timeout=20)
    (answer,) = ask(server, RAW["no HTTP at all"])
    assert answer.headers["X-Model-Version"] == ready.headers["X-Model-Version"]


HURRIED = """
import churn.server.capacity as capacity
import churn.server.connections as connections
from predict import app

connections.GRACE_S = 0.3
capacity.MOST_GATHERED_BYTES = 10_000


@app.post("/fail")
def fail():
    from flask import Response
    return Response("", headers=[("X-A", "b\\0c")])
"""
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
NAMED = f"X-Request-ID: order-17\r\ntraceparent: 00-{TRACE}-00f067aa0ba902b7-01\r\n".encode()


@pytest.fixture(scope="module")
def hurried(tmp_path_factory):
    """One worker that waits 0.3 s for a head, gathers 10 kB and has a route whose answer can't be sent."""
    folder = tmp_path_factory.mktemp("hurried")
    (folder / "hurried_app.py").write_text(HURRIED)
    settings = {"PYTHONPATH": f"{folder}:{PROJECT}"}
    with PageServer(folder / "log.txt", app="hurried_app:app", **settings) as running:
        yield running


def wait_for_answer(client: socket.socket) -> RawAnswer:
    (answer,) = read_answers(b"".join(iter(lambda: client.recv(65_536), b"")))
    return answer


@pytest.mark.parametrize(
    ("said", "named"),
    [
        (b"PO", False),
        (HEAD + NAMED, False),
        (HEAD + NAMED + b"Content-Length: 9\r\n\r\n{", True),
        (HEAD + NAMED + b"X_A: b\r\nContent-Length: 9\r\n\r\n{", False),  # gunicorn might refuse it
        (HEAD + b"Content-Length: 9\r\n\r\n{", False),
    ],
)
def test_who_is_late_gets_the_id_that_came_with_a_whole_head_else_a_new_one(hurried, document, said, named):
    with socket.create_connection(("127.0.0.1", hurried.port), timeout=30) as client:
        client.sendall(said)
        answer = wait_for_answer(client)
    assert answer.status_code == 408
    check_answer(document, answer)
    assert (answer.headers["X-Request-ID"] == "order-17") == named
    assert (answer.headers["X-Trace-ID"], answer.json.get("trace_id")) == ((TRACE, TRACE) if named else (None, None))
    if not named:
        line = line_of(hurried, answer)
        assert (line["event"], line["status"], "trace_id" in line) == ("request refused", 408, False)


def test_a_head_that_is_late_in_a_thread_is_refused_in_the_same_way(hurried, document):
    """The longest head waits in a thread where those that are gathered take up too much."""
    with (
        socket.create_connection(("127.0.0.1", hurried.port), timeout=30) as client,
        socket.create_connection(("127.0.0.1", hurried.port), timeout=30) as other,
    ):
        for number, begun in enumerate((client, other)):
            begun.sendall(HEAD + NAMED + b"A: " + b"b" * (9_000 - number))
        answer = wait_for_answer(client)
        check_answer(document, answer)
        assert line_of(hurried, answer)["status"] == answer.status_code == 408
        check_answer(document, wait_for_answer(other))


def test_an_answer_that_can_not_be_sent_is_a_500_with_its_requests_id(hurried, document):
    request = raw(b"", "X-Request-ID: order-500", line="POST /fail HTTP/1.1")
    (answer,) = ask(hurried, request)
    assert (answer.status_code, answer.headers["X-Request-ID"]) == (500, "order-500")
    check_answer(document, answer)
    line = line_of(hurried, answer)
    assert (line["event"], line["level"]) == ("a request failed outside of the app", "ERROR")
    assert "Invalid response header" in line["exc_info"]


def test_the_servers_own_503_has_its_requests_id(hurried, document):
    """The last one here: four large requests wait in the threads, then there is no room for another."""
    body = b"Content-Length: 200000\r\n\r\n" + b" " * 9_000
    clients = [socket.create_connection(("127.0.0.1", hurried.port), timeout=30) for _ in range(12)]
    for number, client in enumerate(clients):
        client.sendall(HEAD + f"X-Request-ID: full-{number}\r\n".encode() + body)

    def refused() -> set[str]:
        return set(re.findall(r'"status": 503.*"request_id": "(full-\d+)"', hurried.log.read_text()))

    wait_until(lambda: len(refused()) >= 7)
    for name in refused():
        answer = wait_for_answer(clients[int(name.removeprefix("full-"))])
        assert (answer.status_code, answer.headers["X-Request-ID"]) == (503, name)
        assert answer.headers["Retry-After"] == "10"
        check_answer(document, answer)
    for client in clients:
        client.close()
