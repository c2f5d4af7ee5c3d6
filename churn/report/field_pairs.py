"""The joint effect of two fields in a model, over the customers that it was fitted on, for a plot and a table.

Computes figures and the labels of rows and columns; draws nothing. The effect of each field alone is not included.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from churn.model.contract import Contract
from churn.model.fields import Category, Field, Flag
from churn.model.interactions import Axis
from churn.report.formats import distinct_figures
from churn.report.own_parts import OwnParts, Together

FEWEST_TOLD = 0.01
"""The smallest share of the customers in a cell that a sentence names."""


class Side(NamedTuple):
    """A field of a pair with the labels of its rows or columns; `cuts` are those of a number, else empty."""

    field: str
    labels: tuple[str, ...]
    cuts: tuple[float, ...] = ()


class Cell(NamedTuple):
    """A cell of a table: the labels of its row and column, its log-odds, and its share of the customers, 0 to 1."""

    row: str
    column: str
    log_odds: float
    share: float


class FieldPair(NamedTuple):
    """The joint effect of two fields: a row for each label of `down`, a column for each label of `across`.

    `log_odds` and `shares` of the customers, 0 to 1, are float64, shape (n_rows, n_columns). The rows of a number
    start with the highest, its columns with the lowest. `spread` is the standard deviation of the log-odds over the
    customers.
    """

    down: Side
    across: Side
    log_odds: np.ndarray
    shares: np.ndarray
    spread: float

    def extremes(self) -> list[Cell]:
        """The cells with the highest and the lowest log-odds, of those with at least FEWEST_TOLD of the customers."""
        shown = np.argwhere(self.shares >= FEWEST_TOLD).tolist()
        if not shown:
            return []
        ordered = sorted(shown, key=lambda place: -self.log_odds[*place])
        return [
            Cell(
                self.down.labels[row],
                self.across.labels[column],
                *map(float, (self.log_odds[row, column], self.shares[row, column])),
            )
            for row, column in (ordered[0], ordered[-1])
        ]


def find_field_pairs(customers: pd.DataFrame, contract: Contract, parts: OwnParts) -> list[FieldPair]:
    """The pairs of fields of a model, the largest spread over `customers` first; it was fitted on these."""
    axes = {
        axis.field: axis for table in parts.together for axis in (table.interaction.first, table.interaction.second)
    }
    sides = {
        field.name: _name_side(axes[field.name], field, customers[field.name])
        for field in contract.fields
        if field.name in axes
    }
    pairs = [_lay_out(together, sides) for together in parts.together]
    return sorted(pairs, key=lambda pair: -pair.spread)


def _lay_out(together: Together, sides: dict[str, Side]) -> FieldPair:
    """The table of a pair, with a number in the columns; of two fields of the same kind the second is there."""
    log_odds, shares = np.array(together.purified.log_odds), np.array(together.shares)
    first, second = sides[together.interaction.first.field], sides[together.interaction.second.field]
    if first.cuts and not second.cuts:
        first, second, log_odds, shares = second, first, log_odds.T, shares.T
    log_odds, shares = (cells[: len(first.labels), : len(second.labels)] for cells in (log_odds, shares))
    if first.cuts:
        first = first._replace(labels=first.labels[::-1])
        log_odds, shares = log_odds[::-1], shares[::-1]
    return FieldPair(first, second, log_odds, shares, float(np.sqrt((shares * log_odds**2).sum())))


def _name_side(axis: Axis, field: Field, values: pd.Series) -> Side:
    """The labels of an axis; the last place has no label if no value of the field is there."""
    if isinstance(field, Flag):
        return Side(axis.field, ("0", "1"))
    if isinstance(field, Category):
        others = [category for category in field.categories if category not in axis.categories]
        rest = others if len(others) == 1 else ["others"] if others else []
        return Side(axis.field, tuple(category or "(blank)" for category in (*axis.categories, *rest)))
    known = values.dropna()
    if (known % 1 == 0).all() and all(cut % 1 == 0 for cut in axis.cuts):
        return Side(axis.field, tuple(_name_whole_steps(axis.cuts, known.min(), known.max())), axis.cuts)
    return Side(axis.field, tuple(_name_steps(axis.cuts)), axis.cuts)


def _name_steps(cuts: Sequence[float]) -> list[str]:
    """The labels of a number's steps: the first number of a step, and that of the next step, which is excluded.

    >>> _name_steps((1.0, 2.0, 12.5))
    ['below 1', '1 to 2', '2 to 12.5', '12.5 or more']
    """
    names = distinct_figures(cuts)
    return [f"below {names[0]}", *(f"{low} to {high}" for low, high in pairwise(names)), f"{names[-1]} or more"]


def _name_whole_steps(cuts: Sequence[float], lowest: float, highest: float) -> list[str]:
    """The labels of the steps of whole numbers from `lowest` to `highest`: the first and last number of a step, or
    its only number.

    >>> _name_whole_steps((1.0, 2.0, 12.0), 0, 72), _name_whole_steps((3.0, 5.0), 1, 5)
    (['0', '1', '2 to 11', '12 or more'], ['2 or less', '3 to 4', '5'])
    """
    firsts, lasts = distinct_figures(cuts), distinct_figures([cut - 1 for cut in cuts])
    between = [low if low == last else f"{low} to {last}" for low, last in zip(firsts, lasts[1:], strict=False)]
    return [
        lasts[0] if lowest == cuts[0] - 1 else f"{lasts[0]} or less",
        *between,
        firsts[-1] if highest == cuts[-1] else f"{firsts[-1]} or more",
    ]
