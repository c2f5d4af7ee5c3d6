"""Behind nginx, which shares its connections to the service among all clients: nobody pays for another's request."""

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
from tests.raw_requests import LANE, OTHERS
from tests.serving import HEAD, PageServer, Server, free_port, samples

pytestmark = pytest.mark.server


@pytest.mark.parametrize(("setting", "ending"), [("", pytest.skip.Exception), ("required", pytest.fail.Exception)])
def test_without_nginx_these_tests_are_left_out_or_fail_where_they_are_required(monkeypatch, setting, ending):
    monkeypatch.setattr(nginx, "NGINX", None)
    monkeypatch.setenv("NGINX_TESTS", setting)
    with pytest.raises(ending, match=r"the nginx tests were left out: .*apt-get install nginx-light"):
        need_nginx()


REFUSED = {  # by what is sent: customer, path, content type
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


def test_with_and_without_the_fast_lane_clients_of_nginx_get_the_same(tmp_path):
    """nginx with Elastic Beanstalk's header map says `Connection: upgrade` to the service, to whatever it is sent."""
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


AT_ONCE = 50  # requests with a body of one address, as the shipped settings have it
BALANCER, STRANGER = "127.0.0.2", "127.0.0.3"


@pytest.fixture(scope="module")
def behind_a_balancer(tmp_path_factory):
    """The port of an nginx to which one address of this machine is the balancer."""
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
    answered = client.recv(4_096).decode()  # 100 once the head is counted and the body is waited for
    if answered != "HTTP/1.1 100 Continue\r\n\r\n":
        return answered
    client.sendall(BODY[:1])
    return client


def finish(client: socket.socket) -> int:
    """The status of a request, after the rest of its body."""
    client.sendall(BODY[1:])
    return int(client.recv(20).split()[1])


@contextmanager
def many_bodies(port: int, source: str, forwarded: list[str]) -> Iterator[ExitStack]:
    """As many requests of an address under way as it may have; at the end each is answered."""
    with ExitStack() as stack:
        clients = [begin(stack, port, source, said) for said in forwarded]
        yield stack
        assert [finish(client) for client in clients] == [200] * AT_ONCE


def test_one_address_has_so_many_bodies_under_way_and_others_are_served(behind_a_balancer):
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
            client.sendall(b"GET /ready HTTP/1.1\r\nHost: a\r\n\r\n")  # without a body nobody is counted
            assert client.recv(20).split()[1] == b"200"
    with ExitStack() as stack:
        assert finish(begin(stack, port, STRANGER)) == 200


def test_a_client_of_the_balancer_counts_by_itself_whatever_it_says_of_others(behind_a_balancer):
    port = behind_a_balancer
    said = [f"198.51.100.{number}, 10.0.0.7" for number in range(AT_ONCE)]  # the balancer appends the last
    with many_bodies(port, BALANCER, said) as stack:
        assert begin(stack, port, BALANCER, "198.51.100.200, 10.0.0.7").split()[1] == "429"
        assert finish(begin(stack, port, BALANCER, "10.0.0.7, 10.0.0.8")) == 200


def test_who_is_no_balancer_cant_be_somebody_else(behind_a_balancer):
    port = behind_a_balancer
    with many_bodies(port, STRANGER, [f"203.0.113.{number}" for number in range(AT_ONCE)]) as stack:
        assert begin(stack, port, STRANGER, "203.0.113.200").split()[1] == "429"
        assert finish(begin(stack, port, "127.0.0.1", "203.0.113.200")) == 200


def test_chunks_are_bodies_and_an_empty_one_is_none(behind_a_balancer):
    port = behind_a_balancer
    with many_bodies(port, STRANGER, [""] * AT_ONCE):
        for fields, status in ((b"Transfer-Encoding: chunked", b"429"), (b"Content-Length: 0", b"400")):
            with socket.create_connection(("127.0.0.1", port), timeout=20, source_address=(STRANGER, 0)) as client:
                client.sendall(HEAD + fields + b"\r\n\r\n")
                assert client.recv(20).split()[1] == status


def test_what_nginx_answers_itself_is_a_problem_document(tmp_path, behind_a_balancer):
    url = f"http://127.0.0.1:{behind_a_balancer}"
    too_large = requests.post(f"{url}/predict", data=b" " * (10 * 2**20 + 1), timeout=20)
    assert (too_large.status_code, too_large.json()["status"]) == (413, 413)
    assert too_large.headers["Content-Type"] == "application/problem+json"
    assert too_large.headers["Server"] == "nginx"  # no version
    with run_nginx(tmp_path, upstream=free_port(), ready=502) as nowhere:
        not_there = requests.post(f"{nowhere}/predict", json=GOOD, timeout=20)
    assert (not_there.status_code, not_there.json()["status"]) == (502, 502)
    assert not_there.headers["Content-Type"] == "application/problem+json"
    refused = requests.post(f"{url}/predict", json={}, timeout=20)  # the service's own stay as they are
    assert (refused.status_code, len(refused.json()["problems"])) == (422, 19)
