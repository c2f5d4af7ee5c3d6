"""Finds pairs of fields that predict more together than each alone, in the residuals of a model.

Owns the steps of a field in a pair, and the choice of pairs. Fits nothing.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.model.columns import AtLeast, Both, Condition, Equals, can_name_condition
from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag
from churn.training.categories import spell_as_known
from churn.training.matrix import read_numbers
from churn.training.shapes import place_knots

MOST_CUTS = 12
"""The most cuts of a number field."""
MOST_CATEGORIES = 8
"""The most categories with a step of their own, the most frequent ones; the others share one step."""
FEWEST_ROWS = 30
"""Categories with fewer rows are among the others."""
CLEAR = 2.5
"""A pair is chosen if its gain is more than this many standard deviations above chance."""
NEARLY = 0.95
"""Two fields nearly copy each other if each removes at least this share of the errors in predicting the other."""

_SHRINKAGE = 5.0  # added to the curvature of a cell, so that cells with few rows count for less


class Steps(NamedTuple):
    """The steps of a field in pairs: `codes` are the step of each customer, from 0, int64 of shape (n_customers,).

    The columns of a pair are products of the `conditions` of its fields. `size` is the number of steps.
    """

    field: str
    codes: np.ndarray
    conditions: tuple[Condition, ...]
    size: int


class ScreenedPair(NamedTuple):
    """Two fields, and the gain of their cells in standard deviations above chance, `z`."""

    first: str
    second: str
    z: float


def find_steps(customers: pd.DataFrame, contract: Contract) -> dict[str, Steps]:
    """The steps of each field that can be in a pair, learned from these customers (read_table's columns)."""
    spelled = spell_as_known(customers, contract)
    found = (_find_steps(spelled, field) for field in contract.fields if can_name_condition(field.name))
    return {steps.field: steps for steps in found if steps.size > 1}


def pair_columns(first: Steps, second: Steps) -> list[Both]:
    """The columns of a pair: all products of the conditions of its two fields."""
    return [Both(condition, other) for condition in first.conditions for other in second.conditions]


def screen_pairs(
    steps: Mapping[str, Steps],
    residuals: np.ndarray,
    curvatures: np.ndarray,
    *,
    most: int,
    known: Sequence[ScreenedPair] = (),
) -> list[ScreenedPair]:
    """The clearest pairs, the clearest first, at most `most`, without the known ones.

    A pair whose fields nearly copy those of a clearer or a known pair would only divide its weights, and is left out.
    So is a pair of a field and its near-copy, which are in effect one field. All pairs are of the fields of `steps`.

    `residuals` are labels less probabilities, `curvatures` p (1 - p), both of shape (n_customers,). The gain of a
    cell is that of a score test (Rao, 1948): its summed residuals squared, divided by its summed curvature, after the
    effects of the rows and columns of its table are removed. Without an interaction, the sum over the cells is about
    chi-squared: its mean is its degrees of freedom, and its variance twice that. A cell with few rows is shrunk, and
    counts for less than one degree.
    """
    clear = []
    for first, second in combinations(steps.values(), 2):
        z = _measure_gain(first, second, residuals, curvatures)
        if z > CLEAR:
            clear.append(ScreenedPair(first.field, second.field, z))
    found: list[ScreenedPair] = []
    for pair in sorted(clear, key=lambda pair: -pair.z):
        if len(found) == most:
            break
        if not nearly_copies(steps[pair.first], steps[pair.second]) and not any(
            _is_repeated(pair, other, steps) for other in (*known, *found)
        ):
            found.append(pair)
    return found


def nearly_copies(first: Steps, second: Steps) -> bool:
    """True if the steps of two fields, for the same customers, nearly determine each other.

    Knowing one field must remove at least NEARLY of the errors in guessing the other, in both directions: the lambda
    of Goodman and Kruskal, "Measures of association for cross classifications" (1954).
    """
    cells = np.bincount(first.codes * second.size + second.codes, minlength=first.size * second.size)
    table = cells.reshape(first.size, second.size)
    return _find_lambda(table) >= NEARLY and _find_lambda(table.T) >= NEARLY


def _find_lambda(table: np.ndarray) -> float:
    """The share, 0 to 1, of the errors in guessing the column that knowing the row removes; 0 without errors."""
    right, errors = table.sum(axis=0).max(), table.sum() - table.sum(axis=0).max()
    return float((table.max(axis=1).sum() - right) / errors) if errors else 0.0


def _is_repeated(pair: ScreenedPair, other: ScreenedPair, steps: Mapping[str, Steps]) -> bool:
    """True if each field of a pair is a field of the other pair, or nearly copies one."""

    def are_one(first: str, second: str) -> bool:
        return first == second or nearly_copies(steps[first], steps[second])

    return (are_one(pair.first, other.first) and are_one(pair.second, other.second)) or (
        are_one(pair.first, other.second) and are_one(pair.second, other.first)
    )


def _find_steps(customers: pd.DataFrame, field: Field) -> Steps:
    if isinstance(field, Category):
        return _find_category_steps(customers[field.name], field)
    numbers = read_numbers(customers, field)
    cuts = np.array([1.0]) if isinstance(field, Flag) else np.empty(0)
    known = numbers[customers[field.name].notna().to_numpy()]
    if not isinstance(field, Flag) and len(known):
        cuts = _place_cuts(known)
    codes = np.searchsorted(cuts, numbers, side="right")
    return Steps(field.name, codes, tuple(AtLeast(field.name, cut) for cut in cuts.tolist()), len(cuts) + 1)


def _place_cuts(numbers: np.ndarray) -> np.ndarray:
    """At most MOST_CUTS numbers to cut at: all values except the least if they are few, else frequent values and
    inner quantiles.

    The highest number is not a cut unless it is frequent: few rows would be above that cut.
    """
    if len(values := np.unique(numbers)) <= MOST_CUTS + 1:
        return values[1:] + 0.0
    knots = place_knots(numbers, MOST_CUTS + 2)
    is_frequent = np.count_nonzero(numbers == knots[-1]) >= len(numbers) / (MOST_CUTS + 2)
    return knots[1:][-MOST_CUTS:] if is_frequent else knots[1:-1][:MOST_CUTS]


def _find_category_steps(values: pd.Series, field: Category) -> Steps:
    counts = values.value_counts()
    by_rows = sorted(field.categories, key=lambda category: (-counts.get(category, 0), category))
    may_be = [category for category in by_rows if counts.get(category, 0) >= FEWEST_ROWS]
    named = sorted([category for category in may_be if can_name_condition(field.name, category)][:MOST_CATEGORIES])
    categories: list[str | None] = [*named, *([None] if len(named) < len(field.categories) else [])]
    codes = pd.Index(named).get_indexer(pd.Index(values))
    codes[codes < 0] = len(named)
    conditions = [
        Equals(field.name, category) for category in (categories[:1] if len(categories) == 2 else categories)
    ]
    return Steps(field.name, codes.astype(np.int64), tuple(conditions), len(categories))


def _measure_gain(first: Steps, second: Steps, residuals: np.ndarray, curvatures: np.ndarray) -> float:
    """The gain of the cells of two fields, in standard deviations above chance."""
    cells, count = first.codes * second.size + second.codes, first.size * second.size
    gains, weights = (
        np.bincount(cells, of_rows, count).reshape(first.size, second.size) for of_rows in (residuals, curvatures)
    )
    for axis in (1, 0, 1, 0):
        totals = np.maximum(weights.sum(axis=axis, keepdims=True), 1e-9)
        gains = gains - weights * gains.sum(axis=axis, keepdims=True) / totals
    shrunk = weights / (weights + _SHRINKAGE)
    rows, columns = shrunk.sum(axis=1), shrunk.sum(axis=0)
    freedom = shrunk.sum() - shrunk[rows.argmax()].sum() - shrunk[:, columns.argmax()].sum() + shrunk.max()
    freedom = max(float(freedom), 0.5)
    return float(((gains**2 / (weights + _SHRINKAGE)).sum() - freedom) / np.sqrt(2 * freedom))
