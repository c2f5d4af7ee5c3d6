"""Odds ratios, against scikit-learn's own odds of customers that differ in one field, and against columns by hand."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from churn.model.contract import Contract
from churn.model.curves import Curve, Piece
from churn.model.fields import Number
from churn.model.number_part import NumberPart
from churn.report.odds import odds_ratios
from churn.report.own_parts import OwnParts, find_own_parts
from churn.training.fit import build_matrix, fit_model, fit_vectorizer, learn_contract
from tests.shaped import COLUMNS, CUSTOMERS
from tests.shaped_findings import find_shaped


def customers_and_labels():
    rng = np.random.default_rng(2)
    customers = pd.DataFrame(
        {
            "plan": rng.choice(["basic", "gold", "blue"], 600, p=[0.6, 0.3, 0.1]),
            "tenure": rng.integers(0, 73, 600).astype(float),
            "balance": rng.normal(0, 50, 600),
            "calls": np.where(rng.random(600) < 0.9, 0.0, rng.integers(1, 9, 600)),
            "strikes": np.where(rng.random(600) < 0.99, 2.0, 5.0),
            "vip": (rng.random(600) < 0.2).astype(float),
        }
    )
    log_odds = (customers.plan == "gold") - 0.03 * customers.tenure - customers.vip + np.log1p(customers.tenure) / 2
    return customers, (rng.random(600) < 1 / (1 + np.exp(-log_odds))).astype(int)


def find_odds(customers, contract, dv, model):
    return odds_ratios(customers, contract, find_own_parts(customers, contract, dv, model))


@pytest.fixture(scope="module")
def fitted():
    customers, y = customers_and_labels()
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    model = fit_model(build_matrix(customers, contract, dv), y, C=1.0)

    def odds(**changed):
        X = build_matrix(customers.head(1).assign(**changed), contract, dv)
        stays, leaves = model.predict_proba(X)[0]
        return leaves / stays

    return customers, find_odds(customers, contract, dv, model), odds, (contract, dv, model)


def test_a_number_goes_from_its_25_to_its_75_percent_quantile_through_itself_and_its_logarithm(fitted):
    customers, found, odds, _ = fitted
    tenure = next(number for number in found.numbers if number.field == "tenure")
    low, high = np.percentile(customers.tenure, [25, 75])
    assert (tenure.low, tenure.high) == (low, high)
    assert tenure.odds_ratio == pytest.approx(odds(tenure=high) / odds(tenure=low))


def test_a_number_that_can_be_negative_has_no_logarithm(fitted):
    _, found, odds, _ = fitted
    balance = next(number for number in found.numbers if number.field == "balance")
    assert balance.odds_ratio == pytest.approx(odds(balance=balance.high) / odds(balance=balance.low))
    assert balance.turns == ()


def test_a_number_whose_middle_half_is_one_value_gets_a_wider_step(fitted):
    customers, found, odds, _ = fitted
    steps = {number.field: (number.low, number.high) for number in found.numbers}
    assert steps["calls"] == (0, np.percentile(customers.calls, 95))
    assert steps["strikes"] == (2, 5)  # those of 5 % and 95 % are one value too
    calls = next(number for number in found.numbers if number.field == "calls")
    assert calls.odds_ratio == pytest.approx(odds(calls=calls.high) / odds(calls=0.0))


def test_where_the_risk_turns(fitted):
    _, found, odds, _ = fitted
    tenure = next(number for number in found.numbers if number.field == "tenure")
    grid = np.linspace(0, 72, 145)
    highest = grid[np.argmax([odds(tenure=value) for value in grid])]
    assert 0 < highest < 72
    assert tenure.turns == (pytest.approx(highest, abs=0.5),)


def test_a_flag_is_1_instead_of_0(fitted):
    customers, found, odds, _ = fitted
    (vip,) = found.flags
    assert vip.odds_ratio == pytest.approx(odds(vip=1.0) / odds(vip=0.0))
    assert vip.share == customers.vip.mean()


def test_a_category_is_compared_with_the_average_customer_of_its_field(fitted):
    customers, found, odds, _ = fitted
    (plan,) = found.categories
    log_odds = {category: np.log(odds(plan=category)) for category in ("basic", "gold", "blue")}
    of_customers = customers.plan.map(log_odds)
    for category in plan.categories:
        assert category.log_odds == pytest.approx(log_odds[category.category] - of_customers.mean())
        assert category.odds_ratio == pytest.approx(np.exp(category.log_odds))
        assert category.customers == (customers.plan == category.category).sum()
        assert category.share == category.customers / 600
    assert plan.categories[0].category == max(log_odds, key=log_odds.get) == "gold"
    assert plan.spread == pytest.approx(of_customers.std(ddof=0))


def test_a_constant_added_to_a_fields_weights_changes_nothing(fitted):
    customers, found, _, (contract, dv, model) = fitted
    shifted = np.array([5.0 if name.startswith("plan=") else 0.0 for name in dv.feature_names_])
    model.coef_ = model.coef_ + shifted
    again = find_odds(customers, contract, dv, model)
    model.coef_ = model.coef_ - shifted
    ratios = [category.odds_ratio for category in again.categories[0].categories]
    assert ratios == pytest.approx([category.odds_ratio for category in found.categories[0].categories])


def test_a_blank_counts_as_the_number_that_it_stands_for():
    customers, y = customers_and_labels()
    blank = customers.tenure < 30
    customers.loc[blank, "tenure"] = np.nan
    contract = learn_contract(customers)
    dv = fit_vectorizer(contract, logarithms=True)
    model = fit_model(build_matrix(customers, contract, dv), y, C=1.0)
    tenure = next(number for number in find_odds(customers, contract, dv, model).numbers if number.field == "tenure")
    filled = customers.tenure.fillna(customers.tenure.median())
    assert (tenure.low, tenure.high) == tuple(np.percentile(filled, [25, 75]))


@pytest.fixture(scope="module")
def shaped():
    """The customers of a model with curves and pairs of fields, and its odds."""
    findings = find_shaped()
    customers, fit = findings.split.table.customers, findings.fit
    return customers, find_odds(customers, fit.contract, fit.dv, fit.model)


def columns_of(field, customer):
    """The log-odds that the columns of a field alone add to a customer."""
    own = [(part, weight) for part, weight in COLUMNS if field in part.name and not part.name.startswith("both(")]
    return sum(weight * part.of(customer) for part, weight in own)


def test_a_curve_goes_from_its_25_to_its_75_percent_quantile_along_all_its_columns(shaped):
    customers, found = shaped
    balance = next(number for number in found.numbers if number.field == "balance")
    low, high = np.percentile(customers.balance, [25, 75])
    assert (balance.low, balance.high) == (low, high)
    added = columns_of("balance", {"balance": high}) - columns_of("balance", {"balance": low})
    assert balance.log_odds == pytest.approx(added)
    spread = np.std([columns_of("balance", {"balance": value}) for value in customers.balance])
    assert balance.spread == pytest.approx(spread)


def test_of_a_pair_a_field_has_its_own_part_whatever_the_other_field_is(shaped):
    """This part is from a regression of the pair's log-odds on both fields, over the customers."""
    customers, found = shaped
    pair = [(part, weight) for part, weight in COLUMNS if part.name.startswith("both(") and "tenure" in part.name]
    together = [sum(weight * part.of(customer) for part, weight in pair) for customer in CUSTOMERS]
    cuts = [6.0, 12.0, 24.0]
    steps = np.array([[customer["tenure"] >= cut for cut in cuts] for customer in CUSTOMERS], dtype=float)
    contracts = np.array(
        [[customer["contract"] == known for known in ("monthly", "two_year")] for customer in CUSTOMERS]
    )
    X = np.column_stack([np.ones(len(CUSTOMERS)), steps, contracts])
    coefficients = np.linalg.lstsq(X, np.array(together), rcond=None)[0]
    tenure = next(number for number in found.numbers if number.field == "tenure")
    low, high = np.percentile(customers.tenure, [25, 75])
    rises = [rise for cut, rise in zip(cuts, coefficients[1:4], strict=True) if low < cut <= high]
    assert rises
    expected = columns_of("tenure", {"tenure": high}) - columns_of("tenure", {"tenure": low}) + sum(rises)
    assert tenure.log_odds == pytest.approx(expected)
    contract = next(field for field in found.categories if field.field == "contract")
    log_odds = {category.category: category.log_odds for category in contract.categories}
    assert log_odds["two_year"] - log_odds["monthly"] == pytest.approx(-0.9 - 0.5 + coefficients[5] - coefficients[4])


def test_a_blank_with_its_own_weight_is_in_no_quantile_and_in_the_spread(shaped):
    customers, found = shaped
    charges = next(number for number in found.numbers if number.field == "charges")
    assert customers.charges.isna().sum() > 20
    assert (charges.low, charges.high) == tuple(np.nanpercentile(customers.charges, [25, 75]))
    assert np.isfinite(charges.spread)


def test_the_numbers_with_the_largest_effects_come_first(shaped):
    _, found = shaped
    spreads = [number.spread for number in found.numbers]
    assert spreads == sorted(spreads, reverse=True)


def turns_of(*heights):
    """The turns of a number, from 0 on, with these log-odds at whole numbers and straight lines between."""
    steps = [Piece(float(place), low, high - low, 0.0) for place, (low, high) in enumerate(pairwise(heights))]
    knots = tuple(float(place) for place in range(len(heights)))
    curve = Curve("x", knots, (Piece(0.0, heights[0], 0.0, 0.0), *steps, Piece(knots[-1], heights[-1], 0.0, 0.0)))
    parts = OwnParts({"x": NumberPart(curve)}, {}, [], frozenset({"x"}))
    customers = pd.DataFrame({"x": np.linspace(0, len(heights) - 1, 200)})
    return odds_ratios(customers, Contract((Number("x"),)), parts).numbers[0].turns


@pytest.mark.parametrize(
    ("heights", "turns"),
    [
        ((0.0, 1.0, 2.0), ()),
        ((0.0, 1.0, 0.0), (1.0,)),
        ((2.0, 1.0, 3.0, 0.0), (1.0, 2.0)),
        ((0.0, 1.0, 0.95, 2.0), ()),  # it goes back by less than a tenth
        ((0.0, 1.0, 0.95, 0.5), (1.0,)),
        ((0.05, 0.0, 1.0), ()),
        ((1.0, 1.0, 1.0), ()),
        ((0.0, 0.2, 0.0, 0.2, 0.0), (1.0, 2.0, 3.0)),
    ],
)
def test_a_curve_turns_where_it_goes_back_by_a_tenth_of_the_odds(heights, turns):
    assert turns_of(*heights) == turns
