"""A campaign by hand, by simulation and by trying every choice. tests/training/test_campaign.py has the profit of a
campaign on customers whose outcome is known.
"""

import json
import math
from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from churn.model.gain import Campaign, Terms, expect_gain
from tests.model.gain_cases import choose_calls, draw_gain_cases

TERMS = Terms(offer=10, contact=1, accept=0.3)


def test_a_contact_pays_above_the_threshold_that_the_formula_gives():
    assert Campaign(value=200, offer=10, contact=1, accept=0.3).threshold == pytest.approx(11 / 67)
    assert Campaign(value=100, offer=0, contact=0, accept=1).threshold == 0


def test_the_gain_of_a_contact_by_hand():
    """A leaver accepts in 3 of 10 cases and is then worth 190; a stayer takes the offer; each contact costs 1."""
    campaign = Campaign(value=200, offer=10, contact=1, accept=0.3)
    assert campaign.of_leaver == pytest.approx(0.3 * 190 - 1)
    assert campaign.of_stayer == -11
    assert campaign.threshold * campaign.of_leaver + (1 - campaign.threshold) * campaign.of_stayer == pytest.approx(0)


@pytest.mark.parametrize("p", [0, 0.1, 0.5, 1])
@pytest.mark.parametrize("value", [200, 5, 0, -40])
@pytest.mark.parametrize(
    "terms", [TERMS, Terms(0, 0, 1), Terms(0, 2.5, 0.25), Terms(12, 0, 0.5)], ids=lambda terms: repr(terms)
)
def test_gain_and_variance_are_those_of_the_three_outcomes(terms, p, value):
    p, a, v, o, c = map(Fraction, (p, terms.accept, value, terms.offer, terms.contact))
    outcomes = [(p * a, v - o - c), (p * (1 - a), -c), (1 - p, -o - c)]
    mean = sum(share * earned for share, earned in outcomes)
    variance = sum(share * (earned - mean) ** 2 for share, earned in outcomes)
    assert mean == p * a * (v - o) - (1 - p) * o - c
    assert terms.find_gain(float(p), float(v)) == pytest.approx(float(mean), abs=1e-12)
    assert terms.find_variance(float(p), float(v)) == pytest.approx(float(variance), abs=1e-9)


def test_arrays_give_the_same_as_floats_to_the_last_bit():
    rng = np.random.default_rng(1)
    p, value = rng.random(1000), rng.lognormal(5, 1, 1000)
    for find in (TERMS.find_gain, TERMS.find_variance):
        assert find(p, value).tolist() == [find(*pair) for pair in zip(p.tolist(), value.tolist(), strict=True)]


def test_the_band_holds_the_profit_of_campaigns_in_95_of_100_cases():
    """10,000 campaigns in which each customer leaves and accepts by chance; the profit is added up by outcome."""
    rng = np.random.default_rng(21)
    p, value = rng.beta(1, 3, 300), rng.lognormal(5, 0.5, 300)
    gains, variances = TERMS.find_gain(p, value), TERMS.find_variance(p, value)
    called = choose_calls(gains, 150)
    expected = expect_gain(gains[called], variances[called])
    leaves = rng.random((10_000, len(called))) < p[called]
    accepts = rng.random((10_000, len(called))) < 0.3
    earned = np.where(leaves, np.where(accepts, value[called] - 11, -1), -11).sum(axis=1)
    low, high = expected.band
    assert expected.contacts == len(called) > 50
    assert 0.93 <= np.mean((low <= earned) & (earned <= high)) <= 0.97
    assert earned.mean() == pytest.approx(expected.gain, abs=4 * earned.std() / 100)
    assert earned.var() == pytest.approx(expected.variance, rel=0.06)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_choice_of_at_most_as_many_customers_has_a_higher_gain(seed):
    rng = np.random.default_rng(seed)
    gains = TERMS.find_gain(rng.beta(1, 3, 10), rng.lognormal(4.5, 0.7, 10)).tolist()
    for most in (*range(11), None):
        chosen = choose_calls(gains, most)
        sizes = range(11 if most is None else most + 1)
        best = max(sum(gains[place] for place in some) for size in sizes for some in combinations(range(10), size))
        assert sum(gains[place] for place in chosen) == pytest.approx(best)
        assert most is None or len(chosen) <= most


def test_one_value_for_all_gives_the_order_of_risk_above_the_break_even():
    campaign = Campaign(value=200, offer=10, contact=1, accept=0.3)
    p = np.random.default_rng(2).random(2000)
    by_risk = [place for place in np.argsort(-p, kind="stable").tolist() if p[place] > campaign.threshold]
    assert choose_calls(campaign.terms.find_gain(p, campaign.value)) == by_risk


GAINS = st.floats(-100, 100) | st.sampled_from([0.0, 1.0, 2.0, math.nan])


@given(st.lists(GAINS, max_size=30), st.none() | st.integers(0, 12))
def test_a_plain_loop_chooses_the_same(gains, most):
    left = {place: gain for place, gain in enumerate(gains) if gain > 0}
    chosen = []
    while left and (most is None or len(chosen) < most):
        best = max(left.values())
        place = min(place for place, gain in left.items() if gain == best)
        chosen.append(place)
        del left[place]
    assert choose_calls(gains, most) == chosen


@pytest.mark.parametrize(
    ("offer", "contact", "budget", "calls"),
    [
        (10, 1, 0, 0),
        (10, 1, 10.99, 0),
        (10, 1, 11, 1),
        (10, 1, 1000, 90),
        (0.2, 0.1, 0.3, 1),
        (0.2, 0.1, 30, 100),
        (0, 0.1, 0.7, 7),
        (0, 0, 5, None),
        (0, 5e-324, 1e300, None),
    ],
)
def test_a_budget_is_a_number_of_calls(offer, contact, budget, calls):
    assert Terms(offer, contact, 0.3).count_calls(budget) == calls


def test_without_customers_the_gain_is_zero_and_expected_gains_add_up():
    assert expect_gain([], []).band == (0, 0)
    assert expect_gain([1.0], [4.0]).plus(expect_gain([2.0], [5.0])) == expect_gain([1.0, 2.0], [4.0, 5.0])


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"value": 0}, "value"),
        ({"value": -5}, "value"),
        ({"value": float("nan")}, "value"),
        ({"value": float("inf")}, "value"),
        ({"offer": -1}, "offer"),
        ({"offer": float("inf")}, "offer"),
        ({"contact": float("nan")}, "contact"),
        ({"accept": 0}, "accept"),
        ({"accept": 30}, "accept"),
        ({"accept": float("nan")}, "accept"),
        ({"contact": 57}, "no contact ever pays"),
        ({"offer": 200}, "no contact ever pays"),
    ],
)
def test_figures_that_make_no_sense_are_refused(figures, words):
    with pytest.raises(ValueError, match=words) as error:
        Campaign(**{"value": 200, "offer": 10, "contact": 1, "accept": 0.3} | figures)
    assert "\n" not in str(error.value)


def test_terms_may_be_so_that_no_contact_pays_since_values_differ():
    assert Terms(offer=1000, contact=57, accept=0.3).find_gain(1, 200) < 0


def test_the_drawn_cases_are_of_every_kind_and_json_can_hold_them():
    cases = list(draw_gain_cases(seed=1, count=60))
    assert json.loads(json.dumps([case.to_json() for case in cases]))[7]["chosen"] == cases[7].chosen
    assert cases == list(draw_gain_cases(seed=1, count=60))
    assert any(case.budget_calls is None for case in cases)
    assert any(len(set(case.gains)) < len(case.gains) and len(case.chosen) > 3 for case in cases)
    assert any(case.calls is not None and len(case.chosen) == case.calls for case in cases)
    assert any(case.customers and not case.chosen for case in cases)
    assert any(not case.customers for case in cases)
