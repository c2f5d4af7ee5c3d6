"""The curves and tables of a report, by hand and against scikit-learn's own figures."""

import math

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import auc as area
from sklearn.metrics import average_precision_score, roc_auc_score

from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number
from churn.report.diagnostics import (
    calibration_bins,
    gains,
    gains_by_decile,
    operating_point,
    precision_recall,
    roc,
    subgroup_fields,
    subgroup_figures,
)
from churn.training.evaluation import calibration_gap, count_copies

Y = np.array([1, 0, 1, 1, 0, 0, 0, 1, 0, 0])
PROBABILITIES = np.array([0.95, 0.9, 0.8, 0.62, 0.6, 0.41, 0.4, 0.15, 0.12, 0.0])


def random_customers(count=3000):
    rng = np.random.default_rng(3)
    probabilities = rng.beta(1, 3, count)
    return (rng.random(count) < probabilities).astype(int), probabilities


def test_a_threshold_by_hand():
    point = operating_point(Y, PROBABILITIES, threshold=0.6)  # customers at the threshold are contacted too
    assert point == (0.6, 5, 3 / 5, 3 / 4, 2 / 6)


def test_a_threshold_that_no_customer_reaches_has_no_precision():
    assert operating_point(Y, PROBABILITIES, threshold=0.99) == (0.99, 0, None, 0.0, 0.0)


def test_curves_are_scikit_learns_and_have_few_points():
    y, probabilities = random_customers()
    curve = roc(y, probabilities)
    assert area(*curve) == pytest.approx(roc_auc_score(y, probabilities), abs=2e-3)
    recall, precision = precision_recall(y, probabilities)
    average = (np.diff(recall, prepend=0) * precision).sum()
    assert average == pytest.approx(average_precision_score(y, probabilities), abs=5e-3)
    for x, height in (curve, (recall, precision), gains(y, probabilities)):
        assert len(x) == len(height) <= 400
        assert (np.diff(x) >= 0).all()
        assert x[-1] == 1


def test_there_is_no_point_of_precision_where_no_one_is_contacted():
    recall, precision = precision_recall(np.array([0, 1]), np.array([0.9, 0.1]))
    assert recall.tolist() == [0, 1]
    assert precision.tolist() == [0, 0.5]


def test_gains_by_hand_with_a_tie():
    contacted, found = gains(np.array([1, 1, 0, 0, 0]), np.array([0.9, 0.5, 0.5, 0.1, 0.0]))
    assert contacted.tolist() == pytest.approx([0, 0.2, 0.6, 0.8, 1])
    assert found.tolist() == [0, 0.5, 1, 1, 1]


def test_deciles_by_hand():
    deciles = gains_by_decile(Y, PROBABILITIES)  # ten customers, one in each
    assert [decile.left for decile in deciles] == Y.tolist()
    assert [decile.lift for decile in deciles] == pytest.approx((Y / 0.4).tolist())
    assert [decile.found for decile in deciles] == [0.25, 0.25, 0.5, 0.75, 0.75, 0.75, 0.75, 1, 1, 1]
    assert [decile.lowest_probability for decile in deciles] == PROBABILITIES.tolist()


def test_deciles_divide_all_customers_evenly():
    y, probabilities = random_customers(47)
    deciles = gains_by_decile(y, probabilities)
    assert [decile.customers for decile in deciles] == [5] * 7 + [4] * 3
    assert sum(decile.left for decile in deciles) == y.sum()
    assert deciles[-1].found == 1
    assert [decile.number for decile in gains_by_decile(np.array([0, 1, 1]), np.array([0.1, 0.2, 0.3]))] == [1, 2, 3]


def test_calibration_by_hand():
    bins = calibration_bins(Y, PROBABILITIES)
    edges = [(round(interval.low, 1), round(interval.high, 1)) for interval in bins]
    assert edges == [
        (0.0, 0.1),
        (0.1, 0.2),
        (0.3, 0.4),
        (0.4, 0.5),
        (0.5, 0.6),
        (0.6, 0.7),
        (0.7, 0.8),
        (0.8, 0.9),
        (0.9, 1),
    ]
    assert [(interval.customers, interval.left) for interval in bins] == [
        (1, 0),
        (2, 1),
        (1, 0),
        (1, 0),
        (1, 0),
        (1, 1),
        (1, 1),
        (1, 0),
        (1, 1),
    ]
    second = bins[1]
    assert second.mean_probability == pytest.approx((0.15 + 0.12) / 2)
    assert second.churn_rate == 0.5
    z, n, p = 1.959964, 2, 0.5  # Wilson, Journal of the American Statistical Association 22 (1927)
    half = z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    low, high = ((p + z**2 / (2 * n) + sign * half) / (1 + z**2 / n) for sign in (-1, 1))
    assert second.interval == pytest.approx((low, high), abs=1e-6)


def test_the_gap_and_the_part_that_chance_explains():
    gap = calibration_gap(np.array([1, 0, 0, 0]), np.array([0.5, 0.5, 0.5, 0.5]), fitted_on=12)
    assert gap.value == 0.25
    assert gap.noise == pytest.approx(1.96 * math.sqrt(0.25 / 4 + 0.25 / 12))
    assert gap.explained
    assert not calibration_gap(np.zeros(100, dtype=int), np.full(100, 0.5), fitted_on=400).explained


def test_chance_stays_within_the_noise_in_95_of_100_cases():
    rng = np.random.default_rng(5)
    probabilities = rng.beta(1, 3, 400)
    known = rng.beta(1, 3, 1600)
    explained = []
    for _ in range(1000):  # a model that learns only the churn rate is off by the sampling error of its customers
        off = (rng.random(1600) < known).mean() - known.mean()
        gap = calibration_gap(rng.random(400) < probabilities, probabilities + off, fitted_on=1600)
        explained.append(gap.explained)
    assert np.mean(explained) == pytest.approx(0.95, abs=0.02)


def test_subgroups_are_of_gender_and_age_or_of_the_first_fields_with_two_values():
    gender, senior = Category("gender", ("f", "m")), Flag("seniorcitizen")
    plans = [Category(f"plan{number}", ("a", "b")) for number in range(5)]
    wide, number = Category("city", ("a", "b", "c")), Number("tenure")
    assert subgroup_fields(Contract((*plans, senior, wide, gender))) == ["seniorcitizen", "gender"]
    assert subgroup_fields(Contract((wide, *plans))) == ["plan0", "plan1", "plan2", "plan3"]
    assert subgroup_fields(Contract((Flag("vip"), number))) == ["vip"]
    many = Category("gender", tuple(f"free_text_{number}" for number in range(300)))
    assert subgroup_fields(Contract((many, senior, Number("sex")))) == ["seniorcitizen"]
    assert subgroup_fields(Contract((wide, number))) == []


def test_figures_of_a_subgroup_by_hand():
    customers = pd.DataFrame({"gender": list("ffmfmm") * 10, "vip": [0.0, 0.0, 0.0, 1.0, 1.0, 1.0] * 10})
    y, probabilities = np.array([1, 0, 1, 0, 1, 1] * 10), np.array([0.5, 0.5, 0.9, 0.2, 0.7, 0.8] * 10)
    women, men, others, vips = subgroup_figures(
        customers, y, probabilities, fields=["gender", "vip"], fitted_on=customers
    )
    assert (women.value, women.customers, women.left, women.churn_rate) == ("f", 30, 10, pytest.approx(1 / 3))
    assert women.gap.noise == pytest.approx(1.96 * math.sqrt((0.25 + 0.25 + 0.16) / 3 * (1 / 30 + 1 / 30)))
    assert women.mean_probability == pytest.approx(0.4)
    assert women.gap.value == pytest.approx(0.4 - 1 / 3)
    assert women.auc == 0.75  # one pair is tied, one is right
    assert (men.value, men.auc, men.interval) == ("m", None, None)
    assert men.gap.value == pytest.approx(-0.2)
    assert (others.value, vips.value, others.customers, vips.customers) == (0.0, 1.0, 30, 30)


def test_copies_are_test_customers_that_equal_a_training_customer_in_every_field():
    customers = pd.DataFrame({"plan": list("abab"), "months": [1.0, np.nan, 1.0, np.nan]})
    assert count_copies(customers, np.array([0, 1]), np.array([2, 3])) == 2
    customers.loc[2, "months"] = 2.0
    assert count_copies(customers, np.array([0, 1]), np.array([2, 3])) == 1
