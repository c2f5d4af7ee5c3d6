"""The findings of a training in four parts: the split, the fit, the test, and the comparison with the model in place.

Values for the verdict and the report. Measures nothing and words nothing.
"""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.model.card import DEFAULT_THRESHOLD
from churn.model.contract import Contract
from churn.model.gain import Campaign
from churn.training.cells import Shares
from churn.training.changes import Change
from churn.training.evaluation import Interval
from churn.training.gate import Comparison, NotCompared
from churn.training.ladder import Ladder
from churn.training.refused import Refused
from churn.training.rungs import Recipe, Rung
from churn.training.split import Split
from churn.training.telling import TellingField
from churn.training.validation import Validation


@dataclass(frozen=True)
class Fit:
    """The final model, fitted on the rows `train` of the split with the inverse penalty `C`, above 0.

    `contract` is learned from these rows, and `dv` numbers its columns. `folds` are the AUCs, 0 to 1, of the models
    that were validated on parts of the rows. `average` is the mean of each column over all of these rows, by name.
    `shares` has the share of the rows in each cell of each pair of fields, in the order of make_scorer.
    `validations` has one for each candidate C, the chosen one included. `recipe` holds the learned shapes, None for
    plain columns, and `ladder` the comparison that chose it.
    """

    contract: Contract
    dv: DictVectorizer
    model: LogisticRegression
    average: dict[str, float]
    C: float
    folds: tuple[float, ...]
    validations: tuple[Validation, ...] = ()
    recipe: Recipe | None = None
    ladder: Ladder = field(default_factory=lambda: Ladder(Rung.NONE))
    shares: tuple[Shares, ...] = ()

    @property
    def rung(self) -> Rung:
        """The rung of the model's recipe."""
        return self.recipe.rung if self.recipe else Rung.NONE

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The pairs of fields in the model, the clearest first within each batch."""
        return tuple((pair.first, pair.second) for pair in self.recipe.pairs) if self.recipe else ()

    def describe_shapes(self) -> dict[str, object]:
        """The rung and the comparison that chose it, for the card: log losses are nats, means over rows.

        `compared` is absent where an option chose the rung.
        """
        ladder, chosen = self.ladder, str(self.rung)
        if not ladder.losses:
            return {"rung": chosen}
        compared = []
        for rung, log_loss in ladder.losses.items():
            lead = ladder.leads.get(rung)
            ahead = {"gain": lead.gain, "standard_error": lead.error} if lead else {}
            compared.append({"rung": str(rung), "log_loss": log_loss, **ahead})
        return {"rung": chosen, "compared": compared, "rows": ladder.rows, "copies": ladder.copies}

    def describe_tried(self) -> list[dict[str, float]]:
        """The figures of each candidate C, means over the folds, for the card."""
        return [
            {"C": tried.C, "log_loss": tried.log_loss, "auc": float(np.mean(tried.aucs))}
            for tried in self.validations
        ]


@dataclass(frozen=True)
class Tested:
    """The final model on the customers of the test part that its contract accepts.

    `rows` are their positions in the table and `y` their labels (1 left), both int64; `probabilities` are the model's
    for them, float64, 0 to 1; all have shape (n_tested,), in the same order. `figures` are those of evaluate, and
    `auc_interval` is the 95 % interval of the AUC. `refused` counts the other customers of the test part. `copies`
    counts the tested customers that equal a customer of the training rows in every field.
    """

    rows: np.ndarray
    y: np.ndarray
    probabilities: np.ndarray
    figures: dict[str, float]
    auc_interval: Interval
    refused: Refused
    copies: int


@dataclass(frozen=True)
class InPlace:
    """The model that the new one would replace, compared with the new one on the test customers.

    `threshold`, 0 to 1, is its own, and `changes` are the changes of the contract that its clients would notice. A
    model that can't be served is not compared; it has no `version`, threshold or changes.
    """

    comparison: Comparison | NotCompared
    version: str | None = None
    threshold: float | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Findings:
    """All findings of a training.

    `in_place` is None where there is no model yet. `campaign` is the campaign that the model is for, if any, and
    `output` the file to write the model to. `event` is a verb for what the customers do; None means leaving.
    `telling` are the fields that nearly predict the target alone.
    """

    split: Split
    fit: Fit
    tested: Tested
    in_place: InPlace | None
    campaign: Campaign | None
    output: Path
    event: str | None = None
    telling: tuple[TellingField, ...] = ()

    @property
    def model_name(self) -> str:
        """The name of the file to write the model to."""
        return self.output.name

    @property
    def threshold(self) -> float:
        """The churn probability, 0 to 1, from which a customer counts as leaving: the campaign's, if there is one."""
        return self.campaign.threshold if self.campaign else DEFAULT_THRESHOLD

    @property
    def thresholds(self) -> list[float]:
        """The thresholds that the report shows: the usual one, and the campaign's."""
        return [DEFAULT_THRESHOLD] + ([self.campaign.threshold] if self.campaign else [])
