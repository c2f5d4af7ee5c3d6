"""The figures, against hand arithmetic."""

import numpy as np
import pytest

from churn.evaluation import evaluate


def test_figures_by_hand():
    y = np.array([0, 0, 1, 1])
    probabilities = np.array([0.1, 0.4, 0.35, 0.8])
    figures = evaluate(y, probabilities)
    assert figures["auc"] == 3 / 4  # of four pairs, only (0.4, 0.35) is ranked wrongly
    assert figures["brier"] == pytest.approx((0.01 + 0.16 + 0.4225 + 0.04) / 4)
    assert figures["log_loss"] == pytest.approx(-np.log([0.9, 0.6, 0.35, 0.8]).mean())
