"""The curves and tables of a report for probabilities on customers that the model was not fitted on.

Computes figures from labels and probabilities. Draws nothing, fits nothing, reads no file. Everywhere `y` is 0/1
(1 left) and `probabilities` 0 to 1, both of shape (n_customers,); both classes must occur unless stated otherwise.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest
from sklearn.calibration import calibration_curve
from sklearn.metrics import confusion_matrix, precision_recall_curve, roc_curve

from churn.model.contract import Contract
from churn.model.fields import Category, Flag
from churn.training.evaluation import FEWEST, Gap, Interval, auc, auc_interval, calibration_gap

BINS = 10
"""The number of bins of the calibration; they have equal width."""
DECILES = 10
_MOST_POINTS = 400  # of a curve: a screen shows no more
_SUBGROUP_NAMES = ("gender", "sex", "seniorcitizen", "senior_citizen")
_MOST_SUBGROUPS = 10  # of one field
_MOST_SUBGROUP_FIELDS = 4


class Curve(NamedTuple):
    """The points of a curve from left to right, both of shape (n_points,)."""

    x: np.ndarray
    y: np.ndarray


class OperatingPoint(NamedTuple):
    """The figures of contacting all customers from a threshold on; all except the count `contacted` are 0 to 1.

    `precision` is the share of contacted customers who left (None if there are none), `recall` the share of leavers
    who are contacted, and `false_alarms` the share of stayers who are contacted.
    """

    threshold: float
    contacted: int
    precision: float | None
    recall: float
    false_alarms: float


class CalibrationBin(NamedTuple):
    """Customers with probabilities from `low` to `high`: their number, churn rate and mean probability."""

    low: float
    high: float
    customers: int
    left: int
    mean_probability: float
    churn_rate: float
    interval: Interval


class Decile(NamedTuple):
    """A tenth of the customers, number 1 the riskiest; `found` is the share of all leavers up to this tenth."""

    number: int
    customers: int
    left: int
    lowest_probability: float
    churn_rate: float
    lift: float
    found: float


class Subgroup(NamedTuple):
    """The figures of the customers with one value of a field; `auc` and `interval` are None for too small a class."""

    field: str
    value: str | float
    customers: int
    left: int
    mean_probability: float
    churn_rate: float
    gap: Gap
    auc: float | None
    interval: Interval | None


def roc(y: np.ndarray, probabilities: np.ndarray) -> Curve:
    """The share of leavers found (y) over the share of false alarms among stayers (x)."""
    false_alarms, recall, _ = roc_curve(y, probabilities)
    return _thin(false_alarms, recall)


def precision_recall(y: np.ndarray, probabilities: np.ndarray) -> Curve:
    """The share of contacted customers who left (y) over the share of leavers found (x).

    scikit-learn's last point, precision 1 without any contact, is left out: no threshold leads to it.
    """
    precision, recall, _ = precision_recall_curve(y, probabilities)
    return _thin(recall[-2::-1], precision[-2::-1])


def gains(y: np.ndarray, probabilities: np.ndarray) -> Curve:
    """The share of leavers found (y) over the share of customers contacted, the riskiest first (x)."""
    false_alarms, recall, _ = roc_curve(y, probabilities, drop_intermediate=False)
    churn_rate = float(np.mean(y))
    return _thin(recall * churn_rate + false_alarms * (1 - churn_rate), recall)


def _thin(x: np.ndarray, y: np.ndarray) -> Curve:
    kept = np.unique(np.linspace(0, len(x) - 1, _MOST_POINTS).round().astype(int))
    return Curve(x[kept], y[kept])


def operating_point(y: np.ndarray, probabilities: np.ndarray, *, threshold: float) -> OperatingPoint:
    """The figures of `threshold`, 0 to 1, for these customers."""
    predicted = (probabilities >= threshold).astype(int)
    (spared, alarmed), (missed, found) = confusion_matrix(y, predicted, labels=[0, 1]).tolist()
    contacted = alarmed + found
    precision = found / contacted if contacted else None
    return OperatingPoint(threshold, contacted, precision, found / (found + missed), alarmed / (alarmed + spared))


def calibration_bins(y: np.ndarray, probabilities: np.ndarray) -> list[CalibrationBin]:
    """Ten bins of equal width; empty ones are left out. `interval` is Wilson's, 95 %."""
    edges = np.linspace(0, 1, BINS + 1)
    numbers = np.searchsorted(edges[1:-1], probabilities)  # as in calibration_curve
    customers = np.bincount(numbers, minlength=BINS)
    left = np.bincount(numbers, weights=y, minlength=BINS).astype(int)
    taken = np.flatnonzero(customers)
    rates, means = calibration_curve(y, probabilities, n_bins=BINS)
    bins = []
    for number, rate, mean in zip(taken.tolist(), rates.tolist(), means.tolist(), strict=True):
        count, leavers = int(customers[number]), int(left[number])
        low, high = binomtest(leavers, count).proportion_ci(method="wilson")
        edge = (float(edges[number]), float(edges[number + 1]))
        bins.append(CalibrationBin(*edge, count, leavers, mean, rate, Interval(float(low), float(high))))
    return bins


def gains_by_decile(y: np.ndarray, probabilities: np.ndarray) -> list[Decile]:
    """The customers in ten parts of equal size (within one), the riskiest first; fewer parts for fewer customers.

    Customers with the same probability are in the order of their rows.
    """
    riskiest_first = np.argsort(-probabilities, kind="stable")
    overall, leavers, found = float(y.mean()), int(y.sum()), 0
    deciles = []
    for number, rows in enumerate(np.array_split(riskiest_first, min(DECILES, len(y))), start=1):
        left = int(y[rows].sum())
        found += left
        rate = left / len(rows)
        lowest = float(probabilities[rows].min())
        deciles.append(Decile(number, len(rows), left, lowest, rate, rate / overall, found / leavers))
    return deciles


def subgroup_fields(contract: Contract) -> list[str]:
    """The fields whose groups a report shows.

    They are gender and age, by their usual names; without these, the first flags and categories with two values.
    """
    few = {
        field.name: 2 if isinstance(field, Flag) else len(field.categories)
        for field in contract.fields
        if isinstance(field, Category | Flag)
    }
    named = [name for name, count in few.items() if name in _SUBGROUP_NAMES and count <= _MOST_SUBGROUPS]
    return named or [name for name, count in few.items() if count == 2][:_MOST_SUBGROUP_FIELDS]


def subgroup_figures(
    customers: pd.DataFrame,
    y: np.ndarray,
    probabilities: np.ndarray,
    *,
    fields: Sequence[str],
    fitted_on: pd.DataFrame,
) -> list[Subgroup]:
    """The figures of the group of each value of each field; `customers` has a row for each label.

    `fitted_on` are the customers that the model was fitted on.
    """
    groups = []
    for field in fields:
        column = customers[field].to_numpy()
        for value in sorted(set(column.tolist())):
            of_group = column == value
            known = int((fitted_on[field] == value).sum())
            groups.append(_subgroup(field, value, y[of_group], probabilities[of_group], known))
    return groups


def _subgroup(field: str, value: str | float, y: np.ndarray, probabilities: np.ndarray, fitted_on: int) -> Subgroup:
    ranked = min((y == 0).sum(), (y == 1).sum()) >= FEWEST
    return Subgroup(
        field,
        value,
        customers=len(y),
        left=int(y.sum()),
        mean_probability=float(probabilities.mean()),
        churn_rate=float(y.mean()),
        gap=calibration_gap(y, probabilities, fitted_on=fitted_on),
        auc=auc(y, probabilities) if ranked else None,
        interval=auc_interval(y, probabilities) if ranked else None,
    )
