"""Which two fields tell more together than each alone: pairs of fields, found in what a model leaves unexplained.

Owns the steps that a field has in a pair, and the choice of pairs. Fits nothing.
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
"""At so many numbers at most a field is cut."""
MOST_CATEGORIES = 8
"""So many at most are told apart, the most frequent ones; the others are one."""
FEWEST_ROWS = 30
"""Categories in fewer rows are among the others."""
CLEAR = 2.5
"""A pair is taken whose gain is so many standard deviations above what chance gives it."""
NEARLY = 0.95
"""A field nearly copies another one where each tells the other's steps with so much less error."""

_SHRINKAGE = 5.0  # what is added to the curvature of a cell: few rows tell little


class Steps(NamedTuple):
    """A field's part in pairs: `codes` number its customers' values, from 0, int64 of shape (n_customers,).

    `conditions` are those whose products are a pair's columns, and `size` is how many numbers there are.
    """

    field: str
    codes: np.ndarray
    conditions: tuple[Condition, ...]
    size: int


class ScreenedPair(NamedTuple):
    """Two fields, and how many standard deviations above chance the gain of their cells is."""

    first: str
    second: str
    z: float


def find_steps(customers: pd.DataFrame, contract: Contract) -> dict[str, Steps]:
    """The steps of each field that can be in a pair, learned from these customers (read_table's columns)."""
    spelled = spell_as_known(customers, contract)
    found = (_find_steps(spelled, field) for field in contract.fields if can_name_condition(field.name))
    return {steps.field: steps for steps in found if steps.size > 1}


def pair_columns(first: Steps, second: Steps) -> list[Both]:
    """The columns of a pair: all products of the steps of its two fields."""
    return [Both(one, other) for one in first.conditions for other in second.conditions]


def screen_pairs(
    steps: Mapping[str, Steps],
    residuals: np.ndarray,
    curvatures: np.ndarray,
    *,
    most: int,
    known: Sequence[ScreenedPair] = (),
) -> list[ScreenedPair]:
    """The clearest pairs, the clearest first, at most so many, and none of those that are known.

    A pair whose fields nearly copy those of a clearer or a known one would only divide its weights, and so is left
    out; so is a pair of a field and its near-copy, which are one field. All pairs are of the fields of `steps`.

    `residuals` are labels less probabilities, `curvatures` p (1 - p), both of shape (n_customers,). What a cell of
    two fields' values gains is a score test's: its summed residuals squared, by its summed curvature, once what the
    rows and columns of its table can take alone is out (Rao, 1948). Where there is no pair, the sum over the cells is
    about a chi-squared, whose mean is its degrees of freedom and whose variance is twice that. A cell of few rows is
    shrunk, and counts for less of a degree.
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
    """True where the steps of two fields, of the same customers, nearly determine each other.

    Each has to leave at most 1 - NEARLY of the errors with which the other is guessed without it: the lambda of
    Goodman and Kruskal, "Measures of association for cross classifications" (1954), both ways.
    """
    cells = np.bincount(first.codes * second.size + second.codes, minlength=first.size * second.size)
    table = cells.reshape(first.size, second.size)
    return _find_lambda(table) >= NEARLY and _find_lambda(table.T) >= NEARLY


def _find_lambda(table: np.ndarray) -> float:
    """Which part of the errors in guessing a row's column its row saves, 0 to 1; 0 where there are none."""
    right, errors = table.sum(axis=0).max(), table.sum() - table.sum(axis=0).max()
    return float((table.max(axis=1).sum() - right) / errors) if errors else 0.0


def _is_repeated(pair: ScreenedPair, other: ScreenedPair, steps: Mapping[str, Steps]) -> bool:
    """True where each field of a pair is one of the other's, or nearly copies it."""

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
    """At most MOST_CUTS numbers to cut at: all but the least one of a few, else frequent ones and inner quantiles.

    The highest number is none of the latter: few rows would be beyond that cut.
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
    """How many standard deviations above chance the gain of the cells of two fields is."""
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
