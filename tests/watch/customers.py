"""Probabilities in cells as the service is to count them, and what they give without cells."""

import math

import numpy as np

from churn.watch.expected import ProbabilityCells


def make_cells(threshold: float) -> ProbabilityCells:
    """100 cells of equal width in log-odds from -8 to 8, both outsides, and the threshold as an edge of its own."""
    cut = math.log(threshold / (1 - threshold))
    edges = sorted({*np.linspace(-8, 8, 101).round(12).tolist(), round(cut, 12)})
    return ProbabilityCells(tuple(edges), edges.index(round(cut, 12)) + 1)


def count_probabilities(probabilities: np.ndarray, cells: ProbabilityCells) -> list[int]:
    log_odds = np.log(probabilities / (1 - probabilities))
    places = np.searchsorted(cells.edges, log_odds.round(12), side="right")
    return np.bincount(places, minlength=len(cells.edges) + 1).tolist()


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
