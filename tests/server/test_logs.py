"""The log: JSON lines for programs, with the request's id and without any customer's values."""

import io
import json
import logging
import logging.config

import pytest
import requests

from churn.server.logs import logging_config
from tests.apps import make_client
from tests.customers import GOOD
from tests.serving import Server


@pytest.fixture
def log():
    """A function that configures the process as the service does, and whose stream has everything logged since."""
    before = logging.root.handlers[:], logging.root.level
    stream = io.StringIO()

    def configure(format: str) -> io.StringIO:
        config = logging_config(level="info", format=format)
        config["handlers"]["stderr"]["stream"] = stream
        logging.config.dictConfig(config)
        return stream

    yield configure
    logging.root.handlers[:], logging.root.level = before


@pytest.fixture
def lines(log):
    """A function that returns the JSON lines logged since its last call."""
    stream = log("json")

    def read() -> list[dict]:
        found = [json.loads(line) for line in stream.getvalue().splitlines()]
        stream.seek(0)
        stream.truncate()
        return found

    return read


def test_a_refusal_is_one_line_with_fields_and_counts_and_no_value(client, lines):
    secret = "secret-4711"
    client.post(
        "/predict", json=[GOOD | {"contract": secret}, GOOD | {"tenure": secret}], headers={"X-Request-ID": "r-1"}
    )
    (line,) = lines()
    assert line["event"] == "customers refused"
    assert (line["level"], line["problems"], line["fields"]) == ("INFO", 2, ["contract", "tenure"])
    assert line["request_id"] == "r-1"
    assert line["time"].endswith("+00:00")
    assert secret not in json.dumps(line)


def test_a_failure_is_logged_with_its_traceback_and_request_id(served, lines, monkeypatch):
    monkeypatch.setattr(type(served.current.scorer), "place", lambda *_, **__: 1 / 0)
    response = make_client(served).post("/predict", json=GOOD)
    (line,) = lines()
    assert response.status_code == 500
    assert line["level"] == "ERROR"
    assert line["request_id"] == response.headers["X-Request-ID"]
    assert "ZeroDivisionError" in line["exc_info"]


def test_the_trace_id_of_a_valid_traceparent_is_on_each_line_of_its_request_and_on_no_other(served, lines):
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    client = make_client(served, ACCESS_LOG="on")
    client.post("/predict", json={}, headers={"traceparent": f"00-{trace}-00f067aa0ba902b7-01"})
    client.post("/predict", json={}, headers={"traceparent": f"ff-{trace}-00f067aa0ba902b7-01"})
    logging.getLogger("churn").warning("afterwards")
    events = [(line["event"], line.get("trace_id"), "request_id" in line) for line in lines()]
    assert events == [
        *(("customers refused", trace, True), ("request", trace, True)),
        *(("customers refused", None, True), ("request", None, True)),
        ("afterwards", None, False),
    ]


def test_access_lines_are_off_unless_switched_on(served, lines):
    make_client(served).get("/ping")
    assert lines() == []
    make_client(served, ACCESS_LOG="on").get("/ping?key=secret-4711")
    (line,) = lines()
    assert {name: line[name] for name in ("event", "method", "route", "status")} == {
        "event": "request",
        "method": "GET",
        "route": "/ping",
        "status": 200,
    }
    assert line["duration_ms"] > 0
    assert "secret" not in json.dumps(line)


def test_the_console_format_is_a_line_with_the_content_of_json(client, log):
    stream = log("console")
    client.post("/predict", json={}, headers={"X-Request-ID": "r-2"})
    (line,) = stream.getvalue().splitlines()
    assert "customers refused problems=19" in line
    assert "request_id=r-2" in line


@pytest.mark.server
def test_the_real_service_logs_json_from_start_to_stop(tmp_path, shipped):
    with Server(tmp_path / "log.txt") as server:
        requests.post(f"{server.url}/predict", json={}, timeout=5)
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    events = {line["event"]: line for line in lines}
    loaded = events["model loaded"]
    assert (loaded["version"], loaded["file"], loaded["fields"]) == (shipped.version, "model_C=1.0.bin", 19)
    assert loaded["threshold"] == 0.5
    assert "API_KEY is not set: every route is open" in events
    assert events["customers refused"]["problems"] == 19
    assert any(event.startswith("Shutting down") for event in events)
    assert not any("GET" in event for event in events)


@pytest.mark.server
def test_with_a_key_the_log_of_the_start_has_no_line_that_all_is_open(tmp_path):
    with Server(tmp_path / "log.txt", API_KEY="a-key", LOG_FORMAT="console") as server:
        assert requests.get(f"{server.url}/model", timeout=5).status_code == 401
    log = server.log.read_text()
    assert "is open" not in log
    assert "a-key" not in log
    assert "model loaded version=" in log


@pytest.mark.parametrize("format", ["json", "console"])
def test_the_development_servers_colours_are_in_no_line(log, format):
    from werkzeug._internal import _log

    stream = log(format)
    _log("info", "\x1b[31m\x1b[1mWARNING\x1b[0m: %s\n", "\x1b[33m100 %s\x1b[0m")
    logging.getLogger("churn").info("100 %s of %s", "%s", "b")
    logged = stream.getvalue()
    assert "WARNING: 100 %s" in logged
    assert "100 %s of b" in logged
    assert "\x1b" not in logged
    assert "u001b" not in logged
