"""Checks that a card agrees with its model, and that its counts of training fit its contract and threshold.

The curves, interactions and shares of a card must be those that the weights give: readers of a card without the
model, such as the page, show them. `file` checks the golden customers.
"""

import math
from collections.abc import Mapping

import msgspec

from churn.model.bins import FieldBins, ProbabilityBins
from churn.model.card import Card
from churn.model.columns import Both, read_column
from churn.model.interactions import Interaction, average_columns
from churn.model.purified import Rows
from churn.model.scoring import Scorer
from churn.model.training_counts import TrainingCounts

TOLERANCE = 1e-9
"""The largest accepted difference between a number of the card and the model's: absolute up to 1, relative above."""


def check_shapes(card: Card, scorer: Scorer) -> None:
    """Raises ValueError for a card whose curves, interactions or shares are not those of the model.

    With interactions, a card has shares and the average customer, or neither: then reasons are compared with zero.
    """
    for kind, stated, known in (
        ("curves", card.curves, scorer.curves),
        ("interactions", card.interactions, scorer.interactions),
    ):
        if not _agree(msgspec.to_builtins(stated), msgspec.to_builtins(tuple(known))):
            raise ValueError(f"its {kind} are not those of the model's weights")
    if not card.shares:
        if scorer.interactions and card.average is not None:
            raise ValueError("it has an average customer, but no shares of the model's interactions")
        return
    average = card.average or {}
    if average.keys() != scorer.columns.names or len(card.shares) != len(scorer.interactions):
        raise ValueError("its shares are not those of the model's interactions, or its columns have no average")
    means: dict[tuple[str, str], dict[Both, float]] = {}
    for name in scorer.columns.together:
        if isinstance(column := read_column(name), Both):
            means.setdefault((column.first.field, column.second.field), {})[column] = average[name]
    for interaction, shares in zip(scorer.interactions, card.shares, strict=True):
        _check_shares(interaction, shares, means[interaction.first.field, interaction.second.field])


def check_counts(card: Card) -> None:
    """Raises ValueError for a card whose counts do not fit its contract, its threshold or its tested customers.

    Each field of the contract has a count for each of its bins, with the same sum for all fields. The counts of
    probabilities add up to the tested customers. The threshold is the card's, even if operators have set another one.
    """
    if (counts := card.counts) is None:
        return
    names, numbers = ({field.name for field in fields} for fields in (card.contract.fields, card.contract.numbers))
    if not counts.fields.keys() == counts.folds_distance.keys() == names or counts.edges.keys() != numbers:
        raise ValueError("its counts are not those of its contract's fields")
    for field in card.contract.fields:
        _check_field(FieldBins(field, counts.edges.get(field.name, ())), counts.fields[field.name])
    if len(set(map(sum, counts.fields.values()))) > 1:
        raise ValueError("its counts do not add up to the same number of rows for each field")
    _check_tested(card, counts)


def _check_field(bins: FieldBins, counts: tuple[int, ...]) -> None:
    """Raises ValueError for edges that do not rise within the number's range, and for counts that do not fit."""
    name, edges = bins.field.name, bins.edges
    if bins.marks and bins.marks[1:-1] != edges:
        raise ValueError(f"its edges of {name!r} do not rise, or leave the range that training saw")
    if len(counts) != bins.n_places or min(counts) < 0:
        raise ValueError(f"its counts of {name!r} do not fit its {bins.n_places:,} bins, or one is negative")


def _check_tested(card: Card, counts: TrainingCounts) -> None:
    """Raises ValueError for counts of the test part that do not agree with the card's threshold and figures."""
    bins, probabilities = ProbabilityBins(card.threshold), counts.probabilities
    if (probabilities is None) != (counts.tested is None):
        raise ValueError("it has counts of the test part's probabilities without its figures, or the figures alone")
    if probabilities is None:
        return
    if len(probabilities) != bins.n_places or min(probabilities) < 0:
        raise ValueError(f"its counts of probabilities do not fit the {bins.n_places:,} bins of its threshold")
    if sum(probabilities) != card.figures.get("tested_on", sum(probabilities)):
        raise ValueError("its counts of probabilities do not add up to the customers that it was tested on")


def _check_shares(interaction: Interaction, shares: Rows, means: Mapping[Both, float]) -> None:
    """Raises ValueError for shares that can't be those of an interaction; `means` are its columns' averages."""
    fields = f"{interaction.first.field!r} and {interaction.second.field!r}"
    if [len(row) for row in shares] != [interaction.second.size] * interaction.first.size:
        raise ValueError(f"its shares of {fields} do not have their table's shape")
    cells = [share for row in shares for share in row]
    if not all(0 <= share <= 1 for share in cells) or not _agree(math.fsum(cells), 1.0):
        raise ValueError(f"its shares of {fields} do not add up to 1, or one is negative")
    if not _agree(average_columns(interaction, shares, means), means):
        raise ValueError(f"its shares of {fields} do not match its average")


def _agree(stated: object, known: object) -> bool:
    """True if names, texts and lengths are equal, and numbers are equal within TOLERANCE."""
    if isinstance(stated, float) and isinstance(known, float):
        return math.isclose(stated, known, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(stated, tuple) and isinstance(known, tuple):
        return len(stated) == len(known) and all(map(_agree, stated, known))
    if isinstance(stated, dict) and isinstance(known, dict):
        return stated.keys() == known.keys() and all(_agree(stated[name], known[name]) for name in stated)
    return stated == known
