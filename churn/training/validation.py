"""Validates models on folds, and chooses the penalty.

Owns the choice of C, and reports the figures of each fold as soon as they are known. Does not use the test part.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from churn.training.models import Models


class Validation(NamedTuple):
    """The AUC, 0 to 1, and the log loss, nats, of models with one `C` on the rows that each fold holds out."""

    C: float
    aucs: tuple[float, ...]
    log_losses: tuple[float, ...]

    @property
    def log_loss(self) -> float:
        """The mean over the folds."""
        return float(np.mean(self.log_losses))


def validate(models: Models, *, C: float, customers: int, progress: Callable[[str], None]) -> Validation:
    """The figures of models with this C on each fold; reports the AUC of each, then their mean and spread."""
    progress(f"validating with C={C} on {customers} customers")
    figures = []
    for number, figures_of_fold in enumerate(models.cross_validate(C)):
        progress(f"auc on fold {number} is {figures_of_fold['auc']:.3f}")
        figures.append(figures_of_fold)
    aucs, log_losses = (tuple(fold[name] for fold in figures) for name in ("auc", "log_loss"))
    progress(f"C={C} {np.mean(aucs):.3f} +- {np.std(aucs):.3f}")
    return Validation(C, aucs, log_losses)


def choose_penalty(validations: Sequence[Validation], *, progress: Callable[[str], None]) -> Validation:
    """The validation with the lowest mean log loss, of two equal ones that with the smaller C; reports why.

    The folds that choose C also measure it, so their figures are a little too good. An unbiased figure is reported,
    too: the AUC on each fold with the C that the other folds choose.
    """
    chosen = min(validations, key=lambda validation: (validation.log_loss, validation.C))
    if len(validations) > 1:
        losses = ", ".join(f"{validation.log_loss:.4f} with C={validation.C}" for validation in validations)
        progress(f"C={chosen.C} is chosen: it has the lowest mean log loss over the folds ({losses})")
        aucs = unflattered_aucs(validations)
        words = "with the C for each fold that the other folds choose, the auc is"
        progress(f"{words} {np.mean(aucs):.3f} +- {np.std(aucs):.3f}")
    return chosen


def unflattered_aucs(validations: Sequence[Validation]) -> tuple[float, ...]:
    """The AUC on each fold with the C that has the lowest mean log loss on the other folds; needs two folds."""
    losses = np.array([validation.log_losses for validation in validations])
    others = losses.sum(axis=1, keepdims=True) - losses  # the smaller C is first, and argmin takes the first of a tie
    return tuple(validations[place].aucs[fold] for fold, place in enumerate(others.argmin(axis=0).tolist()))
