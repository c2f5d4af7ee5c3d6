"""How a model does on each part of a later time than it was fitted on: whether it ages.

Takes the test customers from old to new, gives figures; draws nothing, fits nothing.
"""

from typing import NamedTuple

import numpy as np

from churn.training.evaluation import FEWEST, Gap, Interval, auc, auc_interval, calibration_gap
from churn.training.findings import Findings

MOST_PERIODS = 5
"""Periods that the test part is cut into, of nearly as many customers each."""
FEWEST_CUSTOMERS = 50
"""Customers of a period, on average: fewer say nothing."""


class Period(NamedTuple):
    """The figures of the test customers from the time `first` to the time `last`, both in words.

    `auc` and its interval are None where fewer than ten are of one class.
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
    """What a fold holds out, from the time `first` to `last`, with the AUC of the model of what is older."""

    first: str
    last: str
    fitted_on: int
    customers: int
    auc: float


def find_periods(findings: Findings) -> list[Period]:
    """The test part in periods, the oldest first; none where the table is not ordered in time.

    Customers of one time are never in two periods.
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
    """What each fold holds out, the oldest first; none where the table is not ordered in time."""
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
