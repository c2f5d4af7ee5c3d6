"""The short cut: what it answers is what Flask answers, byte for byte; what it does not know goes to Flask."""

import http.client
import io
import itertools
import json
import logging
import re
import uuid
from types import SimpleNamespace

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from churn.model.file import load_model
from churn.model.scoring import Scorer
from churn.server.counted_model import CountedModel
from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel
from churn.web import request_hooks, short_cut
from churn.web.bodies import MAX_CUSTOMER_BYTES
from tests.apps import make_app
from tests.customers import CLEAN_CUSTOMERS, GOOD, RAW_CUSTOMERS, change, read_cases
from tests.serving import Server, samples

LIMIT = 20_000
WHOLE = json.dumps(GOOD).encode()
ARABIC = {ord("0") + digit: chr(0x660 + digit) for digit in range(10)}


def request(body: object = WHOLE, **environ: object) -> tuple[bytes, dict]:
    """A body, as it is or as JSON, and what a request's WSGI environment has beside that of a usual one."""
    return body if isinstance(body, bytes) else json.dumps(body).encode(), environ


ANSWERED = {
    "the customer of the course": request(),
    "with space around": request(b" \r\n\t" + WHOLE + b"\n"),
    "with further fields": request(GOOD | {"id": 7, "note": "\u00e9", "nested": {"a": [1, {"b": None}]}}),
    "without space": request(json.dumps(GOOD, separators=(",", ":")).encode()),
    "as long as the setting allows": request(WHOLE + b" " * (LIMIT - len(WHOLE))),
    "of many further fields": request(GOOD | {f"x{number}": number for number in range(500)}),
    "a length with zeros": request(CONTENT_LENGTH=f"0{len(WHOLE)}"),
    "HTTP/1.0": request(SERVER_PROTOCOL="HTTP/1.0"),
    "another host": request(HTTP_HOST="evil.example:99999"),
    "an address for a host": request(HTTP_HOST="10.0.0.7:9696"),
    "a host's name of a container": request(HTTP_HOST="churn_api-1"),
    "an empty query": request(QUERY_STRING=""),
    "a key that nobody wants": request(HTTP_AUTHORIZATION="Bearer x", HTTP_X_API_KEY="y"),
    "headers that mean nothing here": request(HTTP_ACCEPT="text/html", HTTP_COOKIE="a=b", HTTP_RANGE="bytes=0-1"),
    "below a path": request(SCRIPT_NAME="/churn"),
    **{f"spelled: {case['name']}": request(change(case)) for case in read_cases("taken_customers.json")},
    **{f"customer {row} as in the table": request(RAW_CUSTOMERS[row]) for row in range(0, 7_000, 350)},
    **{f"customer {row}, clean": request(CLEAN_CUSTOMERS[row]) for row in range(0, 7_000, 350)},
    **{
        f"the request id {given[:9]!r} of {len(given)}": request(HTTP_X_REQUEST_ID=given)
        for given in ("order-17", "a" * 128, "a" * 129, "two words", "<script>", "", "\u00e9", "a,b")
    },
    **{
        f"traceparent: {case['name']}": request(HTTP_TRACEPARENT=case["traceparent"])
        for case in read_cases("traceparents.json")
    },
}
HANDED_OVER = {
    **{
        f"the host {host[:9]!r} of {len(host)}": request(HTTP_HOST=host)
        for host in ("a b<>", "a..b", ".a", "a.", "a" * 64 + ".x", "[::1]:9696", "\u00e9.example", "a:b")
    },
    "another protocol": request(HTTP_UPGRADE="websocket", HTTP_CONNECTION="Upgrade"),
    "a list": request([GOOD, GOOD]),
    "an empty list": request(b" []"),
    "reasons": request(QUERY_STRING="explain=true"),
    "an unknown query": request(QUERY_STRING="x"),
    "a table": request(",".join(GOOD).encode(), CONTENT_TYPE="text/csv"),
    "a content type with UTF-8": request(CONTENT_TYPE="application/json; charset=utf-8"),
    "a content type with Latin-1": request(CONTENT_TYPE="application/json; charset=latin-1"),
    "a content type in capitals": request(CONTENT_TYPE="Application/JSON"),
    "no content type": request(CONTENT_TYPE=""),
    "compressed": request(HTTP_CONTENT_ENCODING="gzip"),
    "not compressed": request(HTTP_CONTENT_ENCODING="identity"),
    "chunked": request(HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH=""),
    "chunked, with a length": request(HTTP_TRANSFER_ENCODING="chunked"),
    "an unfinished body": request(WHOLE[:-1], CONTENT_LENGTH=str(len(WHOLE))),
    "a whole customer that should be longer": request(CONTENT_LENGTH=str(len(WHOLE) + 1)),
    "a length in Arabic digits": request(CONTENT_LENGTH=str(len(WHOLE)).translate(ARABIC)),
    **{
        f"the length {length!r}": request(CONTENT_LENGTH=length)
        for length in ("", "0", "+5", "-5", " 459", "4_9", "0x10", "1e2", "9" * 30, f"{len(WHOLE):09}")
    },
    "longer than the setting allows": request(WHOLE + b" " * (LIMIT + 1 - len(WHOLE))),
    "GET": request(REQUEST_METHOD="GET"),
    "HEAD": request(REQUEST_METHOD="HEAD"),
    "OPTIONS": request(REQUEST_METHOD="OPTIONS"),
    "PUT": request(REQUEST_METHOD="PUT"),
    "a method in small letters": request(REQUEST_METHOD="post"),
    "another path": request(PATH_INFO="/nowhere"),
    "a slash too many": request(PATH_INFO="/predict/"),
    "two slashes": request(PATH_INFO="//predict"),
    "home": request(PATH_INFO="/", REQUEST_METHOD="GET"),
    "a name given twice": request(WHOLE.replace(b"{", b'{"tenure": 24, ', 1)),
    "a name given twice, escaped": request(WHOLE.replace(b"{", b'{"t\\u0065nure": 24, ', 1)),
    "a byte-order mark": request(b"\xef\xbb\xbf" + WHOLE),
    "two customers": request(WHOLE + WHOLE),
    "no UTF-8": request(b'{"contract": "\xff"}'),
    "UTF-16": request(json.dumps(GOOD).encode("utf-16")),
    "nested too deeply": request(b'{"a":' * 2_000),
    **{f"refused: {case['name']}": request(change(case)) for case in read_cases("refused_customers.json")},
    **{
        f"refused: {case['name']}": request(case["body"].encode(), CONTENT_TYPE=case["content_type"] or "")
        for case in read_cases("refused_bodies.json")
    },
}


@pytest.fixture(autouse=True)
def one_chance(monkeypatch):
    """A request without an id of its own gets always the same."""
    monkeypatch.setattr(uuid, "uuid4", lambda: uuid.UUID(int=17))


@pytest.fixture
def apps(served):
    """The app as it is, and one of the same model without the short cut."""
    both = [make_app(served, metrics=Metrics(), MAX_CONTENT_LENGTH=str(LIMIT)) for _ in range(2)]
    both[1].wsgi_app = both[1].wsgi_app.flask
    return both


def ask(app, asked: tuple[bytes, dict], **further) -> tuple[bytes, str, list]:
    """Body, status and headers in their order, as the app gives them to the server."""
    body, environ = asked
    environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": "application/json"} | environ | further
    length = str(environ.get("CONTENT_LENGTH", ""))
    body = body[: int(length)] if length.isdecimal() else body  # gunicorn gives no more
    usual = EnvironBuilder("/predict", input_stream=io.BytesIO(body), content_length=len(body)).get_environ()
    answer, status, headers = run_wsgi_app(app, usual | {"wsgi.input_terminated": True} | environ)
    return b"".join(answer), status, list(headers)


def counted(app) -> dict:
    """Every sample of /metrics but the times and what the process takes."""
    found = samples(ask(app, request(PATH_INFO="/metrics", REQUEST_METHOD="GET"))[0].decode())
    return {
        key: value for key, value in found.items() if not re.search("seconds_(bucket|sum)|_created|^process_", key[0])
    }


def flask_is_asked(app) -> list:
    """Grows by one with each request that Flask gets."""
    asked, flask = [], app.wsgi_app.flask
    app.wsgi_app.flask = lambda *arguments: asked.append(1) or flask(*arguments)
    return asked


@pytest.mark.parametrize("name", ANSWERED)
def test_a_good_customer_takes_the_short_cut_to_the_answer_that_flask_gives(apps, name):
    asked = flask_is_asked(apps[0])
    answer = ask(apps[0], ANSWERED[name])
    assert (answer[1], asked) == ("200 OK", [])
    assert answer == ask(apps[1], ANSWERED[name])
    assert counted(apps[0]) == counted(apps[1])


@pytest.mark.parametrize("name", HANDED_OVER)
def test_what_is_no_plain_good_customer_gets_flasks_answer_from_flask(apps, name):
    asked = flask_is_asked(apps[0])
    answer = ask(apps[0], HANDED_OVER[name])
    assert asked == [1]
    assert answer == ask(apps[1], HANDED_OVER[name])
    assert counted(apps[0]) == counted(apps[1])


def test_after_all_of_them_the_metrics_are_the_same_with_and_without_the_short_cut(apps):
    for asked in (*ANSWERED.values(), *HANDED_OVER.values()):
        for app in apps:
            ask(app, asked)
    found = counted(apps[0])
    assert found == counted(apps[1])
    assert found["churn_http_requests_total", ("route", "/predict"), ("status", "200")] > len(ANSWERED)


def test_the_limits_are_flasks(served):
    apps = [make_app(served) for _ in range(2)]
    apps[1].wsgi_app = apps[1].wsgi_app.flask
    asked = flask_is_asked(apps[0])
    for beyond in (0, 1):
        padded = request(WHOLE + b" " * (MAX_CUSTOMER_BYTES + beyond - len(WHOLE)))
        assert ask(apps[0], padded) == ask(apps[1], padded)
        assert len(asked) == beyond


def test_threshold_and_customers_counted_as_leaving_are_flasks(shipped, served):
    probability = json.loads(ask(make_app(served), request())[0])["churn_probability"]
    for threshold in (0.0, probability, 1.0):
        apps = [make_app(ServedModel(shipped.path, threshold=threshold)) for _ in range(2)]
        apps[1].wsgi_app = apps[1].wsgi_app.flask
        assert ask(apps[0], request()) == ask(apps[1], request())
        assert counted(apps[0]) == counted(apps[1])


class Stalled:
    """A body that can be waited for once, in vain."""

    def __init__(self, error: Exception) -> None:
        self._errors = [error]

    def read(self, size: int = -1) -> bytes:
        raise self._errors.pop()


@pytest.mark.parametrize("error", [BlockingIOError(11, "stalled"), ConnectionResetError(), RuntimeError("malformed")])
def test_a_body_that_can_not_be_read_is_refused_as_by_flask_after_one_wait(apps, error):
    answers = [ask(app, request(), **{"wsgi.input": Stalled(error)}) for app in apps]
    assert answers[0] == answers[1]
    assert answers[0][1].startswith("400")


def test_a_failure_is_flasks_500_and_its_traceback(apps, monkeypatch, caplog):
    monkeypatch.setattr(Scorer, "place", lambda *_, **__: 1 / 0)
    answers = [ask(app, request()) for app in apps]
    assert answers[0] == answers[1]
    assert answers[0][1].startswith("500")
    assert caplog.text.count("ZeroDivisionError") == 2
    assert counted(apps[0]) == counted(apps[1])


def test_a_failure_in_counting_is_flasks_500_too(apps, monkeypatch):
    monkeypatch.setattr(Metrics, "count_scored", lambda *_, **__: 1 / 0)
    answers = [ask(app, request()) for app in apps]
    assert answers[0] == answers[1]
    assert answers[0][1].startswith("500")


def test_version_probability_and_counts_are_of_one_model_while_it_swaps(pair, shipped, tmp_path):
    models = [CountedModel(model, lambda: tmp_path) for model in (shipped, load_model(pair))]
    turns = itertools.cycle(models)

    class Swapping:
        """A model that is swapped between any two looks at it."""

        now = property(lambda _: next(turns))

    expected = {
        counted.model.version: ask(make_app(SimpleNamespace(now=counted)), request())[0] for counted in models
    }
    app = make_app(Swapping())
    asked = flask_is_asked(app)
    seen = set()
    for _ in range(10):
        body, _, headers = ask(app, request())
        assert body == expected[dict(headers)["X-Model-Version"]]
        seen.add(body)
    assert (len(seen), asked) == (2, [])
    for counted in models:
        (place,) = [place for place, count in enumerate(counted.tally.read().probabilities) if count]
        answered = json.loads(expected[counted.model.version])["churn_probability"]
        assert counted.tally.layout.probability_bins.place(answered) == place
        assert counted.tally.read().answers == 6


def test_with_keys_or_access_lines_there_is_no_short_cut(served, caplog):
    assert ask(make_app(served, API_KEY="a-key"), request())[1].startswith("401")
    caplog.set_level(logging.INFO)
    assert ask(make_app(served, ACCESS_LOG="on"), request())[1] == "200 OK"
    assert [record.route for record in caplog.records] == ["/predict"]
    for settings in ({"API_KEY": "a-key"}, {"ACCESS_LOG": "on"}):
        assert not isinstance(make_app(served, **settings).wsgi_app, short_cut.ShortCut)


def test_the_time_of_a_handed_over_request_begins_before_its_body_is_read(apps, monkeypatch):
    class Slow(io.BytesIO):
        def read(self, size: int = -1) -> bytes:
            clock[0] += 3
            return super().read(size)

    clock = [1_000.0]
    for module in (short_cut, request_hooks):
        monkeypatch.setattr(module, "perf_counter", lambda: clock[0])
    ask(apps[0], request({}), **{"wsgi.input": Slow(b"{}")})
    found = samples(apps[0].test_client().get("/metrics").text)
    assert found["churn_http_request_duration_seconds_sum", ("route", "/predict")] == 3


@pytest.mark.server
def test_over_the_wire_the_answers_are_the_same_but_for_the_date(tmp_path):
    """ACCESS_LOG switches the short cut off."""
    traced = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    answers = []
    for access_log in ("on", "off"):
        with Server(tmp_path / f"{access_log}.txt", ACCESS_LOG=access_log) as server:
            connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
            for body in (WHOLE, b"{}", WHOLE):
                headers = {"Content-Type": "application/json", "X-Request-ID": "order-17", "traceparent": traced}
                connection.request("POST", "/predict", body, headers)
                answer = connection.getresponse()
                kept = [header for header in answer.getheaders() if header[0] != "Date"]
                answers.append((answer.status, answer.reason, kept, answer.read()))
            connection.close()
    assert answers[:3] == answers[3:]
    assert [status for status, *_ in answers[:3]] == [200, 422, 200]
    assert [dict(headers)["X-Trace-ID"] for _, _, headers, _ in answers] == [traced[3:35]] * 6
