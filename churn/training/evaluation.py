"""The figures for the quality of probabilities, printed by a training and kept in the card. Fits nothing, reads no
file.
"""

import math
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score

BOOTSTRAP_DRAWS = 1000
"""Resamples of a bootstrap."""
FEWEST = 10
"""With fewer leavers, or fewer stayers, resamples differ too little, and an interval is the whole possible range.
(With 5 leavers and 30 stayers the interval contained the true AUC in 89 of 100 simulations, with 10 and 40 in 93.)"""

_TOLD_APART = 1.96  # standard deviations: chance alone stays within them in 95 % of cases


class Gap(NamedTuple):
    """Mean probability less churn rate, and the range of that by chance alone, to either side in 95 % of cases."""

    value: float
    noise: float

    @property
    def explained(self) -> bool:
        """True if chance alone explains the gap."""
        return abs(self.value) <= self.noise


class Interval(NamedTuple):
    """The 95 % confidence interval of a figure."""

    low: float
    high: float


def auc(y: np.ndarray, probabilities: np.ndarray) -> float:
    """The area under the ROC curve, 0 to 1: the chance that a random leaver is ranked above a random stayer.

    `y` is 0/1 and `probabilities` 0 to 1, both of shape (n_customers,); `y` must have both classes.

    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    return float(roc_auc_score(y, probabilities))


def evaluate(y: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """AUC, log loss (nats) and Brier score of churn probabilities; arguments as for `auc`."""
    return {
        "auc": auc(y, probabilities),
        "log_loss": float(log_loss(y, probabilities, labels=[0, 1])),
        "brier": float(brier_score_loss(y, probabilities)),
    }


def auc_interval(y: np.ndarray, probabilities: np.ndarray) -> Interval:
    """The interval of the AUC, by the percentile bootstrap; arguments as for `auc`.

    0 to 1 where either class has too few customers.
    """
    if _too_few(y):
        return Interval(0.0, 1.0)
    return _middle(resampled_aucs(y, probabilities)[:, 0])


def auc_gain(y: np.ndarray, probabilities: np.ndarray, other: np.ndarray) -> Interval:
    """The interval of the AUC of `probabilities` less that of `other`.

    A paired bootstrap: both rank the same resample of the customers, so an easy or hard sample affects both alike and
    cancels out. -1 to 1 where either class has too few customers.
    """
    if _too_few(y):
        return Interval(-1.0, 1.0)
    aucs = resampled_aucs(y, probabilities, other)
    return _middle(aucs[:, 0] - aucs[:, 1])


def calibration_gap(y: np.ndarray, probabilities: np.ndarray, *, fitted_on: int) -> Gap:
    """The difference of the mean probability from the churn rate; one class is enough.

    If customers leave independently with exactly these probabilities, the variance of their churn rate is the mean of
    p (1 - p) divided by their number. The mean probability follows the churn rate of the `fitted_on` customers that
    the model was fitted on, which has a variance of the same kind.
    """
    variance = (probabilities * (1 - probabilities)).mean() * (1 / len(y) + 1 / max(fitted_on, 1))
    noise = _TOLD_APART * np.sqrt(variance)
    return Gap(float(probabilities.mean() - y.mean()), float(noise))


def base_rate_threshold(y: np.ndarray, probabilities: np.ndarray) -> float:
    """The probability from which as many customers are flagged as leave, or more if several share it.

    Arguments as for `auc`. Rounded down to four digits, so that the number, typed in, flags as many.

    >>> base_rate_threshold(np.array([0, 1, 0, 0]), np.array([0.001, 0.0123456, 0.01, 0.002]))
    0.01234
    """
    exact = float(np.sort(probabilities)[len(y) - int(y.sum())])
    digits = 3 - math.floor(math.log10(exact)) if exact > 0 else 0
    return float(Decimal(repr(exact)).quantize(Decimal(1).scaleb(-digits), rounding=ROUND_DOWN))


def count_copies(customers: pd.DataFrame, train: np.ndarray, test: np.ndarray) -> int:
    """The number of rows in `test` that equal a row in `train` in every field; many may be the same customers."""
    rows = pd.util.hash_pandas_object(customers, index=False).to_numpy()
    return int(np.isin(rows[test], rows[train]).sum())


def resampled_aucs(
    y: np.ndarray, *probabilities: np.ndarray, draws: int = BOOTSTRAP_DRAWS, seed: int = 1
) -> np.ndarray:
    """The AUC of each set of probabilities on bootstrap resamples: float64, shape (draws, len(probabilities)).

    A resample draws as many leavers and as many stayers as there are, each with replacement, so that it always has
    both classes. Efron & Tibshirani, An Introduction to the Bootstrap (1993), chapters 8 and 13.
    """
    rng = np.random.default_rng(seed)
    rankings = [np.unique(of_model, return_inverse=True)[1] for of_model in probabilities]
    classes = [np.flatnonzero(y == label) for label in (0, 1)]
    aucs = np.empty((draws, len(probabilities)))
    for draw in range(draws):
        stayers, leavers = (rng.choice(rows, len(rows)) for rows in classes)
        for model, ranks in enumerate(rankings):
            aucs[draw, model] = _auc_of_ranks(ranks[stayers], ranks[leavers])
    return aucs


def _too_few(y: np.ndarray) -> bool:
    return bool(min((y == 0).sum(), (y == 1).sum()) < FEWEST)


def _auc_of_ranks(stayers: np.ndarray, leavers: np.ndarray) -> float:
    """The share of pairs of a leaver and a stayer in which the leaver is ranked higher; a tie counts half."""
    count = 1 + max(stayers.max(), leavers.max())
    at_rank = np.bincount(stayers, minlength=count)
    below = np.cumsum(at_rank) - at_rank / 2
    return float(below[leavers].sum() / (len(stayers) * len(leavers)))


def _middle(resampled: np.ndarray) -> Interval:
    low, high = np.quantile(resampled, [0.025, 0.975])
    return Interval(float(low), float(high))
