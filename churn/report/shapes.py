"""The curve of each number in a model, over the customers that it was fitted on, for a plot and a table.

Computes figures; draws nothing. All log-odds are relative to the average customer's.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Number
from churn.model.number_part import NumberPart
from churn.report.own_parts import Outline, OwnParts, known_numbers, outline_known, weigh_numbers

BINS = 30
"""The number of bins of the customers below a curve; they are equally wide on its axis."""
_POINTS = 80  # of a curve, in addition to its bends
_CROWDED = 0.25  # of the range: if 90 % of the customers are within less of it, the axis is not even


class Scale(NamedTuple):
    """The scale of a number's axis: linear if `even` is None; else arcsinh(number / even), which is about linear up
    to `even` in absolute value and logarithmic beyond.
    """

    even: float | None = None

    def place(self, numbers: np.ndarray) -> np.ndarray:
        """The positions of these numbers on the axis."""
        return numbers if self.even is None else np.arcsinh(numbers / self.even)

    def divide(self, low: float, high: float, parts: int) -> np.ndarray:
        """The numbers from `low` to `high` that cut this piece of the axis into equal parts, shape (parts + 1,)."""
        start, end = self.place(np.array([low, high])).tolist()
        places = np.linspace(start, end, parts + 1)
        numbers: np.ndarray = places if self.even is None else np.sinh(places) * self.even
        numbers[0], numbers[-1] = low, high
        return numbers


class At(NamedTuple):
    """The log-odds that a number adds at a knot, or for a blank, and the customers from there up to the next knot."""

    value: float | None
    log_odds: float
    customers: int


class Shape(NamedTuple):
    """A number's curve: its points, and the number of customers in each of BINS bins, between `edges`.

    `knots` are the points of the table; a blank with a separate weight is the last one, with the value None.
    `spread` is the standard deviation of the log-odds over the customers.
    """

    field: str
    scale: Scale
    outline: Outline
    edges: np.ndarray
    counts: np.ndarray
    knots: tuple[At, ...]
    spread: float

    @property
    def blank(self) -> At | None:
        """The knot of a blank, if the model has a separate weight for it."""
        return self.knots[-1] if self.knots[-1].value is None else None


def find_shapes(customers: pd.DataFrame, contract: Contract, parts: OwnParts) -> list[Shape]:
    """The curves of a model, the largest spread over the customers first."""
    shapes = [
        _find_shape(field, parts.numbers[field.name], known_numbers(customers, field))
        for field in contract.numbers
        if field.name in parts.shaped
    ]
    return sorted(shapes, key=lambda shape: -shape.spread)


def _find_shape(field: Number, part: NumberPart, numbers: np.ndarray) -> Shape:
    known, log_odds = numbers[~np.isnan(numbers)], weigh_numbers(part, numbers)
    average, low, high = float(log_odds.mean()), float(known.min()), float(known.max())
    scale = _choose_scale(known)
    outline = outline_known(part, known, between=scale.divide(low, high, _POINTS).tolist())
    edges = scale.divide(low, high, BINS)
    counts, _ = np.histogram(known, edges)
    at = np.array(part.curve.knots)
    knots = zip(at.tolist(), (weigh_numbers(part, at) - average).tolist(), _count_from(known, at), strict=True)
    rows = [At(*knot) for knot in knots]
    if part.blank is not None:
        rows.append(At(None, part.blank - average, len(numbers) - len(known)))
    centred = outline._replace(log_odds=outline.log_odds - average)
    return Shape(field.name, scale, centred, edges, counts, tuple(rows), float(log_odds.std()))


def _choose_scale(known: np.ndarray) -> Scale:
    """A linear axis, unless most of the customers would be on a small piece of it."""
    low, high = np.quantile(known, [0.05, 0.95])
    if high - low >= _CROWDED * (known.max() - known.min()):
        return Scale()
    return Scale(float(np.median(np.abs(known[known != 0]))))


def _count_from(known: np.ndarray, knots: np.ndarray) -> list[int]:
    """The number of rows in each interval between knots; rows below the first knot count for the first interval."""
    places = np.maximum(np.searchsorted(knots, known, "right") - 1, 0)
    counts: list[int] = np.bincount(places, minlength=len(knots)).tolist()
    return counts
