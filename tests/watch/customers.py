"""Probabilities in bins, the figures that they give without bins, and a card with a campaign."""

from dataclasses import replace

import numpy as np
from msgspec import structs

from churn.model.bins import ProbabilityBins
from churn.model.file import Model
from churn.model.gain import Campaign


def count_probabilities(probabilities: np.ndarray, bins: ProbabilityBins) -> list[int]:
    places = np.searchsorted(bins.edges, probabilities, side="right")
    return np.bincount(places, minlength=bins.n_places).tolist()


def expect_auc(probabilities: np.ndarray) -> float:
    """The AUC over all pairs of different customers, each weighted with the chance that one leaves and one stays."""
    p = probabilities
    chances = p[:, None] * (1 - p)
    np.fill_diagonal(chances, 0)
    above = (p[:, None] > p) + 0.5 * (p[:, None] == p)
    return float((chances * above).sum() / chances.sum())


def draw_aucs(draws: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """The AUC of each row of outcomes, by the sum of ranks (no probability occurs twice)."""
    ranks = np.argsort(np.argsort(probabilities)) + 1
    leavers = draws.sum(axis=1)
    return (draws @ ranks - leavers * (leavers + 1) / 2) / (leavers * (len(probabilities) - leavers))


def with_campaign(model: Model) -> Model:
    """The telco model with a card that has a campaign and its profit in the test part."""
    counts = model.card.counts
    counts = structs.replace(
        counts,
        tested=structs.replace(counts.tested, profit=3.5),
        campaign=Campaign(value=200, offer=10, contact=1, accept=0.3),
    )
    return replace(model, card=structs.replace(model.card, counts=counts))
