"""The options of POST /predict besides the plain answer: reasons and CSV; and queries that are wrong."""

import csv
import io
import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from churn.server.served_model import ServedModel
from churn.web import answers, bodies
from tests.apps import make_client
from tests.customers import CSV, GOOD, sklearn_probabilities
from tests.posting import check_problem, post

HEADER = ",".join(["customerID", *GOOD])
ROW = ",".join(["7590-VHVEG", *map(str, GOOD.values())])


def post_csv(client, content: str | bytes, query: str = ""):
    return client.post(f"/predict{query}", data=content, content_type="text/csv")


@pytest.mark.parametrize(
    ("query", "count"), [("true", 19), ("True", 19), ("3", 3), ("1", 1), ("19", 19), ("100", 19)]
)
def test_explain_adds_the_baseline_and_the_strongest_reasons(client, shipped, query, count):
    answer = client.post(f"/predict?explain={query}", json=GOOD).json
    assert list(answer) == ["churn_probability", "churn", "baseline", "reasons"]
    plain = client.post("/predict", json=GOOD).json
    assert {name: answer[name] for name in plain} == plain
    every = shipped.explainer.explain(GOOD)
    assert answer["baseline"] == every.baseline
    assert answer["reasons"] == [reason.to_json() for reason in every.reasons[:count]]
    assert list(answer["reasons"][0]) == ["field", "value", "contribution"]


def test_baseline_and_contributions_are_the_log_odds(client, shipped):
    answer = client.post("/predict?explain=true", json=GOOD).json
    (expected,) = sklearn_probabilities(shipped.path, [GOOD])
    log_odds = answer["baseline"] + math.fsum(reason["contribution"] for reason in answer["reasons"])
    assert log_odds == pytest.approx(math.log(expected / (1 - expected)), abs=1e-9)


@pytest.mark.parametrize("query", ["", "?explain=false", "?errors=refuse"])
def test_without_explain_the_answer_keeps_its_two_keys(client, query):
    assert list(client.post(f"/predict{query}", json=GOOD).json) == ["churn_probability", "churn"]


def test_a_list_is_explained_as_its_customers_are_and_refused_as_without_reasons(client):
    customers = [GOOD, GOOD | {"tenure": 70}, GOOD | {"Contract": GOOD["contract"], "contract": "two_year"}]
    singles = [client.post("/predict?explain=2", json=customer) for customer in customers[:2]]
    assert client.post("/predict?explain=2", json=customers[:2]).json == [single.json for single in singles]
    refused = client.post("/predict?explain=2", json=customers)
    assert check_problem(refused, 422) == check_problem(client.post("/predict", json=customers), 422)
    assert client.post("/predict?explain=true", json=[]).json == []


def test_a_model_without_a_card_explains_against_zero_and_says_so(pair):
    pair.with_suffix(".json").unlink()
    client = make_client(ServedModel(pair))
    answer = client.post("/predict?explain=true", json=GOOD).json
    assert answer["explained_against"] == "zero"
    log_odds = answer["baseline"] + math.fsum(reason["contribution"] for reason in answer["reasons"])
    assert log_odds == pytest.approx(math.log(1 / (1 / answer["churn_probability"] - 1)), abs=1e-9)
    assert list(client.post("/predict", json=GOOD).json) == ["churn_probability", "churn"]


@pytest.mark.parametrize(
    ("query", "detail"),
    [
        *[(f"?explain={number}", "explain must be") for number in ("", "0", "-1", "1.5", "yes", "%C2%B2", "1" * 30)],
        ("?explain=1&explain=2", "given twice"),
        ("?explian=true", "unknown query parameter"),
        ("?errors=ignore", "errors must be"),
        ("?errors=report", "errors=report is for text/csv"),
        ("?earlier=drop", "earlier must be"),
        ("?decimal_mark=,", "decimal_mark must be comma, point, none or each"),
    ],
)
def test_an_unknown_query_is_refused_and_not_ignored(client, query, detail):
    assert detail in check_problem(client.post(f"/predict{query}", json=GOOD), 400)["detail"]


def test_the_reasons_of_one_answer_have_a_limit(client, monkeypatch):
    monkeypatch.setattr(answers, "MAX_REASONS", 40)
    assert len(client.post("/predict?explain=true", json=[GOOD, GOOD]).json) == 2
    assert "reasons" in check_problem(client.post("/predict?explain=true", json=[GOOD] * 3), 413)["detail"]
    assert len(client.post("/predict?explain=2", json=[GOOD] * 20).json) == 20
    content = "\n".join([HEADER, *[ROW] * 3])
    assert "customers" in check_problem(post_csv(client, content, "?explain=true"), 413)["detail"]
    assert post_csv(client, content, "?explain=13").status_code == 200


def test_a_csv_comes_back_with_its_answers(client):
    response = post_csv(client, f"{HEADER}\r\n{ROW}\r\n")
    plain = client.post("/predict", json=GOOD).json
    assert response.content_type == "text/csv; charset=utf-8"
    assert response.text == (f"{HEADER},churn_probability,churn\r\n{ROW},{plain['churn_probability']!r},false\r\n")


@pytest.mark.slow
def test_the_training_table_itself_can_be_posted(client):
    response = post_csv(client, CSV.read_bytes(), "?explain=1&errors=report")
    rows = list(csv.DictReader(io.StringIO(response.text)))
    assert len(rows) == 7043
    assert {row["error"] for row in rows} == {""}
    assert {row["predicted_churn"] for row in rows} == {"true", "false"}
    assert rows[0]["reason_1"] == "tenure is 1 (+1.30)"


def test_a_bad_row_refuses_the_csv_with_its_rows_unless_errors_are_reported(client):
    bad = ROW.replace("month-to-month", "two yeer")
    content = "\n".join([HEADER, ROW, bad, ROW])
    assert check_problem(post_csv(client, content), 422) == {
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "1 problem with the customer data",
        "problem_count": 1,
        "problems": [
            {
                "row": 1,
                "spreadsheet_row": 3,
                "field": "contract",
                "problem": "unknown category",
                "expected": ["month-to-month", "one_year", "two_year"],
                "did_you_mean": "two_year",
            }
        ],
    }
    rows = list(csv.DictReader(io.StringIO(post_csv(client, content, "?errors=report").text)))
    assert [row["churn"] for row in rows] == ["false", "", "false"]
    assert [row["error"] for row in rows] == ["", "contract: unknown category (did you mean two_year?)", ""]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "status", "detail"),
    [
        (b"", 400, "empty"),
        (b" \r\n", 400, "empty"),
        (b"\xef\xbb\xbf\n", 400, "it is empty; give a file with a header row"),
        (HEADER.encode("utf-16"), 400, "line 1: it has the byte order mark of UTF-16, but is to be read as UTF-8"),
        (f'{HEADER}\n"a"b,{ROW}'.encode(), 400, "line 2: it is not CSV"),
        (f'{HEADER}\n"{"x" * 70_000}'.encode(), 413, "longer than 65,536 characters"),
        ("\n".join([HEADER, *[ROW] * 20_001]).encode(), 413, "more than 20,000 customers"),
        (b"{}", 400, "it is JSON"),
        (b"a,b\n", 422, "19 problems"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_a_csv_that_cannot_be_read_is_refused_clearly(client, content, status, detail):
    for query in ("", "?errors=report"):
        assert detail in check_problem(post_csv(client, content, query), status)["detail"]


def test_a_csv_in_an_unknown_encoding_or_a_workbook_is_refused(client):
    check_problem(post(client, f"{HEADER}\n{ROW}", "text/csv; charset=latin-1"), 415)
    check_problem(post(client, f"{HEADER}\n{ROW}", "application/vnd.ms-excel"), 415)
    assert post(client, f"{HEADER}\n{ROW}", "text/csv; charset=UTF-8; header=present").status_code == 200


def test_no_refusal_of_a_csv_repeats_a_customers_values(client, caplog):
    secret = "secret-4711"
    for query in ("", "?errors=report"):
        for content in (f"{HEADER}\n{ROW}\n{ROW.replace('dsl', secret)}", f'{HEADER}\n"{secret}"{secret}', secret):
            response = post_csv(client, content, query)
            if response.status_code == 200:
                (_, row) = csv.DictReader(io.StringIO(response.text))
                assert secret not in row["error"]
            else:
                assert secret not in response.text
    assert secret not in caplog.text


def test_the_rows_of_a_csv_are_counted_as_scored_or_refused(client):
    bad = ROW.replace("month-to-month", "x").replace("dsl", "y")
    for query in ("", "?errors=report"):
        post_csv(client, "\n".join([HEADER, ROW, bad, ROW]), query)
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    assert families["churn_customers_scored"].samples[0].value == 2
    samples = [sample for sample in families["churn_customer_problems"].samples if sample.name.endswith("_total")]
    problems = {(sample.labels["field"], sample.labels["problem"]): sample.value for sample in samples}
    assert problems == {("contract", "unknown category"): 2, ("internetservice", "unknown category"): 2}


@pytest.mark.slow
def test_a_csv_may_have_as_many_customers_as_a_list(client):
    response = post_csv(client, "\n".join([HEADER, *[ROW] * bodies.MAX_CUSTOMERS]))
    assert response.text.count(",false\n") == bodies.MAX_CUSTOMERS
