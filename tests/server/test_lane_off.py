"""Where gunicorn is to read connections itself, or ends a worker, the service answers as ever."""

import http.client
import json
import shutil
import socket
import ssl
import subprocess

import pytest
import requests

from tests.customers import GOOD
from tests.raw_requests import raw
from tests.serving import PageServer, Server, wait_until

pytestmark = pytest.mark.server


def test_at_max_requests_the_last_answer_says_so_and_none_is_lost(tmp_path):
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
        assert 17 <= len(said) <= 20  # the server's own asking whether it is ready counts, too
        wait_until(lambda: server.workers() not in ([first], []))
        assert requests.post(f"{server.url}/predict", json=GOOD, timeout=10).status_code == 200


def ask_twice(client: socket.socket) -> None:
    """Sends a customer and, on the same connection, another one."""
    for _ in range(2):
        client.sendall(raw())
        answer = http.client.HTTPResponse(client, method="POST")
        answer.begin()
        assert (answer.status, answer.headers["Connection"]) == (200, "keep-alive")
        assert json.loads(answer.read())["churn"] is False


def test_under_proxy_protocol(tmp_path):
    arguments = "--proxy-protocol --proxy-allow-from 127.0.0.1"
    with (
        PageServer(tmp_path / "log.txt", GUNICORN_CMD_ARGS=arguments) as server,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as client,
    ):
        client.sendall(b"PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n")
        ask_twice(client)


def test_under_tls(tmp_path, monkeypatch):
    if not shutil.which("openssl"):
        pytest.skip("no openssl here")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"]
    made += ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(made, check=True, capture_output=True)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    server = PageServer(tmp_path / "log.txt", GUNICORN_CMD_ARGS=f"--certfile {certificate} --keyfile {key}")
    server.url = f"https://localhost:{server.port}"
    trusted = ssl.create_default_context(cafile=certificate)
    with (
        server,
        socket.create_connection(("127.0.0.1", server.port), timeout=20) as silent,
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as plain,
        trusted.wrap_socket(plain, server_hostname="localhost") as client,
    ):
        ask_twice(client)
        assert silent.recv(1) == b""
