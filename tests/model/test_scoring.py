"""Scoring: by hand, the fast path against the slow one, and the problems of a list."""

import math

import pytest

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.explaining import Explainer
from churn.model.fields import Blank, Category, Flag, Number
from churn.model.refusals import MAX_PROBLEMS
from churn.model.scoring import Scorer, probability

CONTRACT = Contract(
    (
        Category("contract", ("monthly", "yearly")),
        Flag("senior"),
        Number("tenure", non_negative=True),
        Number("balance"),
    )
)
WEIGHTS = {
    "contract=monthly": 0.5,
    "contract=yearly": -0.75,
    "senior": 0.25,
    "tenure": -0.01,
    "log1p(tenure)": -0.5,
    "balance": 0.125,
}
GOOD = {"contract": "yearly", "senior": 1, "tenure": 3, "balance": -2}
LOG_ODDS = 1.0 - 0.75 + 0.25 - 0.03 - 0.5 * math.log(4) - 0.25


@pytest.fixture
def scorer() -> Scorer:
    return Scorer(CONTRACT, WEIGHTS, intercept=1.0)


def test_log_odds_are_intercept_plus_weights_times_values(scorer):
    assert scorer.log_odds(GOOD) == pytest.approx(LOG_ODDS, abs=1e-15)


@pytest.mark.parametrize(
    "customer",
    [
        GOOD | {"id": 7},
        GOOD | {"senior": True},
        GOOD | {"senior": "1"},
        GOOD | {"tenure": "3"},
        GOOD | {"contract": " Yearly"},
        {name.upper(): value for name, value in GOOD.items()},
    ],
)
def test_every_spelling_scores_the_same(scorer, customer):
    assert scorer.log_odds(customer) == scorer.log_odds(GOOD)


@pytest.mark.parametrize(
    "wrong",
    [
        GOOD | {"Tenure": 3},
        GOOD | {"tenure": True},
        GOOD | {"tenure": math.nan},
        GOOD | {"tenure": -1},
        GOOD | {"balance": math.inf},
        GOOD | {"balance": -math.inf},
        GOOD | {"balance": 10**400},
        GOOD | {"senior": 2},
        GOOD | {"contract": 1.0},
        GOOD | {"contract": ["yearly"]},
        {name: value for name, value in GOOD.items() if name != "senior"},
        [],
        None,
    ],
)
def test_the_fast_path_accepts_nothing_that_the_contract_refuses(scorer, wrong):
    with pytest.raises(CustomerError):
        scorer.log_odds(wrong)


def test_finite_numbers_whose_sum_overflows_are_refused():
    scorer = Scorer(Contract((Number("a"), Number("b"))), {"a": 1e300, "b": 1.0}, intercept=0.0)
    assert scorer.log_odds({"a": 1, "b": 1}) == 1e300
    with pytest.raises(CustomerError) as refusal:
        scorer.log_odds({"a": 1e300, "b": 1})
    assert refusal.value.problems[0].problem == "too large to score"


@pytest.mark.parametrize("log_odds", [0.0, 1.5, -1.5, 40.0, -40.0, 710.0, -710.0, 1e308, -1e308])
def test_probability_and_its_complement_add_up_to_one(log_odds):
    assert probability(log_odds) + probability(-log_odds) == pytest.approx(1.0, abs=1e-15)
    assert 0.0 <= probability(log_odds) <= 1.0


def test_a_list_gets_the_scores_of_its_single_customers(scorer):
    customers = [GOOD, GOOD | {"tenure": 60}, GOOD | {"contract": "MONTHLY"}]
    assert scorer.score_customers(customers) == [probability(scorer.log_odds(customer)) for customer in customers]
    assert scorer.score_customers([]) == []


def test_a_list_reports_every_bad_row_by_number(scorer):
    with pytest.raises(CustomerError) as refusal:
        scorer.score_customers([GOOD, GOOD | {"tenure": -1}, GOOD, {}])
    assert [(problem.row, problem.field) for problem in refusal.value.problems] == [
        (1, "tenure"),
        (3, "contract"),
        (3, "senior"),
        (3, "tenure"),
        (3, "balance"),
    ]


def test_a_list_reports_the_first_hundred_problems_and_counts_all(scorer):
    with pytest.raises(CustomerError) as refusal:
        scorer.score_customers([GOOD | {"tenure": -1, "senior": 2, "contract": "q"}] * 50)
    assert len(refusal.value.problems) == MAX_PROBLEMS == 100
    assert refusal.value.problem_count == 150


@pytest.mark.parametrize(
    ("weights", "reason"),
    [
        (WEIGHTS | {"contract=daily": 1.0}, "no field"),
        ({name: weight for name, weight in WEIGHTS.items() if name != "contract=yearly"}, "contract=yearly"),
        ({name: weight for name, weight in WEIGHTS.items() if name != "tenure"}, "tenure"),
        (WEIGHTS | {"log1p(balance)": 1.0}, "non-negative"),
    ],
)
def test_weights_and_contract_must_fit_exactly(weights, reason):
    with pytest.raises(ValueError, match=reason):
        Scorer(CONTRACT, weights, intercept=0.0)


def test_the_number_that_a_blank_stands_for_is_scored_though_it_is_beyond_the_limits():
    field = Number("total", 18.0, 20.0, True, Blank(0.5), lowest=16.0, highest=22.0)
    scorer = Scorer(Contract((field,)), {"total": 2.0}, intercept=0.25)
    assert scorer.log_odds({"total": ""}) == 1.25
    assert Explainer(scorer, None).explain({"total": None}).log_odds == 1.25
    with pytest.raises(CustomerError):
        scorer.log_odds({"total": 0.5})


def test_a_number_that_is_a_blank_in_its_field_is_never_scored_as_a_number():
    field = Number("age", 10.0, 70.0, True, Blank(41.0), missing=("20",))
    scorer = Scorer(Contract((field,)), {"age": 0.5}, intercept=0.0)
    assert [scorer.log_odds({"age": age}) for age in (20, 20.0, "20", 21.0)] == [20.5, 20.5, 20.5, 10.5]
