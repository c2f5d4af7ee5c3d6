"""Probabilities in bins, and what they give without bins."""

import numpy as np

from churn.model.bins import ProbabilityBins


def count_probabilities(probabilities: np.ndarray, bins: ProbabilityBins) -> list[int]:
    places = np.searchsorted(bins.edges, probabilities, side="right")
    return np.bincount(places, minlength=bins.n_places).tolist()


def expect_auc(probabilities: np.ndarray) -> float:
    """Over all pairs of two different customers: how likely the one leaves and the other stays, and who is above."""
    p = probabilities
    chances = p[:, None] * (1 - p)
    np.fill_diagonal(chances, 0)
    above = (p[:, None] > p) + 0.5 * (p[:, None] == p)
    return float((chances * above).sum() / chances.sum())


def draw_aucs(draws: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The AUC of each row of outcomes, by the sum of ranks (no probability is there twice)."""
    ranks = np.argsort(np.argsort(probabilities)) + 1
    leavers = draws.sum(axis=1)
    return (draws @ ranks - leavers * (leavers + 1) / 2) / (leavers * (len(probabilities) - leavers))
