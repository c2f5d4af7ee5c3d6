"""What a fitted model says of each field by itself, and of two fields together: the parts that reasons are made of.

A table of two fields is purified with the customers that the model was fitted on, as it is for reasons: what its rows
and columns say alone belongs to the two fields. Scores nobody, draws nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.model.contract import Contract
from churn.model.curves import Curve, Piece
from churn.model.fields import Category, Number, Value
from churn.model.interactions import Axis, Interaction
from churn.model.purified import Purified, purify
from churn.model.scoring import Scorer
from churn.training.matrix import read_numbers

MOST_VALUES = 40
"""A number with no more different values than this has a curve of these values only: nobody is between them."""


class Outline(NamedTuple):
    """The points of a curve, ascending, both of shape (n_points,): a step is there twice, before and after.

    `has_all` says that the points are all the values that there are.
    """

    x: np.ndarray
    log_odds: np.ndarray
    has_all: bool = False


class NumberPart(NamedTuple):
    """What a number does by itself: its curve, and the steps that its tables with other fields leave to it."""

    curve: Curve
    steps: tuple[tuple[Axis, tuple[float, ...]], ...] = ()
    blank: float | None = None

    def log_odds(self, numbers: np.ndarray) -> np.ndarray:
        """What these numbers add, of their shape; NaN is a blank that the model weighs by itself."""
        pieces = np.searchsorted(self.curve.knots, numbers, "right")
        start, base, slope, log_weight = np.array(self.curve.pieces).T[:, pieces]
        logarithms = np.log1p(np.where(log_weight == 0, 0.0, numbers))
        added = base + slope * (numbers - start) + log_weight * logarithms
        for axis, steps in self.steps:
            added = added + np.array(steps)[np.searchsorted(axis.cuts, numbers, "right")]
        return added if self.blank is None else np.where(np.isnan(numbers), self.blank, added)

    def outline(self, known: np.ndarray, *, between: Iterable[float] = ()) -> Outline:
        """The curve of the numbers that customers have: where it bends, steps and turns, and at points `between`.

        Of a few different numbers these are the points.
        """
        values = np.unique(known)
        if len(values) <= MOST_VALUES:
            return Outline(values, self.log_odds(values), has_all=True)
        low, high = float(values[0]), float(values[-1])
        cuts = {cut for axis, _ in self.steps for cut in axis.cuts if low < cut <= high}
        points = {point for point in (*self.curve.knots, *self._tops(), *cuts, *between) if low < point < high}
        before = [(float(np.nextafter(cut, -np.inf)), cut) for cut in cuts]
        places = sorted([(point, point) for point in {low, high, *points}] + before)
        return Outline(np.array([x for _, x in places]), self.log_odds(np.array([place for place, _ in places])))

    def _tops(self) -> list[float]:
        """Where slope and logarithm are even, within a piece: the curve turns there."""
        ends = zip(self.curve.pieces, (-np.inf, *self.curve.knots), (*self.curve.knots, np.inf), strict=True)
        tops = [
            (-piece.log_weight / piece.slope - 1, start, end)
            for piece, start, end in ends
            if piece.slope * piece.log_weight < 0
        ]
        return [top for top, start, end in tops if start < top < end]


class Together(NamedTuple):
    """What two fields do together, with the share of the customers in each cell of their table, 0 to 1."""

    interaction: Interaction
    purified: Purified
    shares: tuple[tuple[float, ...], ...]


class OwnParts(NamedTuple):
    """The parts of a model: of each number, of each value of the other fields, of two fields together.

    `shaped` are the numbers that have a curve.
    """

    numbers: dict[str, NumberPart]
    values: dict[str, dict[Value, float]]
    together: list[Together]
    shaped: frozenset[str]


def find_own_parts(
    customers: pd.DataFrame, contract: Contract, dv: DictVectorizer, model: LogisticRegression
) -> OwnParts:
    """The parts of a fitted pair; `customers` are those that it was fitted on."""
    weights = dict(zip(dv.feature_names_, model.coef_[0].tolist(), strict=True))
    scorer = Scorer(contract, weights, intercept=float(model.intercept_[0]))
    together = []
    for interaction in scorer.interactions:
        shares = _joint_shares(customers, contract, interaction)
        together.append(Together(interaction, purify(interaction, shares), shares))
    steps: dict[str, list[tuple[Axis, tuple[float, ...]]]] = {field.name: [] for field in contract.fields}
    for interaction, purified, _ in together:
        steps[interaction.first.field].append((interaction.first, purified.first))
        steps[interaction.second.field].append((interaction.second, purified.second))
    straight = [
        Curve(number.field, (), (Piece(0.0, 0.0, number.weight, number.log_weight),)) for number in scorer.numbers
    ]
    curves = {curve.field: curve for curve in (*straight, *scorer.curves)}
    values = {
        lookup.field: {
            value: weight + sum(added[axis.place(value)] for axis, added in steps[lookup.field])
            for value, weight in lookup.weights.items()
        }
        for lookup in scorer.lookups
    }
    numbers = {field.name: _number_part(field, curves[field.name], steps[field.name]) for field in contract.numbers}
    return OwnParts(numbers, values, together, frozenset(curve.field for curve in scorer.curves))


def _number_part(field: Number, curve: Curve, steps: list[tuple[Axis, tuple[float, ...]]]) -> NumberPart:
    blank = curve.blank
    if blank is not None and field.blank:
        blank += sum(added[axis.place(field.blank.value)] for axis, added in steps)
    return NumberPart(curve, tuple(steps), blank)


def known_numbers(customers: pd.DataFrame, field: Number) -> np.ndarray:
    """A number's values, float64 of shape (n_customers,), as NumberPart takes them.

    A blank is NaN where the model weighs it by itself, else what it stands for.
    """
    if field.blank and field.blank.apart:
        return customers[field.name].to_numpy(dtype=np.float64)
    return read_numbers(customers, field)


def _joint_shares(
    customers: pd.DataFrame, contract: Contract, interaction: Interaction
) -> tuple[tuple[float, ...], ...]:
    """The share of the customers in each cell of a table of two fields."""
    first, second = (_places(customers, contract, axis) for axis in (interaction.first, interaction.second))
    sizes = interaction.first.size, interaction.second.size
    counts = np.bincount(first * sizes[1] + second, minlength=sizes[0] * sizes[1]).reshape(sizes)
    return tuple(map(tuple, (counts / len(customers)).tolist()))


def _places(customers: pd.DataFrame, contract: Contract, axis: Axis) -> np.ndarray:
    """The place on the axis of each customer."""
    field = next(field for field in contract.fields if field.name == axis.field)
    if isinstance(field, Category):
        codes = pd.Index(axis.categories).get_indexer(pd.Index(customers[axis.field]))
        return np.where(codes < 0, len(axis.categories), codes)
    return np.searchsorted(axis.cuts, read_numbers(customers, field), "right")
