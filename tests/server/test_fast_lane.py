"""The fast lane answers byte for byte what gunicorn and Flask would answer, and leaves all other requests to them."""

import itertools
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from churn.model.file import load_model
from churn.server.counted_model import CountedModel
from churn.server.fast_lane import MAX_BYTES, REST_TO_COME, FastLane, Scored, may_answer
from churn.server.lane_counts import LaneCounts
from churn.server.metrics import Metrics
from churn.server.served_model import ServedModel
from churn.web.lane_answer import make_lane_answer
from tests.apps import make_app
from tests.both_ways import BothWays, check_damaged
from tests.customers import GOOD
from tests.raw_requests import EB, KEYED, KEYS, LANE, OTHERS, PIPELINES, WHOLE, raw
from tests.serving import samples

LIMIT = 20_000


class Counted(list):
    """A stand-in for LaneCounts that keeps what was counted."""

    def count(self, *counted: object) -> None:
        self.append(counted)


def make_lane(served, *keys: str, limit: int = LIMIT) -> FastLane:
    return FastLane(make_lane_answer(served), Counted(), keys, limit)


@pytest.fixture
def lane(served):
    return make_lane(served)


@pytest.mark.parametrize("name", LANE)
def test_a_plain_request_is_answered_once_all_of_it_has_come(lane, name):
    for cut in (0, 10, 60, LANE[name].index(b"\r\n\r\n") + 4, len(LANE[name]) - 1):
        assert lane.answer(LANE[name][:cut]) == REST_TO_COME
    answer = lane.answer(bytearray(LANE[name]))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert lane.answer(LANE[name] + b"\r") is None


@pytest.mark.parametrize("name", OTHERS)
def test_any_other_request_is_not_for_the_lane(lane, name):
    assert not lane.answer(OTHERS[name])


@pytest.mark.parametrize("name", KEYED)
def test_with_keys_a_request_needs_one(served, name):
    headers, taken = KEYED[name]
    assert bool(make_lane(served, *KEYS.split(",")).answer(raw(WHOLE, *headers))) == taken


@pytest.mark.parametrize("beyond", [0, 1])
def test_the_limits_are_that_of_the_settings_and_16_kib(served, beyond):
    lane = make_lane(served, limit=1_000)
    assert bool(lane.answer(raw(WHOLE + b" " * (1_000 + beyond - len(WHOLE))))) == (not beyond)
    longest = MAX_BYTES - len(raw(length=99_999)) + len(WHOLE)
    request = raw(WHOLE + b" " * (longest + beyond - len(WHOLE)))
    assert len(request) == MAX_BYTES + beyond
    assert bool(make_lane(served).answer(request)) == (not beyond)
    assert (make_lane(served).answer(request[:-1]) == REST_TO_COME) == (not beyond)
    assert make_lane(served).answer(raw(WHOLE, "A: " + "a" * MAX_BYTES)[:MAX_BYTES]) is None


def test_a_failure_is_logged_and_the_request_left_to_flask(served, caplog):
    def fail(body: bytes, counted: bool) -> Scored:
        raise ZeroDivisionError

    assert FastLane(fail, Counted(), (), LIMIT).answer(raw()) is None
    assert "ZeroDivisionError" in caplog.text


def test_only_an_answered_customer_is_counted_and_a_what_if_is_marked(served):
    asked = []
    answer = make_lane_answer(served)
    counts = Counted()
    lane = FastLane(lambda body, counted: asked.append(counted) or answer(body, counted), counts, (), LIMIT)
    for request in (raw(), raw(WHOLE, "X-What-If: 1"), raw(WHOLE, "X-What-If: 0"), raw(b"{}")):
        lane.answer(request)
    assert asked == [True, False, True, True]
    assert len(counts) == 3
    expected = json.loads(lane.answer(raw()).partition(b"\r\n\r\n")[2])
    for probability, churn, duration_s in counts:
        assert (probability, churn) == (expected["churn_probability"], expected["churn"])
        assert 0 < duration_s < 1


def test_version_probability_and_counts_are_of_one_model_while_it_swaps(pair, shipped, tmp_path):
    models = [CountedModel(model, lambda: tmp_path) for model in (shipped, load_model(pair))]
    turns = itertools.cycle(models)

    class Swapping:
        """A model that is swapped between any two reads of it."""

        now = property(lambda _: next(turns))

    lane = make_lane(Swapping())
    seen = {}
    for _ in range(10):
        head, _, body = lane.answer(raw()).partition(b"\r\n\r\n")
        seen.setdefault(re.search(rb"X-Model-Version: (\w+)", head)[1], set()).add(body)
    assert [len(bodies) for bodies in seen.values()] == [1, 1]
    for counted in models:
        (place,) = [place for place, count in enumerate(counted.tally.read().probabilities) if count]
        (body,) = seen[counted.model.version.encode()]
        assert counted.tally.layout.probability_bins.place(json.loads(body)["churn_probability"]) == place
        assert counted.tally.read().answers == 5


def test_a_what_if_is_not_counted_by_field(shipped, tmp_path):
    counted = CountedModel(shipped, lambda: tmp_path)
    lane = make_lane(SimpleNamespace(now=counted))
    for request, answers in ((raw(), 1), (raw(WHOLE, "X-What-If: 1"), 1), (raw(b"{}"), 1), (raw(), 2)):
        lane.answer(request)
        assert counted.tally.read().answers == answers


def test_the_threshold_that_is_set_applies_in_the_lane_too(shipped):
    for threshold, churn in ((0.0, True), (1.0, False)):
        answer = make_lane(ServedModel(shipped.path, threshold=threshold)).answer(raw())
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["churn"] is churn


PLAIN_SETTINGS = {
    "limit_request_line": 2_048,
    "limit_request_fields": 50,
    "limit_request_field_size": 16_380,
    "accesslog": None,
    "statsd_host": None,
    "secure_scheme_headers": {},
    "keepalive": 75,
}


@pytest.mark.parametrize(
    ("changed", "may"),
    [
        ({}, True),
        ({"limit_request_line": 0, "limit_request_fields": 0, "limit_request_field_size": 0}, True),
        ({"limit_request_fields": 49}, False),
        ({"limit_request_field_size": 4_000}, False),
        ({"limit_request_line": 10}, False),
        ({"accesslog": "-"}, False),
        ({"statsd_host": ("localhost", 8125)}, False),
        ({"secure_scheme_headers": {"X-FORWARDED-PROTO": "https"}}, False),
        ({"keepalive": 0}, False),
    ],
)
def test_some_settings_of_gunicorn_rule_the_lane_out(changed, may):
    assert may_answer(SimpleNamespace(**PLAIN_SETTINGS | changed)) == may


def test_below_a_path_there_is_no_lane(monkeypatch):
    monkeypatch.setenv("SCRIPT_NAME", "/churn")
    assert not may_answer(SimpleNamespace(**PLAIN_SETTINGS))


def test_its_counts_are_those_of_flask(served, tmp_path, monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    metrics = Metrics()
    lane = FastLane(make_lane_answer(served), LaneCounts(tmp_path), (), LIMIT)
    client = make_app(served, metrics=Metrics()).test_client()
    for request in (raw(), raw(GOOD | {"tenure": 1}), raw(GOOD | {"tenure": 72, "contract": "two_year"})):
        assert lane.answer(request)
        assert client.post("/predict", data=request.partition(b"\r\n\r\n")[2], content_type="application/json").json
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR")
    by_flask = samples(client.get("/metrics").text)
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    by_lane = samples(metrics.render().decode())
    compared = {
        key
        for key in by_lane
        if key[0].startswith(("churn_probability", "churn_customers_", "churn_http_requests_total"))
        or key[0] == "churn_http_request_duration_seconds_count"
    }
    assert len(compared) > 10
    assert {key: by_lane[key] for key in compared} == pytest.approx({key: by_flask[key] for key in compared})


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    with BothWays(tmp_path_factory.mktemp("both")) as running:
        yield running


@pytest.fixture(scope="module")
def both_with_keys(tmp_path_factory):
    with BothWays(tmp_path_factory.mktemp("keyed"), API_KEY=KEYS) as running:
        yield running


@pytest.mark.server
def test_every_case_gets_the_same_bytes_and_the_same_fate_with_and_without_the_lane(both):
    cases = {**LANE, **OTHERS, **PIPELINES}
    assert len(cases) > 200
    fates = both.ask_all({name: [request] for name, request in cases.items()})
    for name in LANE:
        assert (fates[name].answered.split()[1], fates[name].kept) == (b"200", True), name


@pytest.mark.server
def test_requests_in_pieces_get_the_same_answers_too(both):
    cases = {}
    for request in (raw(), raw(WHOLE, *EB), raw(b"{}"), *PIPELINES.values(), OTHERS["chunked, with a trailer"]):
        middle = request.find(b"\r\n\r\n") + 4
        for cut in (1, 12, middle - 2, middle, len(request) - 1):
            cases[f"{request!r} at {cut}"] = [piece for piece in (request[:cut], request[cut:]) if piece]
    both.ask_all(cases)
    names = ("the customer of the course", "Elastic Beanstalk's headers")
    fates = both.ask_all({name: [bytes([byte]) for byte in LANE[name]] for name in names})
    assert all(fate.kept for fate in fates.values())


@pytest.mark.server
def test_with_keys_the_answers_are_the_same_too(both_with_keys):
    fates = both_with_keys.ask_all({name: [raw(WHOLE, *headers)] for name, (headers, _) in KEYED.items()})
    for name, (_, taken) in KEYED.items():
        if taken:
            assert fates[name].answered.split()[1] == b"200", name


@pytest.mark.server
def test_damaged_requests_get_the_same_answers_with_and_without_the_lane(both):
    check_damaged(both, 40)  # tests/test_siege.py sends many more


@pytest.mark.server
def test_the_lane_is_on_without_access_lines_and_off_with_them(both):
    """Only a lane makes its own files of counts."""
    for server, expected in zip(both.servers, (1, 0), strict=True):
        (worker,) = server.workers()
        maps = Path(f"/proc/{worker}/maps").read_text()
        assert maps.count(f"counter_lane_{worker}.db") == expected
