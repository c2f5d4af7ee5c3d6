"""The figures of a model, by hand."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from churn.training.evaluation import auc, auc_gain, auc_interval, evaluate, resampled_aucs


def test_figures_by_hand():
    y = np.array([0, 0, 1, 1])
    probabilities = np.array([0.1, 0.4, 0.35, 0.8])
    figures = evaluate(y, probabilities)
    assert figures["auc"] == 3 / 4  # of four pairs only (0.4, 0.35) is ranked wrongly
    assert figures["brier"] == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    assert figures["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.35, 0.8]).mean())


def delong_deviation(y, *probabilities):
    """The standard deviation of an AUC, or of the difference of two, as DeLong et al. (1988) estimate it."""
    parts = []
    for scores in probabilities:
        wins = (scores[y == 1][:, None] > scores[y == 0]) + 0.5 * (scores[y == 1][:, None] == scores[y == 0])
        parts.append((wins.mean(axis=1), wins.mean(axis=0)))
    leavers, stayers = parts[0] if len(parts) == 1 else (parts[0][0] - parts[1][0], parts[0][1] - parts[1][1])
    return np.sqrt(leavers.var(ddof=1) / len(leavers) + stayers.var(ddof=1) / len(stayers))


@pytest.fixture(scope="module")
def ranked():
    """Labels, and two probabilities for each that share much of their noise, with ties."""
    rng = np.random.default_rng(1)
    y = (rng.random(1000) < 0.27).astype(int)
    shared = rng.normal(size=1000)
    return y, *(np.round(y + shared + 0.3 * rng.normal(size=1000), 1) for _ in range(2))


def test_an_interval_has_the_width_of_delongs(ranked):
    y, one, _ = ranked
    low, high = auc_interval(y, one)
    assert low < auc(y, one) < high
    assert high - low == pytest.approx(2 * 1.96 * delong_deviation(y, one), rel=0.1)


def test_a_gain_is_paired_so_noise_that_both_models_share_does_not_count(ranked):
    y, one, other = ranked
    low, high = auc_gain(y, one, other)
    assert low < auc(y, one) - auc(y, other) < high
    assert high - low == pytest.approx(2 * 1.96 * delong_deviation(y, one, other), rel=0.1)
    assert high - low < 0.6 * (auc_interval(y, one).high - auc_interval(y, one).low)


def test_resampled_aucs_are_scikit_learns_with_ties(ranked):
    """On resamples that repeat the generator's draws: as many stayers, then as many leavers, as in the data."""
    y, one, other = ranked
    rng = np.random.default_rng(7)
    stayers, leavers = (np.flatnonzero(y == label) for label in (0, 1))
    for aucs in resampled_aucs(y, one, other, draws=5, seed=7):
        rows = np.concatenate([rng.choice(stayers, len(stayers)), rng.choice(leavers, len(leavers))])
        assert aucs == pytest.approx([roc_auc_score(y[rows], one[rows]), roc_auc_score(y[rows], other[rows])])


def test_an_interval_is_the_same_each_time(ranked):
    y, one, _ = ranked
    assert auc_interval(y, one) == auc_interval(y, one)


@pytest.mark.parametrize("rare", [0, 1])
def test_with_too_few_of_a_class_intervals_have_their_full_width(rare):
    for count, known in ((9, False), (10, True)):
        y = np.where(np.arange(200) < count, rare, 1 - rare)
        one, other = y + np.linspace(0, 1, 200), np.linspace(0, 1, 200)
        assert (auc_interval(y, one) != (0, 1)) == known
        assert (auc_gain(y, one, other) != (-1, 1)) == known
