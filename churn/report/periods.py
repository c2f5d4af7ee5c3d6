"""The figures of a model on successive periods after the time that it was fitted on, which show whether it ages.

Takes the test customers from old to new and computes figures. Draws nothing and fits nothing.
"""

from typing import NamedTuple

import numpy as np

from churn.training.evaluation import FEWEST, Gap, Interval, auc, auc_interval, calibration_gap
from churn.training.findings import Findings

MOST_PERIODS = 5
"""The most periods that the test part is divided into, of about equally many customers each."""
FEWEST_CUSTOMERS = 50
"""The fewest customers of a period, on average; figures on fewer are too uncertain."""


class Period(NamedTuple):
    """The figures of the test customers from the time `first` to the time `last`, both in words.

    `auc` and `interval` are None if a class has fewer than ten customers.
    """

    first: str
    last: str
    customers: int
    mean_probability: float
    churn_rate: float
    gap: Gap
    auc: float | None
    interval: Interval | None


class HeldOut(NamedTuple):
    """The rows that a fold holds out, from the time `first` to `last`, and the AUC of a model of all older rows."""

    first: str
    last: str
    fitted_on: int
    customers: int
    auc: float


def find_periods(findings: Findings) -> list[Period]:
    """The test part in periods, the oldest first; empty if the table is not ordered in time.

    Customers with the same time are never in two periods.
    """
    split, tested = findings.split, findings.tested
    times = split.table.times
    if times is None:
        return []
    values = times.values[tested.rows]
    new_time = 1 + np.flatnonzero(values[1:] != values[:-1])
    count = max(1, min(MOST_PERIODS, len(values) // FEWEST_CUSTOMERS))
    wanted = [len(values) * part // count for part in range(1, count)]
    cuts = sorted({int(new_time[np.abs(new_time - cut).argmin()]) for cut in wanted if len(new_time)})
    periods = []
    for rows in np.split(np.arange(len(values)), cuts):
        y, probabilities = tested.y[rows], tested.probabilities[rows]
        ranked = min((y == 0).sum(), (y == 1).sum()) >= FEWEST
        period = Period(
            times.show(values[rows[0]]),
            times.show(values[rows[-1]]),
            customers=len(rows),
            mean_probability=float(probabilities.mean()),
            churn_rate=float(y.mean()),
            gap=calibration_gap(y, probabilities, fitted_on=len(split.train)),
            auc=auc(y, probabilities) if ranked else None,
            interval=auc_interval(y, probabilities) if ranked else None,
        )
        periods.append(period)
    return periods


def find_held_out(findings: Findings) -> list[HeldOut]:
    """The held-out rows of each fold, the oldest first; empty if the table is not ordered in time."""
    split = findings.split
    times = split.table.times
    if times is None:
        return []
    values = times.values[split.train]
    return [
        HeldOut(
            times.show(values[fold.held_out[0]]),
            times.show(values[fold.held_out[-1]]),
            len(fold.fitted_on),
            len(fold.held_out),
            fold_auc,
        )
        for fold, fold_auc in zip(split.folds, findings.fit.folds, strict=True)
    ]
