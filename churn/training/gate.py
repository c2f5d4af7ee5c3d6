"""Compares a new model with the one in place, on customers that neither was fitted on.

Owns the comparison. Words nothing, reads no file and replaces none.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from churn.errors import CustomerError, ModelError
from churn.model.file import Model
from churn.model.scoring import probability
from churn.training.evaluation import Interval, auc, auc_gain
from churn.training.refused import Refused
from churn.training.split import USUAL_SPLIT, find_test_rows
from churn.training.table import Table

FEWEST_UNSEEN = 30
"""The customers of each class that a comparison needs if the old model was fitted on some of the test customers."""


@dataclass(frozen=True)
class Comparison:
    """The AUCs of two models on the same `compared` customers; the old model can't score the `refused` ones.

    `gain` is the interval of the new AUC less the old one. `same_table` is True if the old model was trained on this
    table. A model from another table may have been fitted on some of these customers. None means that the table is
    unknown: the old model has no card, or it `is_adopted` and was trained elsewhere.
    `fitted_on` counts further test customers that are left out because the old model was fitted on them, when the
    same table was split differently.
    """

    old_auc: float
    new_auc: float
    gain: Interval
    compared: int
    refused: Refused
    same_table: bool | None
    fitted_on: int = 0
    is_adopted: bool = False

    @property
    def on_enough(self) -> bool:
        """True if the old model scores enough of the customers for the AUCs to represent all of them."""
        return self.refused.leaves_enough(self.compared)

    @property
    def worse(self) -> bool:
        """True if the new model's AUC is lower than the old one's by more than chance explains."""
        return self.gain.high < 0


@dataclass(frozen=True)
class OneClass:
    """Customers without an AUC: the `scored` ones have fewer than two classes; the old model can't score the rest."""

    scored: int
    refused: Refused


@dataclass(frozen=True)
class FittedOn:
    """The old model was fitted on all of the `tested` customers except `unseen`, which are too few.

    `unseen` is None if their number is unknown.
    """

    tested: int
    unseen: int | None


@dataclass(frozen=True)
class NotCompared:
    """The reason why the old model can't be compared: it can't be served, it scores customers of one class only, or
    it was fitted on the test customers.
    """

    reason: ModelError | OneClass | FittedOn


def compare_models(
    old: Model,
    table: Table,
    rows: np.ndarray,
    probabilities: np.ndarray,
    *,
    parts: Mapping[str, Any] = USUAL_SPLIT,
) -> Comparison | NotCompared:
    """The comparison of a new model with the old one on the same customers, or the reason why there is none.

    `rows` are the positions in the table that the new model is tested on, int64 of shape (n_customers,), and
    `probabilities` its own for them, 0 to 1, of the same shape. `parts` describes how the table was split, as
    Split.describe does. If the old model's split of the same table differs, only its own test rows count.
    """
    known_table = old.card.table if old.card else {}
    is_adopted = "adopted_on" in known_table
    same_table = known_table.get("sha256") == table.sha256 if old.card and not is_adopted else None
    tested = len(rows)
    if same_table and not _is_split_alike(known_table, table, parts):
        own = find_test_rows(table, known_table.get("split", USUAL_SPLIT), rows=known_table.get("rows", len(table.y)))
        unseen = np.isin(rows, own if own is not None else [])
        if np.bincount(table.y[rows[unseen]], minlength=2).min() < FEWEST_UNSEEN:
            return NotCompared(FittedOn(tested, None if own is None else int(unseen.sum())))
        rows, probabilities = rows[unseen], probabilities[unseen]
    old_probabilities, refused = _score(old, table.customers.iloc[rows])
    known = ~np.isnan(old_probabilities)
    y, old_probabilities, probabilities = table.y[rows][known], old_probabilities[known], probabilities[known]
    if len(np.unique(y)) < 2:
        return NotCompared(OneClass(len(y), refused))
    return Comparison(
        old_auc=auc(y, old_probabilities),
        new_auc=auc(y, probabilities),
        gain=auc_gain(y, probabilities, old_probabilities),
        compared=len(y),
        refused=refused,
        same_table=same_table,
        fitted_on=tested - len(rows),
        is_adopted=is_adopted,
    )


def _is_split_alike(known_table: Mapping[str, Any], table: Table, parts: Mapping[str, Any]) -> bool:
    """True if the table of a card, the same file as this one, was split into the same parts."""
    same_rows = known_table.get("rows", len(table.y)) == len(table.y)
    return same_rows and bool(known_table.get("split", USUAL_SPLIT) == parts)


def _score(model: Model, customers: pd.DataFrame) -> tuple[np.ndarray, Refused]:
    """The model's probability for each customer, computed as in the service, and the counts of refused customers.

    The probabilities are float64, NaN for a refused customer.
    """
    cells = customers.astype(object).where(customers.notna(), "")
    records = cells.to_dict(orient="records")
    probabilities = np.full(len(records), np.nan)
    fields: Counter[str] = Counter()
    for row, record in enumerate(records):
        try:
            probabilities[row] = probability(model.scorer.log_odds(record, suggest=False))
        except CustomerError as error:
            fields.update({problem.field or "row" for problem in error.problems})
    return probabilities, Refused(int(np.isnan(probabilities).sum()), fields)
