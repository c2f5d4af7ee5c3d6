"""What a training has found, in four parts: the split, the fit, the test, and what stands in the model's place.

Values for whoever judges or reports a training. Measures nothing, words nothing.
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

    `contract` is learned from these rows, `dv` numbers its columns. `folds` are the AUCs, 0 to 1, of the models that
    were validated on parts of the rows, and `average` is the mean of each column over all of them, by its name;
    `shares` has the share of the rows in each cell of each pair of fields, as make_scorer orders them.
    `validations` are those of each C that was to choose from, the chosen one among them. `recipe` is what was learned
    of shapes, None for plain columns, and `ladder` the comparison that chose it.
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
        """The fields that the model weighs together, the clearest pairs first, batch by batch."""
        return tuple((pair.first, pair.second) for pair in self.recipe.pairs) if self.recipe else ()

    def describe_shapes(self) -> dict[str, object]:
        """The rung and the comparison that chose it, as the card has it: log losses are nats, means over rows.

        `compared` is missing where the rung was asked for.
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
        """What each C that was to choose from does on the folds, as the card has it: means over these."""
        return [
            {"C": tried.C, "log_loss": tried.log_loss, "auc": float(np.mean(tried.aucs))}
            for tried in self.validations
        ]


@dataclass(frozen=True)
class Tested:
    """The final model on the customers of the test part that its contract takes.

    `rows` are their positions in the table and `y` their labels (1 left), both int64; `probabilities` are what the
    model says of them, float64, 0 to 1; all of shape (n_tested,), in one order. `figures` are evaluate's, and
    `auc_interval` says where the AUC lies, chance considered. `refused` are the other customers of the test part, and
    `copies` counts the tested ones that have in every field what a customer has that was fitted on.
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
    """The model that stands where the new one is to go, compared with it on the test customers.

    `threshold`, 0 to 1, is the one that it has, and `changes` are what its clients would notice of the new contract.
    Of a model that can't be served, and so is not compared, neither is known, nor its `version`.
    """

    comparison: Comparison | NotCompared
    version: str | None = None
    threshold: float | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Findings:
    """All that a training has found.

    `in_place` is None where there is no model yet. `campaign` is the one that the model is for, if any, and `output`
    the file that it is to be written to. `event` is what the customers do, a verb; None is for leaving. `telling` are
    the fields that tell nearly alone what happens.
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
        """The name of the file that the model is to be written to."""
        return self.output.name

    @property
    def threshold(self) -> float:
        """The churn probability, 0 to 1, from which a customer counts as leaving: the campaign's, if there is one."""
        return self.campaign.threshold if self.campaign else DEFAULT_THRESHOLD

    @property
    def thresholds(self) -> list[float]:
        """The thresholds to look at: the usual one, and the campaign's."""
        return [DEFAULT_THRESHOLD] + ([self.campaign.threshold] if self.campaign else [])
