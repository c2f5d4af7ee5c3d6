"""The figures that bench/models.py compares, and the standard error of a mean difference over folds.

The error is that of Nadeau and Bengio, "Inference for the generalization error" (Machine Learning 52, 2003):
sqrt((1 / n + n_held_out / n_fitted) * variance over the n folds). Folds share most of the rows that they are fitted
on, so the usual sqrt(variance / n) is too small.
"""

import numpy as np
from scipy.special import logit
from scipy.stats import t
from sklearn.linear_model import LogisticRegression

from churn.training.evaluation import evaluate

FIGURES = ("AUC", "log loss", "Brier", "slope")
COMPARED = FIGURES[:2]
"""The figures whose differences are reported."""
MOST_CERTAIN = 1e-12
"""For the slope, probabilities are clipped to this distance from 0 and 1."""


def figures(y: np.ndarray, probabilities: np.ndarray) -> list[float]:
    """FIGURES in order. The slope is that of a logistic regression of y on the log-odds: 1 is ideal (Cox, 1958)."""
    log_odds = logit(np.clip(probabilities, MOST_CERTAIN, 1 - MOST_CERTAIN)).reshape(-1, 1)
    again = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-10).fit(log_odds, y)
    return [*evaluate(y, probabilities).values(), float(again.coef_[0, 0])]


def corrected_error(differences: np.ndarray, *, ratio: float) -> np.ndarray:
    """The standard error of the mean over the folds, shape (n_figures,), of differences (n_folds, n_figures).

    `ratio` is the number of held-out rows of a fold divided by the number that it fits on.
    """
    return np.sqrt((1 / len(differences) + ratio) * differences.var(axis=0, ddof=1))


def noise(n_folds: int) -> float:
    """The number of errors that chance explains at 95 %, by Student's t with n_folds - 1 degrees of freedom."""
    return float(t.ppf(0.975, n_folds - 1))
