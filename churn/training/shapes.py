"""The columns with which each field takes its shape: a number's trend and the ramps of its curve, categories, flags.

Owns the knots, and the groups of columns that share one strength of smoothness. `smoothness` learns the strengths;
`screening` has the columns of pairs of fields.

A ramp is 0 up to a knot and 1 from the next knot on. Its weight is the step of the curve from knot to knot. So a
penalty on the squared weights keeps neighbouring values of the curve together, whatever the number's unit: the
first-order difference penalty of Eilers and Marx, "Flexible smoothing with B-splines and penalties" (Statistical
Science 11, 1996), on a curve of straight pieces.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from churn.model.columns import Both, Column, IsBlank, Itself, OneCategory, Ramp, Within
from churn.model.contract import Contract
from churn.model.fields import Category, Flag, Number
from churn.training.size import MOST_SHAPE_COLUMNS

KNOTS = (32, 16, 8, 4)
"""The numbers of knots to try for a number's curve: the first one that does not make too many columns is used."""
FEWEST_BLANKS = 20
"""A number that is blank in at least this many rows gets a separate weight for a blank."""

_NARROWEST = 1e-290  # distance of two knots, so that a double can hold the slope between them
_TRENDS, _FLAGS = "trends", "flags"


@dataclass(frozen=True)
class Shapes:
    """The columns of a model, and for each the name of the group with which it shares its strength of smoothness."""

    columns: tuple[Column, ...] = ()
    groups: tuple[str, ...] = ()

    def with_pair(self, columns: Sequence[Both], group: str) -> "Shapes":
        """These columns and those of another pair of fields."""
        return Shapes((*self.columns, *columns), (*self.groups, *(group for _ in columns)))


def learn_shapes(customers: pd.DataFrame, contract: Contract) -> Shapes | None:
    """The columns with which each field of the contract takes its shape; None if they would be too many.

    The knots are learned from these customers (read_table's columns).
    """
    for most in KNOTS:
        found = [named for field in contract.fields for named in _list_columns(customers, field, most)]
        if len(found) <= MOST_SHAPE_COLUMNS:
            return Shapes(tuple(column for column, _ in found), tuple(group for _, group in found))
    return None


def list_plain_columns(contract: Contract) -> Shapes:
    """The plain columns: categories, flags, numbers, and the logarithms of numbers that are never negative."""
    found: list[tuple[Column, str]] = []
    for field in contract.fields:
        if isinstance(field, Category):
            found += [(OneCategory(field.name, category), f"category {field.name}") for category in field.categories]
        elif isinstance(field, Flag):
            found.append((Itself(field.name), _FLAGS))
        else:
            both = (False, True) if field.non_negative else (False,)
            found += [(Itself(field.name, logarithm=logarithm), _TRENDS) for logarithm in both]
    return Shapes(tuple(column for column, _ in found), tuple(group for _, group in found))


def place_knots(numbers: np.ndarray, most: int) -> np.ndarray:
    """At most `most` of the distinct numbers, ascending: the frequent ones, and quantiles of the others.

    A number is frequent if at least 1 / `most` of the rows have it. The least and the greatest of the other numbers
    are always included, so the result has `most` + 1 numbers if `most` - 1 are frequent. `numbers` must not be empty
    or have NaN.

    >>> place_knots(np.array([0.0] * 90 + [*range(1, 11)]), 4).tolist()
    [0.0, 1.0, 5.0, 10.0]
    """
    values, counts = np.unique(numbers, return_counts=True)
    if len(values) > most:
        is_frequent = counts >= len(numbers) / most
        others = np.repeat(values[~is_frequent], counts[~is_frequent])
        shares = np.linspace(0, 1, max(most - int(is_frequent.sum()), 2))
        values = np.union1d(values[is_frequent], np.quantile(others, shares, method="inverted_cdf"))
    return values + 0.0  # no -0.0, which has another name


def _list_columns(
    customers: pd.DataFrame, field: Category | Flag | Number, most_knots: int
) -> Iterator[tuple[Column, str]]:
    """The columns of a field, each with its group."""
    if isinstance(field, Category):
        for category in field.categories:
            yield OneCategory(field.name, category), f"category {field.name}"
        return
    if isinstance(field, Flag):
        yield Itself(field.name), _FLAGS
        return
    numbers: np.ndarray = customers[field.name].to_numpy(dtype=np.float64)
    known = numbers[~np.isnan(numbers)]
    if field.blank and not field.blank.where and len(numbers) - len(known) >= FEWEST_BLANKS:
        yield IsBlank(field.name, field.blank.value), _FLAGS
    if not len(known):
        known = np.array([field.minimum, field.maximum], dtype=np.float64)
    knots = place_knots(known, most_knots)
    low, high = float(knots[0]), float(knots[-1])
    yield Within(field.name, low, high), _TRENDS
    if field.non_negative:
        yield Within(field.name, low, high, logarithm=True), _TRENDS
    if len(knots) > 2:
        with np.errstate(over="ignore"):  # the distance of two numbers may overflow
            apart = [low, *knots[1:][np.diff(knots) > _NARROWEST].tolist()]
        for start, end in pairwise(apart):
            yield Ramp(field.name, start, end), f"curve {field.name}"
