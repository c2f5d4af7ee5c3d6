"""Expected figures, against the same figures without bins, simulated outcomes and the test part's labels."""

import csv

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score
from sklearn.model_selection import train_test_split

from churn.model.bins import ProbabilityBins
from churn.model.gain import Campaign
from churn.watch.expected import expect_figures
from tests.customers import CLEAN_CUSTOMERS, CSV
from tests.watch.customers import count_probabilities, draw_aucs, expect_auc

SEGMENTS = {
    "all": lambda customer: True,
    "month-to-month": lambda customer: customer["contract"] == "month-to-month",
    "tenure below 12": lambda customer: customer["tenure"] < 12,
    "two-year": lambda customer: customer["contract"] == "two_year",
}
CAMPAIGN = Campaign(value=200, offer=10, contact=1, accept=0.3)


@pytest.fixture(scope="module")
def tested(shipped) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The rows of the test part of the shipped table, whether each left, and the shipped model's probabilities."""
    with CSV.open(encoding="utf-8", newline="") as file:
        y = np.array([row["Churn"] == "Yes" for row in csv.DictReader(file)]).astype(int)
    _, rows = train_test_split(np.arange(len(y)), test_size=0.2, random_state=1)
    return rows, y[rows], np.array(shipped.scorer.score_customers([CLEAN_CUSTOMERS[row] for row in rows]))


def expect(probabilities, *, threshold=0.5, campaign=CAMPAIGN):
    bins = ProbabilityBins(threshold)
    return expect_figures(bins, count_probabilities(probabilities, bins), tested={}, campaign=campaign)


def rare_probabilities(seed: int = 3) -> np.ndarray:
    """5,000 customers of whom 0.5 % leave."""
    return 1 / (1 + np.exp(-np.random.default_rng(seed).normal(-5.9, 1.1, 5000)))


@pytest.mark.parametrize("threshold", [0.5, 0.1642])
@pytest.mark.parametrize("segment", SEGMENTS)
def test_figures_from_counts_are_those_from_each_customer(tested, segment, threshold):
    rows, y, probabilities = tested
    here = np.array([SEGMENTS[segment](CLEAN_CUSTOMERS[row]) for row in rows])
    p = probabilities[here]
    figures = expect(p, threshold=threshold)
    assert figures["auc"].value == pytest.approx(expect_auc(p), abs=0.001)
    assert figures["auc"].low <= roc_auc_score(y[here], p) <= figures["auc"].high
    assert figures["churn_rate"].value == pytest.approx(p.mean(), abs=0.001)
    assert figures["log_loss"].value == pytest.approx(-(p * np.log(p) + (1 - p) * np.log(1 - p)).mean(), abs=0.001)
    assert figures["log_loss"].low <= log_loss(y[here], p) <= figures["log_loss"].high
    left, stayed = 0.3 * (200 - 10) - 1, -10 - 1
    gains = np.where(p >= threshold, p * left + (1 - p) * stayed, 0.0)
    assert figures["profit"].value == pytest.approx(gains.mean(), abs=0.1)
    real = np.where(p >= threshold, np.where(y[here] == 1, left, stayed), 0.0).mean()
    assert figures["profit"].low <= real <= figures["profit"].high


def test_a_table_with_few_leavers_has_the_auc_of_each_customer():
    p = rare_probabilities()
    assert p.mean() == pytest.approx(0.005, abs=0.0005)
    figures = expect(p)
    assert figures["auc"].value == pytest.approx(expect_auc(p), abs=0.001)
    assert figures["churn_rate"].value == pytest.approx(p.mean(), rel=0.01)


@pytest.mark.parametrize("customers", ["usual", "few", "rare"])
def test_the_bands_hold_19_of_20_independent_outcomes(tested, customers):
    p = {"usual": tested[2], "few": tested[2][:60], "rare": rare_probabilities()}[customers]
    p = np.unique(p)
    draws = np.random.default_rng(4).random((4000, len(p))) < p
    flagged = p >= 0.02
    drawn = {
        "churn_rate": draws.mean(axis=1),
        "auc": draw_aucs(draws, p),
        "log_loss": np.where(draws, -np.log(p), -np.log(1 - p)).mean(axis=1),
        "profit": (draws[:, flagged] * 67 - 11).sum(axis=1) / len(p),  # 0.3 * 190 + 10 more for a leaver
    }
    for name, figure in expect(p, threshold=0.02).items():
        inside = (drawn[name] >= figure.low - 1e-9) & (drawn[name] <= figure.high + 1e-9)
        assert 0.925 <= inside.mean() <= 0.98, name  # a churn rate of 60 customers has few possible values: 0.9305
        assert (drawn[name] < figure.low - 1e-9).mean() <= 0.04, name
        assert (drawn[name] > figure.high + 1e-9).mean() <= 0.04, name


def test_doubled_odds_are_not_detected(tested):
    """Customers who leave more often than predicted: the counts are the same, and so are the expected figures."""
    p = tested[2]
    doubled = 2 * p / (1 + p)
    left = np.random.default_rng(5).random(len(p)) < doubled
    figures = expect(p)
    assert left.mean() > figures["churn_rate"].high
    assert log_loss(left, p) > figures["log_loss"].high
    assert figures["churn_rate"].value == pytest.approx(p.mean(), abs=0.001)


def test_without_answers_there_is_no_figure_and_without_a_campaign_no_profit():
    bins = ProbabilityBins(0.5)
    assert set(expect_figures(bins, [0] * 102, tested={"auc": 0.8}, campaign=CAMPAIGN).values()) == {None}
    assert expect(np.array([0.2, 0.4]), campaign=None)["profit"] is None


def test_one_customer_has_a_churn_rate_and_no_auc():
    figures = expect(np.array([0.25]))
    assert figures["auc"] is None
    rate = figures["churn_rate"]
    assert (rate.value, rate.low, rate.high) == pytest.approx((0.25, 0, 1), abs=0.02)  # half a bin


def test_with_few_leavers_an_auc_may_be_anything():
    auc = expect(np.linspace(0.01, 0.2, 50))["auc"]
    assert (auc.low, auc.high) == (0, 1)


def test_the_test_parts_figure_is_given_with_the_expected_one():
    bins = ProbabilityBins(0.5)
    figures = expect_figures(bins, count_probabilities(np.full(9, 0.3), bins), tested={"auc": 0.86}, campaign=None)
    assert figures["auc"].test == 0.86
    assert figures["log_loss"].test is None


def test_probabilities_beyond_all_edges_are_in_the_figures():
    figures = expect(np.array([1e-6] * 500 + [1 - 1e-6] * 500))
    assert figures["churn_rate"].value == pytest.approx(0.5, abs=1e-3)
    assert figures["auc"].value == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("mean", "deviation"), [(-1.5, 0.5), (-1.5, 1.8), (0.5, 0.6)])
def test_bins_add_no_bias(mean, deviation):
    """Customers at the quantiles of a normal distribution of log-odds, so that chance plays no part."""
    p = 1 / (1 + np.exp(-stats.norm.ppf((np.arange(4000) + 0.5) / 4000, mean, deviation)))
    figures = expect(p)
    assert figures["auc"].value == pytest.approx(expect_auc(p), abs=0.0003)
    assert figures["churn_rate"].value == pytest.approx(p.mean(), abs=0.00006)
    assert figures["log_loss"].value == pytest.approx(-(p * np.log(p) + (1 - p) * np.log(1 - p)).mean(), abs=0.00006)


def test_beyond_the_last_edge_probabilities_are_spread_evenly():
    p = np.exp(-8) * (np.arange(1000) + 0.5) / 1000
    bins = ProbabilityBins(0.5)
    figures = expect_figures(bins, [1000, *[0] * 101], tested={}, campaign=None)
    assert figures["churn_rate"].value == pytest.approx(p.mean(), rel=0.001)
    assert figures["auc"].value == pytest.approx(expect_auc(p), abs=0.001)


def test_the_band_of_a_rare_event_is_as_skewed_as_a_binomials():
    """2 leavers of 200: a symmetrical band would end at 4."""
    rate = expect(np.full(200, 0.01))["churn_rate"]
    assert int(200 * rate.high) == stats.binom.ppf(0.975, 200, rate.value) == 5
    assert rate.low == 0


def test_the_band_of_an_auc_with_few_leavers_allows_for_their_random_number():
    p = np.unique(rare_probabilities()[:2100])
    assert p.sum() == pytest.approx(10.5, abs=0.5)
    auc = expect(p)["auc"]
    drawn = draw_aucs(np.random.default_rng(6).random((4000, len(p))) < p, p)
    assert 0.925 <= ((drawn >= auc.low) & (drawn <= auc.high)).mean() <= 0.965


@pytest.mark.parametrize("width", [0.15, 0.3, 0.6])
def test_the_band_of_an_auc_holds_for_customers_who_are_all_in_a_few_bins(width):
    """A weak model: within a single bin the counts do not show which customer ranks higher."""
    log_odds = np.random.default_rng(7).uniform(-1.115, -1.115 + width, 1000)
    p = np.unique(1 / (1 + np.exp(-log_odds)))
    auc = expect(p)["auc"]
    drawn = draw_aucs(np.random.default_rng(8).random((4000, len(p))) < p, p)
    assert 0.925 <= ((drawn >= auc.low) & (drawn <= auc.high)).mean() <= 0.98
