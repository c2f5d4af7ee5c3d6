"""How well models do that are fitted to parts of the rows, and which penalty they choose.

Owns the choice of C, and what is reported of each fold as soon as it is known. The test part takes no part in it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from churn.training.models import Models


class Validation(NamedTuple):
    """The AUC, 0 to 1, and the log loss, nats, that models with one `C` have on what each fold holds out."""

    C: float
    aucs: tuple[float, ...]
    log_losses: tuple[float, ...]

    @property
    def log_loss(self) -> float:
        """The mean over the folds."""
        return float(np.mean(self.log_losses))


def validate(models: Models, *, C: float, customers: int, progress: Callable[[str], None]) -> Validation:
    """How models with this C do on each fold of so many customers; each is reported, then their mean and spread."""
    progress(f"validating with C={C} on {customers} customers")
    figures = []
    for number, figures_of_fold in enumerate(models.cross_validate(C)):
        progress(f"auc on fold {number} is {figures_of_fold['auc']:.3f}")
        figures.append(figures_of_fold)
    aucs, log_losses = (tuple(fold[name] for fold in figures) for name in ("auc", "log_loss"))
    progress(f"C={C} {np.mean(aucs):.3f} +- {np.std(aucs):.3f}")
    return Validation(C, aucs, log_losses)


def choose_penalty(validations: Sequence[Validation], *, progress: Callable[[str], None]) -> Validation:
    """The validation with the lowest mean log loss, of two alike the one with the smaller C; reports why.

    The choice has looked at the folds that it is made by, so their figures flatter the chosen C a little. What it
    would be without that is reported, too: the AUC on each fold with the C that the other folds choose.
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
    """The AUC on each fold of the C with the lowest mean log loss on the other folds; two folds at least."""
    losses = np.array([validation.log_losses for validation in validations])
    others = losses.sum(axis=1, keepdims=True) - losses  # smaller C first, as argmin takes the first of two alike
    return tuple(validations[place].aucs[fold] for fold, place in enumerate(others.argmin(axis=0).tolist()))
