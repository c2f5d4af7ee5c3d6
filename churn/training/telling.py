"""Detects fields that nearly predict the target alone, as a field that is recorded only afterwards does.

Measures each field by itself, and the probability that chance alone makes it look so; `verdict` judges it. A
`cancel_reason` that only customers who have left can have makes a model nearly perfect on the table and useless for
customers who are still there.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from scipy.stats import hypergeom, mannwhitneyu
from sklearn.model_selection import StratifiedKFold

from churn.model.contract import Contract
from churn.model.fields import Category, Field
from churn.training.evaluation import FEWEST

NEARLY_ALONE = 0.97
"""A field whose own AUC is above this ranks customers nearly alone."""
FALSE_ALARM = 0.01
"""The probability that some field is reported in a table whose fields have no relation to the target."""
FOLDS = 5
"""The number of folds: a category's churn rate is computed from the customers in the other folds."""


@dataclass(frozen=True)
class TellingField:
    """A field that nearly predicts the target alone.

    It does so either by its `auc`, 0.5 to 1, on this `part` of the table, or because it is filled for one class only:
    in `filled` rows, all of this `label` (0 or 1). If `usual`, its most frequent value, is given, these are the rows
    with another value.
    """

    field: str
    auc: float | None = None
    part: Literal["training", "test"] | None = None
    filled: int = 0
    label: int | None = None
    usual: str | None = None


def find_telling(
    customers: pd.DataFrame, y: np.ndarray, contract: Contract, *, train: np.ndarray, test: np.ndarray
) -> tuple[TellingField, ...]:
    """The fields of a table that nearly predict the target alone; first those that are filled for one class only.

    `y` is 0/1, shape (n_customers,); `train` and `test` are positions of rows. A field is reported only if chance
    does not explain it: the probability of a false alarm over all fields is at most FALSE_ALARM, by Bonferroni's
    correction.
    """
    chance = FALSE_ALARM / (6 * len(contract.fields))  # filled, or unusual, for either class; ranking in either part
    found = [_find_filled(customers[field.name], field.name, y, chance) for field in contract.fields]
    found += [_find_ranking(customers[field.name], field, y, chance, train, test) for field in contract.fields]
    found += [_find_unusual(customers[field.name], field.name, y, chance) for field in contract.fields]
    telling: dict[str, TellingField] = {}
    for field in found:
        if field:
            telling.setdefault(field.field, field)
    return tuple(telling.values())


def _find_filled(column: pd.Series, name: str, y: np.ndarray, chance: float) -> TellingField | None:
    """The field, if all of its filled cells are of one class and an exact test excludes chance; else None.

    If the filled cells were drawn at random, the number of one class among them would be hypergeometric.
    """
    filled = _is_filled(column)
    label = _find_only_class(filled, y, chance)
    return None if label is None else TellingField(name, filled=int(filled.sum()), label=label)


def _find_unusual(column: pd.Series, name: str, y: np.ndarray, chance: float) -> TellingField | None:
    """The field, if all cells that are neither blank nor its most frequent value are of one class; else None.

    A flag that is set for customers who have left is 0 or "no" for the others, not blank.
    """
    filled = _is_filled(column)
    if not filled.any():
        return None
    usual = column[filled].value_counts().index[0]
    unusual = filled & (column != usual).to_numpy()
    label = _find_only_class(unusual, y, chance)
    if label is None:
        return None
    spelled = usual if isinstance(usual, str) else f"{usual:.15g}"
    return TellingField(name, filled=int(unusual.sum()), label=label, usual=spelled)


def _is_filled(column: pd.Series) -> np.ndarray:
    filled: np.ndarray = (column.notna() & (column != "")).to_numpy()
    return filled


def _find_only_class(rows: np.ndarray, y: np.ndarray, chance: float) -> int | None:
    """The class of these rows (bool, shape (n_customers,)) if they have only one, beyond chance; else None."""
    count = int(rows.sum())
    if not 0 < count < len(y) or len(np.unique(y[rows])) > 1:
        return None
    label = int(y[rows][0])
    of_class = int((y == label).sum())
    return label if hypergeom.pmf(count, len(y), of_class, count) <= chance else None


def _find_ranking(
    column: pd.Series, field: Field, y: np.ndarray, chance: float, train: np.ndarray, test: np.ndarray
) -> TellingField | None:
    for part, rows, scores in _score_parts(column, field, y, train, test):
        own_auc, p_value = rank_alone(y[rows], scores, either_way=not isinstance(field, Category))
        if own_auc > NEARLY_ALONE and p_value <= chance:
            return TellingField(field.name, own_auc, part)
    return None


def _score_parts(
    column: pd.Series, field: Field, y: np.ndarray, train: np.ndarray, test: np.ndarray
) -> Iterator[tuple[Literal["training", "test"], np.ndarray, np.ndarray]]:
    """Each part that has enough customers of both classes, with its rows and the field's own scores for them."""
    parts: list[tuple[Literal["training", "test"], np.ndarray]] = [("training", train), ("test", test)]
    for part, rows in parts:
        if min((y[rows] == 0).sum(), (y[rows] == 1).sum()) < FEWEST:
            continue
        if not isinstance(field, Category):
            yield part, rows, column.iloc[rows].fillna(column.iloc[train].median()).to_numpy(dtype=np.float64)
        elif part == "training":
            yield part, rows, rates_out_of_sample(column.iloc[rows], y[rows])
        else:
            yield part, rows, _rates(column.iloc[train], y[train], column.iloc[rows])


def rank_alone(y: np.ndarray, scores: np.ndarray, *, either_way: bool) -> tuple[float, float]:
    """The AUC of a field's scores, and the p-value of Mann and Whitney's test, with ties.

    `either_way` uses the direction that ranks better, with the two-sided p-value.
    """
    if scores.min() == scores.max():
        return 0.5, 1.0
    leavers, stayers = scores[y == 1], scores[y == 0]
    test = mannwhitneyu(leavers, stayers, alternative="two-sided" if either_way else "greater", method="asymptotic")
    own_auc = float(test.statistic) / (len(leavers) * len(stayers))
    return max(own_auc, 1 - own_auc) if either_way else own_auc, float(test.pvalue)


def rates_out_of_sample(column: pd.Series, y: np.ndarray) -> np.ndarray:
    """The churn rate of each customer's category in the other folds: float64, shape (n_customers,).

    With the customers' own labels, a field with a category for each customer would rank perfectly.
    """
    rates = np.empty(len(y))
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=1)
    for others, held_out in folds.split(np.empty(len(y)), y):
        rates[held_out] = _rates(column.iloc[others], y[others], column.iloc[held_out])
    return rates


def _rates(known: pd.Series, y: np.ndarray, asked: pd.Series) -> np.ndarray:
    """The churn rates of the asked categories among the known customers, shrunk towards the overall rate by the
    weight of one customer.
    """
    codes, categories = pd.factorize(known)
    overall = y.mean()
    rates = (np.bincount(codes, weights=y) + overall) / (np.bincount(codes) + 1)
    positions = pd.Index(categories).get_indexer(pd.Index(asked))
    asked_rates: np.ndarray = np.where(positions < 0, overall, rates[positions])
    return asked_rates
