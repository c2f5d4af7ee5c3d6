"""The drift report: whether a model is still good, as GET /drift answers it and `score --counts` writes it.

Owns the members and the notes of the document; `drift` and `expected` have the statistics.
"""

import msgspec
from msgspec import Struct, structs

from churn.model.bins import ProbabilityBins
from churn.model.file import Model
from churn.model.training_counts import TrainingCounts
from churn.watch.counts import Counts
from churn.watch.drift import LEVEL, LEVEL_OF_EACH_LOOK, FieldCounts, FieldDrift, find_drift
from churn.watch.expected import Figure, expect_figures

BLIND = (
    "This detects customers that changed, not customers that behave differently: "
    "for that, compare with the customers that really left.",
    "A list that is scored again counts again.",
)
WITHOUT_COUNTS = "The model's card has no counts of training to compare with: retrain with this version to have them."


class DriftReport(Struct, frozen=True):
    """A report on a model, made from counts; msgspec reads and writes it as JSON.

    `model` is the model's version; `answers` and `since` are those of `counts`. Each of `fields` is compared with
    training. `expected` has the figures `churn_rate`, `auc`, `log_loss` and `profit`, each None where it is not
    known.
    """

    model: str
    threshold: float
    answers: int
    since: str | None
    notes: tuple[str, ...]
    expected: dict[str, Figure | None]
    fields: list[FieldDrift]
    counts: Counts


def make_report(model: Model, counts: Counts, *, compared_with: Counts | None = None) -> DriftReport:
    """The report on a model from counts of its customers, in the probability bins of the model's threshold.

    The fields are compared with the training counts of the model's card, or with other customers' counts. Counts with
    a `since` grow and are looked at repeatedly, so each look at them has LEVEL_OF_EACH_LOOK.
    """
    training = model.card.counts if model.card else None
    reference = compared_with.fields if compared_with else training.fields if training else {}
    drifted = find_drift(
        [
            FieldCounts(field, reference.get(field, [0] * len(live)), live, _folds_distance(training, field))
            for field, live in counts.fields.items()
        ],
        level=LEVEL if counts.since is None or compared_with else LEVEL_OF_EACH_LOOK,
        with_training=compared_with is None,
    )
    tested = structs.asdict(training.tested) if training and training.tested else {}
    if model.card and model.threshold != model.card.threshold:
        tested["profit"] = None  # it is for other customers than would be contacted now
    expected = expect_figures(
        ProbabilityBins(model.threshold),
        counts.probabilities,
        tested=tested,
        campaign=training.campaign if training else None,
    )
    notes = BLIND if training or compared_with else (*BLIND, WITHOUT_COUNTS)
    return DriftReport(model.version, model.threshold, counts.answers, counts.since, notes, expected, drifted, counts)


def encode_report(report: DriftReport) -> bytes:
    """The document as bytes for a file: JSON in one line."""
    return msgspec.json.encode(report) + b"\n"


def _folds_distance(training: TrainingCounts | None, field: str) -> float:
    """The largest distance between training's folds in a field beyond chance, 0 where it is not known."""
    return training.folds_distance.get(field, 0.0) if training else 0.0
