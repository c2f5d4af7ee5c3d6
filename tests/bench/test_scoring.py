"""The cost of scoring a customer: which customers are scored, how rounds become ratios, and quotes in documents."""

from itertools import count

import msgspec
import pytest

from bench import scoring
from bench.customers import MODEL, TABLE
from bench.scoring import CUSTOMERS, Scored
from churn.model.file import load_model
from tests.bench.reports import read_tables
from tests.customers import CLEAN_CUSTOMERS, PROJECT
from tests.shaped import shaped_scorer

HEADER = ("model", "fields without a curve", "curves", "pairs", "us a customer", "of the shipped model's")
REPORT = (PROJECT / "bench" / "scoring.md").read_text()
DOCUMENT = (PROJECT / "docs" / "performance.md").read_text()


@pytest.fixture(scope="module")
def scorer():
    return load_model(MODEL).scorer


def test_a_row_becomes_the_customer_of_a_request(scorer):
    row = {"customerID": "1", "Churn": "No"} | {
        name: str(value).upper() for name, value in CLEAN_CUSTOMERS[0].items()
    }
    row |= {"seniorcitizen": "1", "tenure": "12", "monthlycharges": " 29.85"}
    (customer,) = scoring.list_customers(iter([row]), scorer)
    assert customer == CLEAN_CUSTOMERS[0] | {"seniorcitizen": 1, "tenure": 12, "monthlycharges": 29.85}
    assert [type(customer[name]) for name in ("seniorcitizen", "tenure", "monthlycharges")] == [int, int, float]


def test_rows_with_a_blank_and_rows_that_are_refused_are_left_out(scorer):
    good = {name: str(value) for name, value in CLEAN_CUSTOMERS[0].items()} | {"seniorcitizen": "0"}
    rows = [good | {"totalcharges": " "}, good | {"contract": "weekly"}, good | {"tenure": "5000"}, good]
    assert len([*scoring.list_customers(iter(rows), scorer)]) == 1


def test_each_round_scores_all_customers_of_each_model(monkeypatch):
    model = scoring.read_scored("shipped", MODEL, TABLE)
    assert len(msgspec.json.decode(model.body)) == CUSTOMERS
    scored, clock = [], count()
    spied = Scored("shipped", type("Spy", (), {"log_odds": scored.append})(), model.body)
    monkeypatch.setattr(scoring, "took", lambda work: (0.0, (work(), float(next(clock)))[1]))
    assert scoring.measure([spied, spied], 3) == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert len(scored) == 6 * CUSTOMERS


def test_a_ratio_is_the_median_of_the_rounds_own_ratios(scorer):
    """Seconds for 1,000 customers: 2 ms are 2 us for each; 8/2, 3/3 and 10/4 have the median 2.5."""
    models = [Scored("a", scorer, b""), Scored("b", shaped_scorer(), b"")]
    text = scoring.score_table(models, [[0.002, 0.008], [0.003, 0.003], [0.004, 0.010]])
    rows = read_tables(text)[HEADER]
    assert rows["a"] == ("a", "19", "0", "0", "3.0", "1.00")
    assert rows["b"] == ("b", "3", "3", "3", "8.0", "2.50")


def test_performance_quotes_the_cost_of_scoring():
    rows = read_tables(REPORT)[HEADER]
    assert rows == read_tables(DOCUMENT)[HEADER]
    (pairs,) = (row for row in rows.values() if row[3] == "10")
    assert float(pairs[-1]) <= 2.5
