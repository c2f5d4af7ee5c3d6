"""What a training has found, put together for whoever reports it. Measures nothing, knows no page."""

from dataclasses import dataclass

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.model.card import DEFAULT_THRESHOLD
from churn.model.contract import Contract
from churn.training.campaign import Campaign
from churn.training.changes import Change
from churn.training.evaluation import Interval
from churn.training.gate import Comparison
from churn.training.refused import Refused
from churn.training.table import Table


@dataclass(frozen=True)
class Findings:
    """All that a training has found, for the report.

    `table` has all rows; `train` are those that the final model was fitted on, `test` those that it was tested on
    and the contract takes (both int64), `untested` are the test rows that it refuses, and `copies` the tested ones
    that are spelled as one that was fitted on. `probabilities`, 0 to 1, are for `test`, `folds` are AUCs, `figures`
    evaluate's and `auc_interval` what chance makes of its AUC. `model_name` is the file that the model is for.
    `comparison`, with the model in place there, is None where there was none, and says in words why it can't be
    compared where it can't; `old_version` and `old_threshold` are None where there was none that can be served.
    """

    csv_name: str
    target: str
    C: float
    table: Table
    train: np.ndarray
    test: np.ndarray
    untested: Refused
    copies: int
    contract: Contract
    dv: DictVectorizer
    model: LogisticRegression
    folds: list[float]
    probabilities: np.ndarray
    figures: dict[str, float]
    auc_interval: Interval
    campaign: Campaign | None
    model_name: str
    old_version: str | None
    old_threshold: float | None
    comparison: Comparison | str | None
    changes: list[Change]

    @property
    def y(self) -> np.ndarray:
        """The labels of the test part: int64, shape (len(test),)."""
        labels: np.ndarray = self.table.y[self.test]
        return labels

    @property
    def threshold(self) -> float:
        """The churn probability, 0 to 1, from which a customer counts as leaving: the campaign's, if there is one."""
        return self.campaign.threshold if self.campaign else DEFAULT_THRESHOLD

    @property
    def thresholds(self) -> list[float]:
        """The thresholds to look at: the usual one, and the campaign's."""
        return [DEFAULT_THRESHOLD] + ([self.campaign.threshold] if self.campaign else [])
