"""POST /predict and the other routes over the Flask client: right answers, clear refusals, nothing leaked."""

import json
import logging
import os
import subprocess
import sys

import msgspec
import pytest
from werkzeug.exceptions import RequestTimeout, ServiceUnavailable

from churn.server.served_model import ServedModel
from churn.web import bodies
from tests.apps import make_app, make_client
from tests.customers import GOOD, PROJECT, change, read_cases, sklearn_probabilities
from tests.pairs import ADDED_TO_CARD, edit_card
from tests.posting import JSON, check_problem, post

IMPORTED = """
import logging, sys
sys.path.insert(0, sys.argv[1])
import churn.web.app  # so that what others do when they are imported is done

for name in [name for name in sys.modules if name.split(".")[0] == "churn"]:
    del sys.modules[name]


class Closed:
    def __getattr__(self, name):
        raise AssertionError(f"the environment is read: {name}")

    __getitem__ = __contains__ = __iter__ = __getattr__


opened = []
sys.modules["os"].environ = Closed()
sys.addaudithook(lambda event, arguments: opened.append(str(arguments[0])) if event == "open" else None)
import churn.web.app
from churn.web.app import create_app

print([path for path in opened if not path.endswith((".py", ".pyc"))], logging.root.handlers)
"""


def test_importing_the_app_reads_no_file_and_no_environment_from_any_folder(tmp_path):
    poisoned = {"PORT": "http", "MODEL_FILE": "/nowhere", "API_KEY": "a b", "LOG_LEVEL": "loud"}
    command = [sys.executable, "-c", IMPORTED, str(PROJECT)]
    finished = subprocess.run(
        command, cwd=tmp_path, env=os.environ | poisoned, capture_output=True, text=True, check=False
    )
    assert (finished.stdout, finished.stderr) == ("[] []\n", "")
    assert list(tmp_path.iterdir()) == []


def by_name(cases: list[dict]) -> dict:
    return {"argvalues": cases, "ids": [case["name"] for case in cases]}


@pytest.mark.parametrize("case", **by_name(read_cases("taken_customers.json")))
def test_a_customer_in_any_spelling_gets_the_answer_of_the_clean_one(client, shipped, case):
    response = client.post("/predict", json=change(case))
    assert response.status_code == 200, response.text
    assert list(response.json) == ["churn_probability", "churn"]
    (expected,) = sklearn_probabilities(shipped.path, [GOOD | case.get("as", {})])
    assert response.json["churn_probability"] == pytest.approx(expected, abs=1e-12)
    assert response.json["churn"] is bool(expected >= 0.5)


@pytest.mark.parametrize("case", **by_name(read_cases("refused_customers.json")))
def test_a_wrong_customer_is_refused_with_every_problem(client, case):
    document = check_problem(client.post("/predict", json=change(case)), 422)
    assert [[problem["field"], problem["problem"]] for problem in document["problems"]] == case["problems"]
    assert document["problem_count"] == len(case["problems"])
    in_list = check_problem(client.post("/predict", json=[GOOD, change(case), GOOD]), 422)
    assert in_list["problems"] == [{"row": 1, **problem} for problem in document["problems"]]


@pytest.mark.parametrize("case", **by_name(read_cases("refused_bodies.json")))
def test_a_wrong_body_is_refused_clearly(client, case):
    document = check_problem(post(client, case["body"].encode(), case["content_type"]), case["status"])
    assert case["detail"] in document["detail"]
    if "problems" in case:
        assert [[problem.get("field"), problem["problem"]] for problem in document["problems"]] == case["problems"]


def test_a_customer_or_a_list_after_a_byte_order_mark_is_read(client):
    for customers in (GOOD, [GOOD, GOOD]):
        expected = client.post("/predict", json=customers)
        answer = post(client, b"\xef\xbb\xbf" + json.dumps(customers).encode())
        assert (answer.status_code, answer.data) == (200, expected.data)


@pytest.mark.parametrize("query", ["", "?explain=2"])
def test_a_slash_at_the_end_of_predict_changes_nothing(client, query):
    expected = client.post(f"/predict{query}", json=GOOD)
    answer = client.post(f"/predict/{query}", json=GOOD)
    assert (answer.status_code, answer.data) == (200, expected.data)
    counted = client.get("/metrics").text
    assert 'route="/predict"' in counted
    assert "/predict/" not in counted


@pytest.mark.parametrize("path", ["/predict", "/predict/"])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_predict_with_another_method_points_to_post_and_to_the_page(client, path, method):
    answer = getattr(client, method)(path)
    document = check_problem(answer, 405)
    assert document["detail"] == "send customers to /predict by POST; the page for people is at /"
    assert "POST" in answer.headers["Allow"]
    assert client.get("/").mimetype == "text/html"


def test_the_405_of_another_path_points_to_the_allow_header(client):
    assert "Allow header" in check_problem(client.post("/model"), 405)["detail"]


def test_for_a_customer_inside_of_something_else_the_refusal_says_what_to_send(client):
    (wrapped,) = client.post("/predict", json={"customer": GOOD}).json["problems"]
    assert wrapped["expected"] == "an object of customer fields itself, with nothing around it"
    (wrapped,) = client.post("/predict", json={"instances": [GOOD]}).json["problems"]
    assert wrapped["expected"] == "the array of customers itself, with nothing around it"
    (twice,) = client.post("/predict", json=json.dumps(GOOD)).json["problems"]
    assert twice["expected"].endswith("this is a text that has one in it, so encode it only once")


@pytest.mark.parametrize(
    "body",
    [
        b"\xff\xfe{\x00}\x00",
        b'{"contract": "\xff"}',
        b'{"contract": "\xed\xa0\x80"}',
        b'{"\xff": 1}',
        b"[" * 50_000,
        b'{"a":' * 1_000,
        b'[{"a":' * 10_000,
        b"\x00",
        json.dumps(GOOD).encode("utf-16"),
        json.dumps(GOOD).encode("utf-32"),
    ],
    ids=lambda body: f"{body[:8]!r}, {len(body)} bytes",
)
def test_bytes_that_are_not_utf_8_json_or_are_nested_too_deeply_get_400(client, body):
    check_problem(post(client, body), 400)
    assert client.post("/predict", json=GOOD).status_code == 200


@pytest.mark.parametrize("digits", [25, 400, 5_000])
def test_a_number_of_many_digits_is_refused_as_out_of_range_not_finite_or_not_json(client, digits):
    response = post(client, json.dumps(GOOD).replace("24", "9" * digits).encode())
    assert response.status_code == (400 if digits == 5_000 else 422)
    if digits < 5_000:
        (problem,) = response.json["problems"]
        assert problem["problem"] == ("out of range" if digits == 25 else "not finite")


def test_a_number_with_many_decimals_is_scored_as_the_nearest_double(client):
    response = post(client, json.dumps(GOOD).replace("24", "24." + "0" * 30).encode())
    assert response.json == client.post("/predict", json=GOOD).json


def test_a_name_given_twice_in_the_json_is_refused(client):
    whole = json.dumps(GOOD)
    for twice in (
        '{"tenure": 1, ',
        '{"t\\u0065nure": 24, ',
        '{"at": "12:30", "tenure": 24, ',
        '{"x": {"y": [1]}, "tenure": 1,',
    ):
        for body in (whole.replace("{", twice, 1), f"[{whole.replace('{', twice, 1)}]"):
            document = check_problem(post(client, body.encode()), 422)
            assert [(problem["field"], problem["problem"]) for problem in document["problems"]] == [
                ("tenure", "given twice")
            ]


def test_an_unknown_name_given_twice_or_one_inside_another_object_is_ignored(client):
    whole = json.dumps(GOOD)
    for twice in (
        '{"id": 1, "id": 2, ',
        '{"x": {"tenure": 1, "tenure": 2}, ',
        '{"x": "{\\"tenure\\": 1}", "y": "]", ',
    ):
        assert post(client, whole.replace("{", twice, 1).encode()).status_code == 200


def test_the_documented_problem_is_answered_word_for_word(client):
    customers = [GOOD, GOOD, GOOD, GOOD | {"contract": "two yeer"}]
    assert check_problem(client.post("/predict", json=customers), 422) == {
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "1 problem with the customer data",
        "problem_count": 1,
        "problems": [
            {
                "row": 3,
                "field": "contract",
                "problem": "unknown category",
                "expected": ["month-to-month", "one_year", "two_year"],
                "did_you_mean": "two_year",
            }
        ],
    }


def test_a_blank_total_is_zero_at_tenure_zero_and_refused_later(client, shipped):
    response = client.post("/predict", json=GOOD | {"tenure": 0, "totalcharges": " "})
    (expected,) = sklearn_probabilities(shipped.path, [GOOD | {"tenure": 0, "totalcharges": 0}])
    assert response.json["churn_probability"] == pytest.approx(expected, abs=1e-12)
    document = check_problem(client.post("/predict", json=GOOD | {"totalcharges": " "}), 422)
    assert "blank only where tenure is 0" in document["problems"][0]["expected"]


def test_lists_keep_their_length_and_order_and_an_empty_one_is_empty(client):
    customers = [GOOD | {"tenure": months} for months in (1, 70, 1, 30)]
    answers = client.post("/predict", json=customers).json
    assert answers == [client.post("/predict", json=customer).json for customer in customers]
    assert post(client, b" [ ] ").json == []


def test_a_long_list_of_bad_customers_gets_a_hundred_problems_and_the_count_of_all(client):
    document = check_problem(client.post("/predict", json=[GOOD | {"gender": "x"}] * 300), 422)
    assert document["problem_count"] == 300
    assert [problem["row"] for problem in document["problems"]] == list(range(100))


def test_a_customer_with_more_than_a_hundred_problems_gets_a_hundred(tmp_path):
    fields = ["churn", *(f"x{number}" for number in range(150))]
    rows = [
        ["yes" if row % 3 else "no", *[str(row * (1 + number % 6) % 7 + 0.5) for number in range(150)]]
        for row in range(80)
    ]
    (tmp_path / "wide.csv").write_text("\n".join(",".join(row) for row in [fields, *rows]))
    import train  # imports pandas and scikit-learn

    train.main([str(tmp_path / "wide.csv"), "--output", str(tmp_path / "wide.bin"), "--C", "0.01"])
    client = make_client(ServedModel(tmp_path / "wide.bin"))
    document = check_problem(client.post("/predict", json={}), 422)
    assert (document["problem_count"], len(document["problems"])) == (150, 100)


def test_a_request_beyond_the_limits_is_refused(client):
    empty = b"{}"
    for body in (
        b"[" + b",".join([empty] * (bodies.MAX_CUSTOMERS + 1)) + b"]",
        b"[" + b",".join([b"1"] * (bodies.MAX_CUSTOMERS + 1)) + b"]",
        b"[" + b",".join([b"1"] * bodies.MAX_VALUES) + b",{}]",
        json.dumps(GOOD | {"note": "x" * bodies.MAX_CUSTOMER_BYTES}).encode(),
        json.dumps([GOOD, GOOD | {"note": "x" * bodies.MAX_CUSTOMER_BYTES}]).encode(),
    ):
        check_problem(post(client, body), 413)
    most = msgspec.json.encode([GOOD | {"id": number} for number in range(bodies.MAX_CUSTOMERS)])
    assert len(post(client, most).json) == bodies.MAX_CUSTOMERS


def test_a_body_past_the_limit_gets_413_and_the_next_request_is_served(served):
    client = make_client(served, MAX_CONTENT_LENGTH="1000")
    check_problem(post(client, b" " * 1_001), 413)
    chunks = {"wsgi.input_terminated": True, "CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked"}
    whole = json.dumps(GOOD).encode()
    check_problem(post(client, whole + b" " * 1_000, environ_overrides=chunks), 413)
    assert post(client, whole, environ_overrides=chunks).status_code == 200
    assert client.post("/predict", json=GOOD).status_code == 200


def test_a_body_shorter_than_its_content_length_is_refused(client):
    whole = json.dumps(GOOD).encode()
    check_problem(post(client, whole, environ_overrides={"CONTENT_LENGTH": str(len(whole) + 1)}), 400)


def test_a_compressed_body_is_refused(client):
    response = client.post("/predict", data=b"{}", headers={"Content-Type": JSON, "Content-Encoding": "gzip"})
    assert "uncompressed" in check_problem(response, 415)["detail"]


@pytest.mark.parametrize(("threshold", "churn"), [(0.0, True), (0.2, True), (0.3, False), (1.0, False)])
def test_churn_is_probability_at_or_above_the_threshold(shipped, threshold, churn):
    client = make_client(ServedModel(shipped.path, threshold=threshold))
    assert client.post("/predict", json=GOOD).json["churn"] is churn
    at = client.post("/predict", json=GOOD).json["churn_probability"]
    client = make_client(ServedModel(shipped.path, threshold=at))
    assert client.post("/predict", json=GOOD).json["churn"] is True
    assert client.post("/predict?explain=1", json=GOOD).json["churn"] is True


def test_the_cards_threshold_applies_unless_a_setting_overrides_it(pair):
    edit_card(pair, threshold=0.01)
    assert make_client(ServedModel(pair)).post("/predict", json=GOOD).json["churn"] is True
    assert make_client(ServedModel(pair, threshold=0.99)).post("/predict", json=GOOD).json["churn"] is False


def test_the_work_of_a_request_is_bounded_however_it_is_built(client):
    nested = json.dumps([GOOD | {"x": [[[]] * 200] * 2, "q": ":"}] * 200)
    assert "objects and arrays" in check_problem(post(client, nested.encode()), 413)["detail"]
    one = {f"x{n}": "[]{}:" * 20 for n in range(300)}
    assert client.post("/predict", json=[GOOD | one] * 3).status_code == 200


@pytest.mark.parametrize(("path", "text"), [("/ping", "PONG"), ("/health", "alive\n"), ("/ready", "ready\n")])
def test_the_small_routes_answer(client, path, text):
    response = client.get(path)
    assert (response.status_code, response.text) == (200, text)


def test_home_answers_and_model_is_the_card(client, shipped):
    assert client.get("/").status_code == 200
    card = json.loads(shipped.path.with_suffix(".json").read_text())
    assert client.get("/model").json == card | ADDED_TO_CARD


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/predict", 405),
        ("DELETE", "/model", 405),
        ("POST", "/", 405),
        ("POST", "/predict/x", 404),
    ],
)
def test_an_unknown_path_is_a_problem_too(client, method, path, status):
    response = client.open(path, method=method)
    check_problem(response, status)
    if status == 405:
        assert response.headers["Allow"]


def test_every_answer_carries_a_request_id_and_the_model_version(client, shipped):
    for response in (
        client.get("/ping"),
        client.get("/nowhere"),
        client.post("/predict", json={}),
        client.get("/predict"),
    ):
        assert len(response.headers["X-Request-ID"]) == 32
        assert response.headers["X-Model-Version"] == shipped.sha256[:12]
    first, second = (client.get("/ping").headers["X-Request-ID"] for _ in range(2))
    assert first != second


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("order-17", True),
        ("a" * 128, True),
        ("a" * 129, False),
        ("two words", False),
        ("<script>", False),
        ("", False),
    ],
)
def test_the_callers_request_id_is_kept_if_it_is_valid(client, given, kept):
    answered = client.get("/ping", headers={"X-Request-ID": given}).headers["X-Request-ID"]
    assert (answered == given) is kept


@pytest.mark.parametrize("case", **by_name(read_cases("traceparents.json")))
def test_a_valid_traceparents_trace_id_is_on_the_answer_and_in_problems_and_an_invalid_one_is_ignored(client, case):
    headers = {"traceparent": case["traceparent"]}
    for response in (client.post("/predict", json=GOOD, headers=headers), client.get("/", headers=headers)):
        assert response.status_code == 200
        assert response.headers.get("X-Trace-ID") == case["trace_id"]
    for response, status in (
        (client.post("/predict", json={}, headers=headers), 422),
        (client.post("/predict", data=b"{", headers=headers | {"Content-Type": JSON}), 400),
        (client.get("/nowhere", headers=headers), 404),
        (client.get("/predict", headers=headers), 405),
    ):
        assert check_problem(response, status).get("trace_id") == case["trace_id"]
        assert response.headers.get("X-Trace-ID") == case["trace_id"]


def test_a_trace_id_ends_with_its_request(client):
    (traced,) = (case["traceparent"] for case in read_cases("traceparents.json") if case["name"] == "of the standard")
    assert "X-Trace-ID" in client.get("/nowhere", headers={"traceparent": traced}).headers
    answered = client.get("/nowhere")
    assert "X-Trace-ID" not in answered.headers
    assert "trace_id" not in answered.json


def test_no_answer_and_no_log_line_repeats_a_customers_values(client, caplog):
    secret = "secret-4711"
    caplog.set_level(logging.DEBUG)
    for customer in (dict.fromkeys(GOOD, secret), [GOOD | {"contract": secret}], {secret: secret}, secret):
        response = client.post("/predict", json=customer)
        assert response.status_code == 422
        assert secret not in response.text
    assert secret not in post(client, f'{{"contract": "{secret}'.encode()).text
    assert secret not in caplog.text


def test_a_failure_of_the_service_is_a_problem_without_a_traceback_and_is_logged(served, monkeypatch, caplog):
    app = make_app(served)
    monkeypatch.setattr(type(served.current.scorer), "place", lambda *_, **__: 1 / 0)
    response = app.test_client().post("/predict", json=GOOD)
    document = check_problem(response, 500)
    assert "ZeroDivisionError" not in response.text
    assert "X-Request-ID" in document["detail"]
    assert "ZeroDivisionError" in caplog.text


def test_debugger_and_testing_are_off_by_default(app):
    assert not app.debug
    assert not app.testing


@pytest.mark.parametrize(("error", "status"), [(RequestTimeout, 408), (ServiceUnavailable, 503)])
def test_a_refusal_that_the_load_decides_has_a_line_in_the_log_with_its_id(shipped, caplog, error, status):
    app = make_app(ServedModel(shipped.path))

    @app.post("/busy")
    def refuse():
        raise error("too much at once")

    with caplog.at_level(logging.INFO, logger="churn.web.problems"):
        response = app.test_client().post("/busy", headers={"X-Request-ID": "order-17"})
        post(app.test_client(), "[")  # the client's own mistake has no such line
    check_problem(response, status)
    lines = [
        (record.getMessage(), record.status, record.reason) for record in caplog.records if hasattr(record, "reason")
    ]
    assert lines == [("request refused", status, "too much at once")]
