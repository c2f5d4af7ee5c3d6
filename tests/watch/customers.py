"""Probabilities in bins, and what they give without bins; a card with the counts of a training."""

from collections import Counter
from dataclasses import replace

import msgspec
import numpy as np

from churn.model.bins import FieldBins, ProbabilityBins, find_edges
from churn.model.file import Model
from churn.model.gain import Campaign
from churn.model.training_counts import TestFigures, TrainingCounts
from tests.customers import CLEAN_CUSTOMERS


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


def with_training(model: Model) -> Model:
    """The telco model with a card that has counts of training: of all customers of the table, and made-up figures."""
    numbers = model.scorer.contract.numbers
    edges = {field.name: find_edges(customer[field.name] for customer in CLEAN_CUSTOMERS) for field in numbers}
    fields = {}
    for field in model.scorer.contract.fields:
        bins = FieldBins(field, edges.get(field.name, ()))
        counted = Counter(bins.place(customer[field.name]) for customer in CLEAN_CUSTOMERS)
        fields[field.name] = tuple(counted[place] for place in range(bins.n_places))
    scored = np.array(model.scorer.score_customers(CLEAN_CUSTOMERS))
    training = TrainingCounts(
        edges=edges,
        fields=fields,
        folds_distance=dict.fromkeys(fields, 0.02),
        probabilities=tuple(count_probabilities(scored, ProbabilityBins(model.card.threshold))),
        tested=TestFigures(churn_rate=0.25, auc=0.86, log_loss=0.38, profit=3.5),
        campaign=Campaign(value=200, offer=10, contact=1, accept=0.3),
    )
    return replace(model, card=msgspec.structs.replace(model.card, counts=training))
