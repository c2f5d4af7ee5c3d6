"""The profit of a campaign, by hand and for a population whose probabilities are true."""

import numpy as np
import pytest

from churn.model.gain import Campaign, Terms
from churn.training.campaign import find_profit, find_profit_curve
from churn.training.split import split_table
from churn.training.table import read_table
from tests.customers import CLEAN_CUSTOMERS, CSV, sklearn_probabilities
from tests.model.gain_cases import choose_calls

CAMPAIGN = Campaign(value=200, offer=10, contact=1, accept=0.3)


def test_the_profit_by_hand():
    """Of three contacted two leave, and 0.3 of each is kept for 190; the third takes the offer; a contact costs 1."""
    y = np.array([1, 0, 1, 1])
    probabilities = np.array([0.9, 0.6, 0.5, 0.2])
    assert find_profit(CAMPAIGN, y, probabilities, threshold=0.5) == pytest.approx(2 * 0.3 * 190 - 10 - 3)
    assert find_profit(CAMPAIGN, y, probabilities, threshold=0.95) == 0


def test_the_curve_has_the_profit_at_every_threshold_and_the_best_one():
    y = np.array([1, 0, 1, 0, 0])
    probabilities = np.array([0.9, 0.6, 0.6, 0.2, 0.1])
    curve = find_profit_curve(CAMPAIGN, y, probabilities)
    assert curve.thresholds.tolist() == [0.9, 0.6, 0.2, 0.1]
    assert curve.contacted.tolist() == [1, 3, 4, 5]
    assert curve.profits.tolist() == pytest.approx([56, 101, 90, 79])
    assert curve.best == 0.6


def test_where_every_contact_loses_money_the_best_is_to_contact_no_one():
    y, probabilities = np.zeros(3), np.array([0.9, 0.6, 0.2])
    best = find_profit_curve(CAMPAIGN, y, probabilities).best
    assert find_profit(CAMPAIGN, y, probabilities, threshold=best) == 0


def test_where_probabilities_are_true_no_threshold_earns_more_than_that_of_the_formula():
    rng = np.random.default_rng(1)
    probabilities = rng.beta(1, 3, 400_000)
    y = (rng.random(len(probabilities)) < probabilities).astype(int)
    at_formula = find_profit(CAMPAIGN, y, probabilities, threshold=CAMPAIGN.threshold)
    curve = find_profit_curve(CAMPAIGN, y, probabilities)
    assert curve.best == pytest.approx(CAMPAIGN.threshold, abs=0.01)
    assert at_formula == pytest.approx(curve.profits.max(), rel=1e-3)
    for other in (0.05, 0.1, 0.25, 0.5):
        assert find_profit(CAMPAIGN, y, probabilities, threshold=other) < at_formula


def test_on_the_test_part_200_calls_by_gain_earn_8_percent_more_than_200_by_risk(shipped):
    """A customer is worth a year of MonthlyCharges; one value for all ranks by risk. docs/training.md has it."""
    table, terms = read_table(CSV), Terms(offer=10, contact=1, accept=0.3)
    rows = split_table(table, folds=5).test
    probabilities = np.array(sklearn_probabilities(shipped.path, [CLEAN_CUSTOMERS[row] for row in rows]))
    values = np.array([12 * float(CLEAN_CUSTOMERS[row]["monthlycharges"]) for row in rows])
    earned = terms.find_gain(table.y[rows], values)  # the outcome of each customer is known
    by_gain = choose_calls(terms.find_gain(probabilities, values), 200)
    by_risk = choose_calls(terms.find_gain(probabilities, 200), 200)
    assert by_risk == np.argsort(-probabilities, kind="stable")[:200].tolist()
    assert earned[by_gain].sum() / earned[by_risk].sum() == pytest.approx(1.082, abs=0.005)
