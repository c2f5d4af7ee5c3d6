"""How good probabilities are: the figures that training prints and the card keeps. Fits nothing, reads no file."""

import numpy as np
from sklearn.metrics import brier_score_loss, log_loss, roc_auc_score


def auc(y: np.ndarray, probabilities: np.ndarray) -> float:
    """The area under the ROC curve, 0 to 1: the chance that a random leaver is ranked above a random stayer.

    `y` is 0/1 and `probabilities` 0 to 1, both of shape (n_customers,); both classes must be there.

    >>> auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8]))
    0.75
    """
    return float(roc_auc_score(y, probabilities))


def evaluate(y: np.ndarray, probabilities: np.ndarray) -> dict[str, float]:
    """AUC, log loss (nats) and Brier score of churn probabilities; arguments as for `auc`."""
    return {
        "auc": auc(y, probabilities),
        "log_loss": float(log_loss(y, probabilities, labels=[0, 1])),
        "brier": float(brier_score_loss(y, probabilities)),
    }
