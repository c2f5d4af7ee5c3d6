"""predict-test.py as the marketing service runs it: with a server, without one, and with a broken one."""

import os
import subprocess
import sys
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.customers import GOOD, PROJECT, sklearn_probabilities
from tests.serving import Server, free_port


def run(url: str, **environ: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(PROJECT / "predict-test.py"), url]
    environ = {name: value for name, value in os.environ.items() if name != "API_KEY"} | environ
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=30, check=False)


@contextmanager
def stub(status: int, body: bytes):
    """A server that gives one answer to any request and keeps the headers of the requests."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            seen.update(self.headers)
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    seen: dict[str, str] = {}
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.mark.server
@pytest.mark.parametrize(("threshold", "decision"), [("0.5", "not sending"), ("0.1", "sending")])
def test_it_prints_the_answer_and_the_decision(tmp_path, shipped, threshold, decision):
    with Server(tmp_path / "log.txt", CHURN_THRESHOLD=threshold) as server:
        finished = run(server.url + "/")
    assert finished.returncode == 0, finished.stderr
    answer, said = finished.stdout.splitlines()
    assert f"{sklearn_probabilities(shipped.path, [GOOD])[0]:.9f}"[:8] in answer
    assert said.startswith(f"{decision} promo email")


def test_a_service_that_is_down_is_one_line_and_exit_1():
    url = f"http://127.0.0.1:{free_port()}"
    finished = run(url)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr == f"no answer from {url}: ConnectionError\n"


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"broken"),
        (422, b'{"detail":"no"}'),
        (200, b"<html>"),
        (200, b"[]"),
        (502, b"<html>\n<p>bad\n</html>"),
        (200, b'{"churn": "false"}'),
    ],
)
def test_a_service_that_answers_an_error_or_nonsense_is_one_line_and_exit_1(status, body):
    with stub(status, body) as (url, _):
        finished = run(url)
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.count("\n") == 1
    assert str(status) in finished.stderr


def test_it_sends_the_api_key_when_there_is_one():
    with stub(200, b'{"churn_probability": 0.7, "churn": true}') as (url, seen):
        assert run(url).returncode == 0
        assert "Authorization" not in seen
        assert run(url, API_KEY="new,old").returncode == 0
        assert seen["Authorization"] == "Bearer new"


def test_a_url_or_a_key_that_cannot_be_sent_is_one_line_and_exit_1():
    for finished in (
        run("http://a..b"),
        run("nonsense"),
        run("http://127.0.0.1:9", API_KEY="\u043a\u043b\u044e\u0447"),
    ):
        assert finished.returncode == 1
        assert finished.stderr.count("\n") == 1


def test_an_address_without_a_scheme_is_taken_as_http():
    with stub(200, b'{"churn_probability": 0.7, "churn": true}') as (url, seen):
        address = url.removeprefix("http://")
        finished = run(f"{address}/")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert seen["Host"] == address
    down = f"localhost:{free_port()}"
    assert run(down).stderr == f"no answer from http://{down}: ConnectionError\n"


def test_it_imports_nothing_of_the_package_and_stays_short():
    source = (PROJECT / "predict-test.py").read_text()
    imported = [line.split()[1] for line in source.splitlines() if line.lstrip().startswith(("import ", "from "))]
    assert imported == ["os", "sys", "requests"]
    assert len(source.splitlines()) <= 60


@pytest.mark.server
def test_the_development_server_listens_on_this_machine_only_and_has_no_debugger(shipped):
    port = free_port()
    command = [sys.executable, str(PROJECT / "predict.py")]
    environ = os.environ | {"PORT": str(port), "FLASK_DEBUG": "1"}
    with subprocess.Popen(command, cwd=PROJECT, env=environ, stderr=subprocess.PIPE, text=True) as server:
        said = ""
        for line in server.stderr:
            said += line
            if "Running on" in line:
                break
        finished = run(f"http://127.0.0.1:{port}")
        server.terminate()
        said += server.stderr.read()
    assert finished.returncode == 0, finished.stderr
    assert f"Running on http://127.0.0.1:{port}" in said
    assert "\x1b" not in said
    assert "u001b" not in said
    assert "Debugger" not in said
