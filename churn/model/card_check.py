"""Whether a card agrees with its model: in the curves and the pairs of fields that the weights add up to, and in
training's counts, which must be in the bins of its contract and its threshold.

What reads a card without the model, such as the page, shows these: they must be what is scored. The golden customers
are file's.
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
"""How far a number of the card may be from the model's: absolute up to 1, a share of it above."""


def check_shapes(card: Card, scorer: Scorer) -> None:
    """Raises ValueError for a card whose curves, interactions or shares are not those of the model.

    Of a model with interactions it has shares and the average customer, or neither: then reasons are against zero.
    """
    for kind, told, known in (
        ("curves", card.curves, scorer.curves),
        ("interactions", card.interactions, scorer.interactions),
    ):
        if not _agree(msgspec.to_builtins(told), msgspec.to_builtins(tuple(known))):
            raise ValueError(f"its {kind} are not those of the model's weights")
    if not card.shares:
        if scorer.interactions and card.average is not None:
            raise ValueError("it has an average customer, but no shares of the model's interactions")
        return
    average = card.average or {}
    if average.keys() != scorer.columns.names or len(card.shares) != len(scorer.interactions):
        raise ValueError("its shares are not of the model's interactions, or without the average of its columns")
    means: dict[tuple[str, str], dict[Both, float]] = {}
    for name in scorer.columns.together:
        if isinstance(column := read_column(name), Both):
            means.setdefault((column.first.field, column.second.field), {})[column] = average[name]
    for interaction, shares in zip(scorer.interactions, card.shares, strict=True):
        _check_shares(interaction, shares, means[interaction.first.field, interaction.second.field])


def check_counts(card: Card) -> None:
    """Raises ValueError for a card whose counts are not those of its contract's fields, in their bins, of as many
    rows each, or not those of as many tested customers as it names, in the bins of its threshold.

    The threshold is the card's, whatever another one ops have set.
    """
    if (counts := card.counts) is None:
        return
    names, numbers = ({field.name for field in fields} for fields in (card.contract.fields, card.contract.numbers))
    if not counts.fields.keys() == counts.folds_distance.keys() == names or counts.edges.keys() != numbers:
        raise ValueError("its counts are not of its contract's fields")
    for field in card.contract.fields:
        _check_field(FieldBins(field, counts.edges.get(field.name, ())), counts.fields[field.name])
    if len(set(map(sum, counts.fields.values()))) > 1:
        raise ValueError("its counts of the fields do not add up to as many rows for each")
    _check_tested(card, counts)


def _check_field(bins: FieldBins, counts: tuple[int, ...]) -> None:
    """Raises ValueError for edges that are none of a number's inner ones, and for counts that are not in the bins."""
    name, edges = bins.field.name, bins.edges
    if bins.marks and bins.marks[1:-1] != edges:
        raise ValueError(f"its edges of {name!r} do not rise, or leave what training saw")
    if len(counts) != bins.n_places or min(counts) < 0:
        raise ValueError(f"its counts of {name!r} are not of its {bins.n_places:,} bins, or one is negative")


def _check_tested(card: Card, counts: TrainingCounts) -> None:
    """Raises ValueError for counts of the test part that do not agree with the card's threshold and figures."""
    bins, probabilities = ProbabilityBins(card.threshold), counts.probabilities
    if (probabilities is None) != (counts.tested is None):
        raise ValueError("it has counts of the test part's probabilities without its figures, or these without those")
    if probabilities is None:
        return
    if len(probabilities) != bins.n_places or min(probabilities) < 0:
        raise ValueError(f"its counts of probabilities are not of the {bins.n_places:,} bins of its threshold")
    if sum(probabilities) != card.figures.get("tested_on", sum(probabilities)):
        raise ValueError("its counts of probabilities do not add up to the customers that it is tested on")


def _check_shares(interaction: Interaction, shares: Rows, means: Mapping[Both, float]) -> None:
    """Raises ValueError for what can't be the shares of an interaction's cells; `means` are its columns' averages."""
    fields = f"{interaction.first.field!r} and {interaction.second.field!r}"
    if [len(row) for row in shares] != [interaction.second.size] * interaction.first.size:
        raise ValueError(f"its shares of {fields} are not of their table's shape")
    cells = [share for row in shares for share in row]
    if not all(0 <= share <= 1 for share in cells) or not _agree(math.fsum(cells), 1.0):
        raise ValueError(f"its shares of {fields} do not add up to 1, or one is negative")
    if not _agree(average_columns(interaction, shares, means), means):
        raise ValueError(f"its shares of {fields} are not those of its average")


def _agree(told: object, known: object) -> bool:
    """True for the same names, texts and lengths, with numbers that are nearly the same."""
    if isinstance(told, float) and isinstance(known, float):
        return math.isclose(told, known, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    if isinstance(told, tuple) and isinstance(known, tuple):
        return len(told) == len(known) and all(map(_agree, told, known))
    if isinstance(told, dict) and isinstance(known, dict):
        return told.keys() == known.keys() and all(_agree(told[name], known[name]) for name in told)
    return told == known
