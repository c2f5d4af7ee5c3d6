"""Curves and tables of two fields, added up: a customer's score is compared with scikit-learn's dense matrix."""

import math
import pickle

import numpy as np
import pytest
from msgspec.structs import replace

from churn.errors import CustomerError
from churn.model.contract import Contract
from churn.model.curves import Curve, Piece
from churn.model.fields import Category, Flag, Number
from churn.model.file import load_model
from churn.model.scoring import Scorer
from churn.model.shapes import _list_whole_numbers
from tests.drawn_shapes import draw_model
from tests.shaped import (
    COLUMNS,
    CONTRACT,
    INTERCEPT,
    at_least,
    both,
    draw_customers,
    held,
    itself,
    logarithm,
    make_matrix,
    make_sklearn,
    ramp,
    sklearn_of_shaped,
    write_shaped,
)

WEIGHTS = {part.name: weight for part, weight in COLUMNS}
CUSTOMER = {"contract": "monthly", "plan": "plus", "senior": 0, "tenure": 12, "charges": 65, "balance": 0}


@pytest.fixture(scope="module")
def scorer() -> Scorer:
    return Scorer(CONTRACT, WEIGHTS, intercept=INTERCEPT)


@pytest.mark.parametrize("has_card", [True, False])
def test_a_model_file_with_shapes_answers_as_scikit_learn(has_card, tmp_path):
    model = load_model(write_shaped(tmp_path / "model.bin", card=has_card))
    customers = draw_customers(1000, seed=5)
    assert model.scorer.score_customers(customers) == pytest.approx(sklearn_of_shaped(customers), abs=1e-14)


@pytest.mark.parametrize("seed", range(150))
def test_a_file_without_a_card_is_read_back_from_its_column_names_whatever_its_fields_are_called(seed, tmp_path):
    drawn = draw_model(seed)
    dv, model = make_sklearn({part.name: weight for part, weight in drawn.columns}, 0.25)
    path = tmp_path / "model.bin"
    path.write_bytes(pickle.dumps((dv, model), protocol=4))
    X = make_matrix(drawn.customers, [part for part, _ in drawn.columns])
    loaded = load_model(path)
    assert loaded.card is None
    assert loaded.scorer.score_customers(drawn.customers) == pytest.approx(model.predict_proba(X)[:, 1], abs=1e-12)
    log_odds = [loaded.scorer.log_odds(customer) for customer in drawn.customers]
    np.testing.assert_allclose(log_odds, model.decision_function(X), rtol=0, atol=1e-12)
    for customer, expected in zip(drawn.customers, log_odds, strict=True):
        explanation = loaded.explainer.explain(customer)
        assert explanation.log_odds == expected
        total = explanation.baseline + math.fsum(reason.contribution for reason in explanation.reasons)
        assert total == pytest.approx(expected, abs=1e-12)


def test_a_number_outside_of_the_range_of_training_scores_as_the_end_of_the_range(scorer):
    for field, low, high in (("tenure", 0, 72), ("charges", 18.5, 118.75), ("balance", -50, 250)):
        lowest, highest = scorer.limits[field]
        ends = [scorer.log_odds(CUSTOMER | {field: number}) for number in (low, high)]
        for number, expected in zip((lowest, highest), ends, strict=True):
            assert scorer._clean.place(CUSTOMER | {field: number})[0] == expected  # without the contract
        for beyond in (math.nextafter(lowest, -math.inf), math.nextafter(highest, math.inf)):
            with pytest.raises(CustomerError):
                scorer.log_odds(CUSTOMER | {field: beyond})


VISITS = held("visits", 0.0, 8.0)
VISITS_COLUMNS = [
    (itself("senior"), 0.5),
    (VISITS, -0.1),
    (logarithm(VISITS), 0.7),
    (ramp("visits", 0.0, 3.0), 1.5),
    (ramp("visits", 3.0, 8.0), -0.8),
    (both(at_least("visits", 2.5), at_least("senior", 1.0)), 0.3),
]


def visits_scorer(**limits) -> Scorer:
    contract = Contract((Number("visits", **limits), Flag("senior")))
    return Scorer(contract, {part.name: weight for part, weight in VISITS_COLUMNS}, intercept=0.25)


def test_whole_numbers_of_a_curve_score_as_with_scikit_learn_and_so_do_those_between_them():
    numbers = [*range(12), *map(float, range(12)), 0.5, 2.5, 7.999, 2**60 + 1, 1e300]
    customers = [{"visits": number, "senior": senior} for number in numbers for senior in (0, 1)]
    _, model = make_sklearn({part.name: weight for part, weight in VISITS_COLUMNS}, 0.25)
    expected = model.decision_function(make_matrix(customers, [part for part, _ in VISITS_COLUMNS]))
    scorer = visits_scorer()
    given = [scorer._clean.place(customer)[0] for customer in customers]  # without the contract
    assert given == pytest.approx(expected.tolist(), abs=1e-14)


def test_a_whole_number_of_a_curve_is_refused_beyond_the_limits():
    scorer = visits_scorer(lowest=1.0, highest=6.0)
    assert math.isfinite(scorer.log_odds({"visits": 1, "senior": 0}) + scorer.log_odds({"visits": 6, "senior": 0}))
    for beyond in (0, 7, 8.0):
        with pytest.raises(CustomerError):
            scorer.log_odds({"visits": beyond, "senior": 0})


def test_whole_numbers_are_looked_up_where_all_knots_are_whole_up_to_ten_thousand_in_a_model():
    knots = {
        "income": (0.0, 9_000.0, 1e15),
        "visits": (0.0, 8_000.0),
        "calls": (-1.0, 0.0, 1.0),
        "age": (18.0, 2_014.0),
        "minutes": (0.0, 2.5),
        "one more": (5.0, 5.0),
    }
    pieces = (Piece(0.0, 0.0, 0.0, 0.0),)
    curves = [Curve(field, cuts, pieces * (len(cuts) + 1)) for field, cuts in knots.items()]
    listed = {field: (whole[0], whole[-1]) for field, whole in _list_whole_numbers(curves).items()}
    assert listed == {
        "one more": (5, 5),
        "calls": (-1, 1),
        "age": (18, 2_014),
    }  # 2,001 in all; 8,001 more would be too many
    curves[1] = Curve("visits", (0.0, 7_998.0), pieces * 3)
    assert _list_whole_numbers(curves)["visits"] == range(7_999)


@pytest.mark.parametrize("value", [True, "12", math.nan, math.inf, -math.inf, 10**400, None, [], "", np.float64(12)])
def test_a_value_that_is_not_a_plain_number_goes_through_the_contract(scorer, value):
    given = CUSTOMER | {"tenure": value}
    with pytest.raises((KeyError, TypeError, ValueError, OverflowError)):
        scorer._clean.place(given)
    try:
        read = CONTRACT.read_customer(given)
    except CustomerError:
        with pytest.raises(CustomerError):
            scorer.log_odds(given)
    else:
        assert scorer.log_odds(given) == scorer.place_known(read)[0]


def test_a_blank_with_its_own_weight_is_scored_alike_at_once_and_by_the_contract(scorer):
    blanks = [CUSTOMER | {"charges": blank} for blank in ("", "  ", None)]
    (expected,) = np.log(sklearn_of_shaped([blanks[0]])) - np.log1p(-np.array(sklearn_of_shaped([blanks[0]])))
    assert [scorer.log_odds(customer) for customer in blanks] == pytest.approx([expected] * 3, abs=1e-14)
    assert scorer._clean.place(blanks[0])[0] == scorer.log_odds(blanks[1])  # without the contract


def test_a_number_that_is_a_word_for_a_blank_is_scored_as_a_blank():
    charges = replace(CONTRACT.fields[4], missing=("99",))
    scorer = Scorer(Contract((*CONTRACT.fields[:4], charges, CONTRACT.fields[5])), WEIGHTS, intercept=INTERCEPT)
    (blank,) = {scorer.log_odds(CUSTOMER | {"charges": given}) for given in ("", 99, 99.0, "99")}
    assert blank not in {scorer.log_odds(CUSTOMER | {"charges": number}) for number in (65, 98.99)}


def test_a_value_that_a_category_reads_is_found_in_its_tables_at_once():
    contract = Contract((Category("plan", ("", "1", "pro"), missing=("na",)), Flag("senior")))
    names = ("plan=", "plan=1", "plan=pro", "senior", 'both("plan=1","senior>=1.0")', 'both("plan=","senior>=1.0")')
    scorer = Scorer(contract, {name: 2.0**place for place, name in enumerate(names)}, intercept=0.0)
    expected_of = {1: 2 + 8 + 16, "1": 2 + 8 + 16, None: 1 + 8 + 32, "NA": 1 + 8 + 32, "pro": 4 + 8}
    for given, expected in expected_of.items():
        assert scorer._clean.place({"plan": given, "senior": True})[0] == expected


def test_a_cells_row_and_column_are_found_for_a_blank_that_counts_as_a_number(scorer):
    read = CONTRACT.read_customer(CUSTOMER | {"senior": 1, "charges": ""})
    assert scorer.find_cells(read) == [(0, 2), (1, 2), (2, 1)]


def test_a_customer_with_finite_curves_whose_sum_is_too_large_is_refused():
    steep = {"ramp(balance,0.0,250.0)": 1e308, "ramp(tenure,0.0,3.0)": 1e308}
    huge = Scorer(CONTRACT, WEIGHTS | steep, intercept=0.0)
    assert huge.log_odds(CUSTOMER | {"tenure": 0, "balance": 250}) == 1e308
    with pytest.raises(CustomerError) as refusal:
        huge.log_odds(CUSTOMER | {"balance": 250})
    assert [problem.problem for problem in refusal.value.problems] == ["too large to score"]
