"""The service answers as before where gunicorn has to read connections itself, or ends a worker."""

import http.client
import json
import shutil
import socket
import ssl
import subprocess
from contextlib import ExitStack
from typing import NamedTuple

import pytest
import requests

from tests.customers import GOOD
from tests.load import Load
from tests.raw_requests import raw
from tests.serving import PageServer, Server, samples

pytestmark = pytest.mark.server


def ask_twice(client: socket.socket) -> None:
    """Send two customers on the same connection."""
    for _ in range(2):
        client.sendall(raw())
        answer = http.client.HTTPResponse(client, method="POST")
        answer.begin()
        assert (answer.status, answer.headers["Connection"]) == (200, "keep-alive")
        assert json.loads(answer.read())["churn"] is False


class UnderTls(NamedTuple):
    """A service that speaks TLS, and a client that has sent it nothing since it started."""

    server: PageServer
    trusted: ssl.SSLContext
    silent: socket.socket


@pytest.fixture(scope="module")
def under_tls(tmp_path_factory):
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    made += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    server = PageServer(folder / "log.txt", GUNICORN_CMD_ARGS=f"--certfile {certificate} --keyfile {key}")
    server.url = f"https://localhost:{server.port}"
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as changed:
            changed.setenv("REQUESTS_CA_BUNDLE", str(certificate))
            stack.enter_context(server)
        silent = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=20))
        yield UnderTls(server, ssl.create_default_context(cafile=certificate), silent)


def test_under_tls_customers_are_answered(under_tls):
    with (
        socket.create_connection(("127.0.0.1", under_tls.server.port), timeout=10) as plain,
        under_tls.trusted.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        ask_twice(client)


def test_at_max_requests_the_last_answer_closes_and_none_is_lost(tmp_path):
    """The lane counts its requests as gunicorn does, and leaves the last one to it."""
    with Server(tmp_path / "log.txt", GUNICORN_CMD_ARGS="--max-requests 20") as server:
        (first,) = server.workers()
        said = []
        while "close" not in said:
            if not said:
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            connection.request("POST", "/predict", json.dumps(GOOD), {"Content-Type": "application/json"})
            answer = connection.getresponse()
            assert (answer.status, bool(answer.read())) == (200, True)
            said.append(answer.headers["Connection"])
        connection.close()
        assert said == ["keep-alive"] * (len(said) - 1) + ["close"]
        assert 17 <= len(said) <= 20  # the test server's requests for /ready count too
        server.wait_for_workers(gone=[first])
        assert requests.post(f"{server.url}/predict", json=GOOD, timeout=10).status_code == 200


def test_under_load_workers_that_end_at_max_requests_lose_no_request_and_count_each(tmp_path):
    """Requests that the lane answers and requests that threads answer, through a dozen workers and more."""
    arguments = "--max-requests 150 --max-requests-jitter 25"
    with Server(tmp_path / "log.txt", WEB_CONCURRENCY="2", GUNICORN_CMD_ARGS=arguments) as server:
        first = server.workers()
        with Load(server.url, GOOD) as at_once, Load(server.url, GOOD, path="/predict?explain=1") as by_threads:
            at_once.wait_for(1_500)
            by_threads.wait_for(200)
        for load in (at_once, by_threads):
            assert (set(load.statuses), load.lost, load.refused) == ({200}, [], 0)
        assert not set(first) & set(server.workers())
        counted = samples(requests.get(f"{server.url}/metrics", timeout=10).text)
        answered = at_once.statuses[200] + by_threads.statuses[200]
        assert counted["churn_http_requests_total", ("route", "/predict"), ("status", "200")] == answered
    log = server.log.read_text()
    assert log.count("Autorestarting worker") >= 8
    assert "Traceback" not in log


def test_under_proxy_protocol_customers_are_answered(tmp_path):
    arguments = "--proxy-protocol --proxy-allow-from 127.0.0.1"
    with (
        PageServer(tmp_path / "log.txt", GUNICORN_CMD_ARGS=arguments) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        client.sendall(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n")
        ask_twice(client)


def test_a_silent_client_is_closed_under_tls_too(under_tls):
    """The last test here, so that the client times out while the others run."""
    assert under_tls.silent.recv(1) == b""
