"""The figures and their error, by hand."""

import numpy as np
import pytest

from bench.figures import FIGURES, corrected_error, figures, noise


def test_the_slope_of_log_odds_that_are_doubled_is_a_half():
    """Ten groups of customers, whose log-odds are also shifted by one, which does not change a slope."""
    y = np.concatenate([np.arange(100) < leavers for leavers in range(10, 100, 9)]).astype(int)
    share = y.reshape(10, 100).mean(axis=1)
    log_odds = np.log(share / (1 - share)).repeat(100)
    doubled = 1 / (1 + np.exp(-(2 * log_odds + 1)))
    assert figures(y, doubled)[FIGURES.index("slope")] == pytest.approx(0.5, abs=1e-6)
    assert figures(y, share.repeat(100))[FIGURES.index("slope")] == pytest.approx(1, abs=1e-6)


def test_the_other_figures_by_hand():
    y, probabilities = np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])
    auc, log_loss, brier, _ = figures(y, probabilities)
    assert auc == 0.75
    assert log_loss == pytest.approx(-(np.log(0.9) + np.log(0.6) + np.log(0.35) + np.log(0.8)) / 4)
    assert brier == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)


def test_the_error_is_larger_than_that_of_independent_folds():
    """Differences 1 to 5 have the variance 2.5; five folds hold out a quarter of the rows that they fit on."""
    differences = np.column_stack([np.arange(1.0, 6.0), np.zeros(5)])
    error = corrected_error(differences, ratio=1 / 4)
    assert error == pytest.approx([np.sqrt((1 / 5 + 1 / 4) * 2.5), 0])


def test_noise_is_students_t():
    """From its printed table: 97.5 %, with 4 and with 14 degrees of freedom."""
    assert noise(5) == pytest.approx(2.776, abs=5e-4)
    assert noise(15) == pytest.approx(2.145, abs=5e-4)
