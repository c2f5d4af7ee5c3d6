"""Where a model comes from, in words: the facts of its card, and nothing beyond them.

A card's `table`, `training` and `figures` are whatever the training wrote. A fact whose figure is missing or is not a
number is left out.
"""

import math
import statistics
from dataclasses import dataclass
from typing import Any

from churn.model.card import Card
from churn.model.event import words_for
from churn.model.file import Model
from churn.model.positive_class import needs_no_setting, show_label
from churn.model.scoring import probability


@dataclass(frozen=True)
class Fact:
    """One fact about a model: a label, a figure, and the meaning of the figure."""

    label: str
    figure: str
    meaning: str = ""


@dataclass(frozen=True)
class Mark:
    """A probability to compare a customer's risk with, 0 to 1; `kind` is "average" or "rate"."""

    kind: str
    label: str
    probability: float
    meaning: str

    @property
    def figure(self) -> str:
        """The probability in percent."""
        return f"{self.probability * 100:.1f}"


def list_marks(model: Model) -> tuple[Mark, ...]:
    """The risk of the average customer, and the churn rate of the training table.

    Each only if the card has it; empty without a card.
    """
    if model.card is None:
        return ()
    words, marks = words_for(model.card.event), []
    if model.explainer.against_average:
        average = probability(model.explainer.baseline)
        marks.append(Mark("average", "Average customer", average, "with the average of every field"))
    if (rate := _number(model.card.table.get("churn_rate"))) is not None and 0 <= rate <= 1:
        marks.append(Mark("rate", words.rate_heading, rate, "of all customers in the training table"))
    return tuple(marks)


def describe_provenance(model: Model) -> tuple[Fact, ...]:
    """The facts of a model's card, and its version; for a file without a card, the version.

    If the classes themselves don't show which of them is the positive one, that is a fact, too.
    """
    version = Fact("Version", model.version, f"the start of the SHA-256 of {model.path.name}")
    leaver = () if needs_no_setting(model.classes) else (_describe_leaver(model),)
    if model.card is None:
        return (*leaver, version)
    describers = (_describe_rows, _describe_churn_rate, _describe_auc, _describe_folds)
    facts = [describe(model.card) for describe in (*describers, _describe_date, _describe_library)]
    return (*(fact for fact in facts if fact), *leaver, version)


def _describe_leaver(model: Model) -> Fact:
    stays, leaves = map(show_label, model.classes)
    words = words_for(model.card.event if model.card else None)
    return Fact(words.who_heading, leaves, f"the class whose {words.risk} is given; the other one is {stays}")


def _describe_rows(card: Card) -> Fact | None:
    rows = _number(card.table.get("rows"))
    of_all = f"of the {rows:,.0f} in its table" if rows is not None else "in its table"
    for member, label in (("trained_on", "Learned from"), ("adopted_on", "Adopted with")):
        if (count := _number(card.table.get(member))) is not None:
            return Fact(label, f"{count:,.0f} customers", of_all)
    return Fact("Customers", f"{rows:,.0f}", "in its table") if rows is not None else None


def _describe_churn_rate(card: Card) -> Fact | None:
    rate = _number(card.table.get("churn_rate"))
    words = words_for(card.event)
    return (
        Fact(words.rate_heading, f"{rate:.1%}".replace("%", " %"), "of all customers in its table") if rate else None
    )


def _describe_auc(card: Card) -> Fact | None:
    auc, adopted_on = _number(card.figures.get("auc")), _number(card.figures.get("adopted_on"))
    if auc is None:
        return None
    count = adopted_on if adopted_on is not None else _number(card.figures.get("tested_on"))
    on = f"on {count:,.0f} customers" if count is not None else "on customers"
    seen = "that it may have been trained on" if adopted_on is not None else "it never saw"
    words = words_for(card.event)
    pairs = f"{on} {seen}: of {words.pair}, it ranks {words.higher} higher"
    return Fact("AUC", f"{auc:.3f}", f"{pairs} {auc * 100:.0f} times in 100")


def _describe_folds(card: Card) -> Fact | None:
    folds = card.figures.get("folds")
    if not isinstance(folds, list) or not folds or any(_number(auc) is None for auc in folds):
        return None
    figure = f"{statistics.fmean(folds):.3f} \u00b1 {statistics.pstdev(folds):.3f}"
    return Fact("AUC, cross-validated", figure, f"mean and spread over {len(folds)} folds")


def _describe_date(card: Card) -> Fact | None:
    date = card.table.get("date")
    return Fact("Data of", str(date)) if isinstance(date, str | int) and date else None


def _describe_library(card: Card) -> Fact | None:
    library = card.training.get("scikit-learn")
    return Fact("Trained with", f"scikit-learn {library}", "logistic regression") if library else None


def _number(value: Any) -> float | None:
    """The value if it is a finite number, else None."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)
