"""The parts of a fitted model: the effect of each field by itself, and of two fields together, as in reasons.

A table of two fields is purified with the customers that the model was fitted on, as it is for reasons: the effects
of its rows and columns alone are moved to the two fields. Scores no customer and draws nothing.
"""

import math
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pandas as pd
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from churn.model.contract import Contract
from churn.model.curves import Curve, Piece
from churn.model.fields import Number, Value
from churn.model.interactions import Interaction
from churn.model.number_part import NumberPart, find_steps
from churn.model.purified import Purified, purify
from churn.training.cells import Shares, share_cells
from churn.training.fit import make_scorer
from churn.training.matrix import read_numbers

MOST_VALUES = 40
"""A number with at most this many distinct values has a curve of only these values: no customer is between them."""


class Outline(NamedTuple):
    """The points of a curve, ascending, both of shape (n_points,). A step has two points, before and after it.

    `has_all` is True if the points are all distinct values.
    """

    x: np.ndarray
    log_odds: np.ndarray
    has_all: bool = False


class Together(NamedTuple):
    """The joint effect of two fields, with the share of the customers in each cell of their table, 0 to 1."""

    interaction: Interaction
    purified: Purified
    shares: Shares


class OwnParts(NamedTuple):
    """The parts of a model: for each number, for each value of the other fields, and for each pair of fields.

    `shaped` are the numbers that have a curve.
    """

    numbers: dict[str, NumberPart]
    values: dict[str, dict[Value, float]]
    together: list[Together]
    shaped: frozenset[str]


def find_own_parts(
    customers: pd.DataFrame, contract: Contract, dv: DictVectorizer, model: LogisticRegression
) -> OwnParts:
    """The parts of a fitted pair; `customers` are the customers that it was fitted on."""
    scorer = make_scorer(contract, dv, model)
    cells = share_cells(customers, contract, scorer.interactions)
    together = [
        Together(interaction, purify(interaction, shares), shares)
        for interaction, shares in zip(scorer.interactions, cells, strict=True)
    ]
    tables = [(interaction, purified) for interaction, purified, _ in together]
    straight = [
        Curve(number.field, (), (Piece(0.0, 0.0, number.weight, number.log_weight),)) for number in scorer.numbers
    ]
    curves = {curve.field: curve for curve in (*straight, *scorer.curves)}
    values = {
        lookup.field: {
            value: weight + sum(added[axis.place(value)] for axis, added in find_steps(lookup.field, tables))
            for value, weight in lookup.weights.items()
        }
        for lookup in scorer.lookups
    }
    numbers = {field.name: NumberPart.of(field, curves[field.name], tables) for field in contract.numbers}
    return OwnParts(numbers, values, together, frozenset(curve.field for curve in scorer.curves))


def known_numbers(customers: pd.DataFrame, field: Number) -> np.ndarray:
    """The values of a number for NumberPart, float64 of shape (n_customers,).

    A blank is NaN if the model has a separate weight for it, else the number that it stands for.
    """
    if field.blank and field.blank.apart:
        return customers[field.name].to_numpy(dtype=np.float64)
    return read_numbers(customers, field)


def weigh_numbers(part: NumberPart, numbers: np.ndarray) -> np.ndarray:
    """The log-odds that these numbers add, in their shape; NaN is a blank with a separate weight."""
    values, places = np.unique(numbers, return_inverse=True)
    log_odds = [part.blank if math.isnan(value) else part.log_odds(value) for value in values.tolist()]
    return np.array(log_odds, dtype=np.float64)[places]


def outline_known(part: NumberPart, known: np.ndarray, *, between: Iterable[float] = ()) -> Outline:
    """The curve over the customers' numbers: the points where it bends, steps and turns, and the points `between`.

    If there are only a few distinct numbers, they are the points.
    """
    values = np.unique(known)
    if len(values) <= MOST_VALUES:
        return Outline(values, weigh_numbers(part, values), has_all=True)
    x, log_odds = np.array(part.outline(float(values[0]), float(values[-1]), between=between)).T
    return Outline(x, log_odds)
