"""nginx in front of the service shares its connections among clients: none suffers from another's request."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
import requests

from tests import nginx
from tests.both_ways import find_fates
from tests.customers import GOOD, sklearn_probabilities
from tests.load import Load
from tests.nginx import need_nginx, run_nginx
from tests.raw_requests import LANE, OTHERS, raw
from tests.serving import HEAD, PageServer, Server, free_port, samples

pytestmark = pytest.mark.server


@pytest.mark.parametrize(("setting", "ending"), [("", pytest.skip.Exception), ("required", pytest.fail.Exception)])
def test_without_nginx_these_tests_are_skipped_or_fail_where_they_are_required(monkeypatch, setting, ending):
    monkeypatch.setattr(nginx, "NGINX", None)
    monkeypatch.setenv("NGINX_TESTS", setting)
    with pytest.raises(ending, match=r"the nginx tests were left out: .*apt-get install nginx-light"):
        need_nginx()


REFUSED = {  # by status: customer, path, content type
    404: ({"x": "a" * 300_000}, "/nope", "application/json"),
    415: ({"x": "a" * 300_000}, "/predict", "text/plain"),
    413: ({"x": "a" * 11_000_000}, "/predict", "application/json"),
}


def test_clients_with_large_refused_bodies_cost_the_others_nothing(tmp_path, shipped, measured):
    need_nginx()
    expected = sklearn_probabilities(shipped.path, [GOOD])[0]
    with ExitStack() as stack:
        server = stack.enter_context(Server(tmp_path / "log.txt", WEB_CONCURRENCY="2"))
        url = stack.enter_context(run_nginx(tmp_path, upstream=server.port))
        refused = {
            status: stack.enter_context(Load(url, customer, clients=1, path=path, content_type=content_type))
            for status, (customer, path, content_type) in REFUSED.items()
        }
        served = stack.enter_context(Load(url, GOOD, clients=8))
        served.wait_for(4_000)
        for load in refused.values():
            load.wait_for(10)
    failed = served.statuses.total() - served.statuses[200]
    measured.append(f"behind nginx {failed} of {served.statuses.total()} requests failed")
    assert (set(served.statuses), served.lost, served.refused) == ({200}, [], 0), served.statuses
    for _, content in served.answers:
        assert json.loads(content)["churn_probability"] == pytest.approx(expected, abs=1e-12)
    for status, load in refused.items():
        assert (set(load.statuses), load.lost, load.refused) == ({status}, [], 0)


def test_with_and_without_the_fast_lane_clients_of_nginx_get_the_same_answers(tmp_path):
    """nginx with Elastic Beanstalk's header map always sends the service `Connection: upgrade`."""
    need_nginx()
    cases = {**LANE, **OTHERS}
    with ExitStack() as stack:
        ports, servers = [], []
        for log in ("off", "on"):
            folder = tmp_path / log
            folder.mkdir()
            server = Server(folder / "log.txt", ACCESS_LOG=log, PYTHONHASHSEED="0")
            servers.append(stack.enter_context(server))
            url = stack.enter_context(run_nginx(folder, upstream=server.port))
            ports.append(int(url.rpartition(":")[2]))
        requested = {name: [request] for name, request in cases.items()}
        found, expected = find_fates(ports, requested, half_close=False)
        for name in cases:
            assert found[name] == expected[name], name
            if name in LANE.keys() - {"as many headers as are taken"} or name == "a cookie of 12 kB":
                assert (found[name].answered.split()[1], found[name].kept) == (b"200", True), name
        counted = [samples(requests.get(f"{server.url}/metrics", timeout=5).text) for server in servers]
    answered = "churn_http_requests_total", ("route", "/predict"), ("status", "200")
    assert counted[0][answered] == counted[1][answered] > len(LANE)


HIDDEN = b"GET /metrics HTTP/1.1\r\nHost: a\r\nX-Request-ID: smuggled\r\n\r\n"
AS_CHUNKS = b"0\r\n\r\n" + HIDDEN
CHUNKED = "Transfer-Encoding: chunked"
SMUGGLED = {  # requests that nginx may see as one and the service as two, or the other way round
    "a length over chunks": raw(AS_CHUNKS, CHUNKED),
    "a length that leaves it over": raw(HIDDEN, CHUNKED, length=4),
    "two lengths": raw(HIDDEN, "Content-Length: 0"),
    "a length of a list": raw(HIDDEN, "Content-Length: 0, 0", length=""),
    "a length with a sign": raw(HIDDEN, "Content-Length: +0", length=""),
    "a length in hexadecimal": raw(HIDDEN, "Content-Length: 0x0", length=""),
    "no length": raw(HIDDEN, length=""),
    "a length of nothing": raw(HIDDEN, length=0),
    "a coding before a blank": raw(AS_CHUNKS, "Transfer-Encoding : chunked"),
    "a coding after a tab": raw(AS_CHUNKS, "Transfer-Encoding:\tchunked"),
    "a coding on two lines": raw(AS_CHUNKS, "Transfer-Encoding:", " chunked"),
    "a coding with an underscore": raw(AS_CHUNKS, "Transfer_Encoding: chunked"),
    "another coding": raw(AS_CHUNKS, "Transfer-Encoding: xchunked"),
    "two codings": raw(AS_CHUNKS, CHUNKED, "Transfer-Encoding: identity", length=""),
    "codings in a list": raw(AS_CHUNKS, "Transfer-Encoding: identity, chunked", length=""),
    "a coding in HTTP/1.0": raw(AS_CHUNKS, CHUNKED, line="POST /predict HTTP/1.0"),
    "a coding behind a bare CR": raw(AS_CHUNKS, "X-A: b\rTransfer-Encoding: chunked"),
    "a coding behind a bare LF": raw(AS_CHUNKS, "X-A: b\nTransfer-Encoding: chunked"),
    "a coding behind a NUL": raw(AS_CHUNKS, "X-A: b\0", CHUNKED),
    "chunks of bare LF": raw(b"0\n\n" + HIDDEN, CHUNKED, length=""),
    "a chunk that is too short": raw(b"1\r\n" + HIDDEN + b"\r\n0\r\n\r\n", CHUNKED, length=""),
    "a chunk with a sign": raw(b"-0\r\n\r\n" + HIDDEN, CHUNKED, length=""),
    "a chunk with a hidden line": raw(b"0;\n\r\n\r\n" + HIDDEN, CHUNKED, length=""),
    "a chunk of too many digits": raw(b"1000000000000000000000\r\n" + HIDDEN, CHUNKED, length=""),
    "a trailer": raw(b"0\r\nContent-Length: 9\r\n\r\n" + HIDDEN, CHUNKED, length=""),
    "a body that is expected": raw(HIDDEN, "Expect: 100-continue", length=0),
    "an upgrade": raw(HIDDEN, "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__", length=0),
    "a GET with a body": raw(HIDDEN, line="GET /ready HTTP/1.1"),
    "a HEAD with a body": raw(HIDDEN, line="HEAD /ready HTTP/1.1"),
    "a body that is refused unread": raw(HIDDEN, line="POST /nope HTTP/1.1"),
    "a blank in the path": raw(HIDDEN, line="POST /predict HTTP/1.1 HTTP/1.1", length=0),
    "a line in the path": raw(HIDDEN, line="POST /predict%0d%0aX-A:%20b HTTP/1.1", length=0),
}


@pytest.mark.parametrize("log", ["on", "off"])
def test_no_request_that_hides_another_one_changes_another_clients_answer(tmp_path, log):
    """With and without the fast lane. nginx shares its connections: a byte left over would begin the next request."""
    need_nginx()
    with (
        PageServer(tmp_path / "log.txt", ACCESS_LOG=log) as server,
        run_nginx(tmp_path, upstream=server.port, more="proxy_ignore_client_abort on;") as url,  # they half-close
        requests.Session() as good,
    ):
        port, n_seen = int(url.rpartition(":")[2]), 0
        for name, request in SMUGGLED.items():
            with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
                client.sendall(request)
                client.shutdown(socket.SHUT_WR)
                answered = b"".join(iter(lambda client=client: client.recv(65_536), b""))
            for number in range(3):
                sent = f"{number}-of-good"
                answer = good.post(f"{url}/predict", json=GOOD, headers={"X-Request-ID": sent}, timeout=20)
                assert (answer.status_code, answer.headers["X-Request-ID"]) == (200, sent), name
                assert answer.json()["churn"] is False, name
            n_seen += answered.count(b"\r\nX-Request-ID: smuggled\r\n")  # nginx saw a second request and answered it
            assert server.log.read_text().count('"request_id": "smuggled"') == (n_seen if log == "on" else 0), name
    assert "Traceback" not in server.log.read_text()


AT_ONCE = 50  # the shipped limit of requests with a body under way from one address
BALANCER, STRANGER = "127.0.0.2", "127.0.0.3"


@pytest.fixture(scope="module")
def behind_a_balancer(tmp_path_factory):
    """The port of an nginx that takes one address of this machine for the load balancer."""
    need_nginx()
    folder = tmp_path_factory.mktemp("balanced")
    with (
        PageServer(folder / "log.txt") as server,
        run_nginx(folder, upstream=server.port, more=f"set_real_ip_from {BALANCER};") as url,
    ):
        yield int(url.rpartition(":")[2])


BODY = json.dumps(GOOD).encode()


def begin(stack: ExitStack, port: int, source: str, forwarded: str = "") -> socket.socket | str:
    """A request of which nginx has the head and a byte of the body; its answer if it is refused."""
    client = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(source, 0))
    stack.enter_context(client)
    said = f"X-Forwarded-For: {forwarded}\r\n" if forwarded else ""
    client.sendall(HEAD + f"{said}Expect: 100-continue\r\nContent-Length: {len(BODY)}\r\n\r\n".encode())
    answered = client.recv(4_096).decode()  # 100 once the head is counted and nginx waits for the body
    if answered != "HTTP/1.1 100 Continue\r\n\r\n":
        return answered
    client.sendall(BODY[:1])
    return client


def finish(client: socket.socket) -> int:
    """The status of a request, after the rest of its body is sent."""
    client.sendall(BODY[1:])
    return int(client.recv(20).split()[1])


@contextmanager
def many_bodies(port: int, source: str, forwarded: list[str]) -> Iterator[ExitStack]:
    """As many requests of an address under way as it may have; at the end each is answered."""
    with ExitStack() as stack:
        clients = [begin(stack, port, source, said) for said in forwarded]
        yield stack
        assert [finish(client) for client in clients] == [200] * AT_ONCE


def test_the_bodies_under_way_from_one_address_are_limited_and_others_are_served(behind_a_balancer):
    port = behind_a_balancer
    with many_bodies(port, STRANGER, [""] * AT_ONCE) as stack:
        head, _, body = begin(stack, port, STRANGER).partition("\r\n\r\n")
        line, *fields = head.split("\r\n")
        headers = dict(field.split(": ") for field in fields)
        assert (line.split()[1], headers["Content-Type"]) == ("429", "application/problem+json")
        assert int(headers["Retry-After"]) > 0
        assert json.loads(body).keys() == {"title", "status", "detail"}
        assert (json.loads(body)["title"], json.loads(body)["status"]) == ("Too Many Requests", 429)
        for source in ("127.0.0.1", BALANCER):
            assert finish(begin(stack, port, source)) == 200
        with socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(STRANGER, 0)) as client:
            client.sendall(b"GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")  # requests without a body do not count
            assert client.recv(20).split()[1] == b"200"
    with ExitStack() as stack:
        assert finish(begin(stack, port, STRANGER)) == 200


def test_a_client_of_the_balancer_counts_by_its_own_address_whatever_others_it_claims(behind_a_balancer):
    port = behind_a_balancer
    said = [f"198.51.100.{number}, 10.0.0.7" for number in range(AT_ONCE)]  # the balancer appends the last one
    with many_bodies(port, BALANCER, said) as stack:
        assert begin(stack, port, BALANCER, "198.51.100.200, 10.0.0.7").split()[1] == "429"
        assert finish(begin(stack, port, BALANCER, "10.0.0.7, 10.0.0.8")) == 200


def test_an_address_that_is_not_the_balancer_cannot_claim_another(behind_a_balancer):
    port = behind_a_balancer
    with many_bodies(port, STRANGER, [f"203.0.113.{number}" for number in range(AT_ONCE)]) as stack:
        assert begin(stack, port, STRANGER, "203.0.113.200").split()[1] == "429"
        assert finish(begin(stack, port, "127.0.0.1", "203.0.113.200")) == 200


def test_a_chunked_request_counts_as_a_body_and_an_empty_one_does_not(behind_a_balancer):
    port = behind_a_balancer
    with many_bodies(port, STRANGER, [""] * AT_ONCE):
        for fields, status in ((b"Transfer-Encoding: chunked", b"429"), (b"Content-Length: 0", b"400")):
            with socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(STRANGER, 0)) as client:
                client.sendall(HEAD + fields + b"\r\n\r\n")
                assert client.recv(20).split()[1] == status


def test_nginxs_own_answers_are_problem_documents(tmp_path, behind_a_balancer):
    url = f"http://127.0.0.1:{behind_a_balancer}"
    too_large = requests.post(f"{url}/predict", data=b" " * (10 * 2**20 + 1), timeout=20)
    assert (too_large.status_code, too_large.json()["status"]) == (413, 413)
    assert too_large.headers["Content-Type"] == "application/problem+json"
    assert too_large.headers["Server"] == "nginx"  # without a version
    with run_nginx(tmp_path, upstream=free_port(), ready=502) as nowhere:
        not_there = requests.post(f"{nowhere}/predict", json=GOOD, timeout=20)
    assert (not_there.status_code, not_there.json()["status"]) == (502, 502)
    assert not_there.headers["Content-Type"] == "application/problem+json"
    refused = requests.post(f"{url}/predict", json={}, timeout=20)  # the service's own answers pass unchanged
    assert (refused.status_code, len(refused.json()["problems"])) == (422, 19)
