"""Interactions: the log-odds that two fields add together, beyond what each adds alone, as a table by their values.

Owns how the weights of columns make these tables, and the place of a value in them. `shapes` adds the tables up;
`explaining` divides them between the two fields.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

from msgspec import Struct

from churn.model.columns import AtLeast, Both, Condition, Equals
from churn.model.fields import Value

MOST_TABLES = 100
"""A model with more is refused: training makes at most ten."""
MOST_CELLS = 10_000
"""A model whose tables have more cells in all is refused: training makes at most 1,690."""


class Axis(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The numbering, from 0, of a field's values in a table of two fields.

    A number or a flag has the place that counts the ascending `cuts` not above it. A category has its index in
    `categories`; any other category comes after them.
    """

    field: str
    cuts: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """The number of places."""
        return len(self.cuts) + len(self.categories) + 1

    def place(self, value: Value) -> int:
        """The place of a value, from 0.

        >>> Axis("tenure", cuts=(1.0, 12.0)).place(1.0), Axis("plan", categories=("a", "b")).place("c")
        (1, 2)
        """
        if isinstance(value, str):
            return self.categories.index(value) if value in self.categories else len(self.categories)
        return bisect_right(self.cuts, value)


class Interaction(Struct, frozen=True, forbid_unknown_fields=True):
    """The log-odds that two fields add together: a row for each place of `first`, with cells for each of `second`."""

    first: Axis
    second: Axis
    log_odds: tuple[tuple[float, ...], ...]

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Both axes."""
        return self.first, self.second


def make_interactions(weights: Mapping[Both, float]) -> list[Interaction]:
    """The tables of these columns, one for each two fields, in the order in which their names first occur.

    Raises ValueError for columns of a field with itself, of two fields in both orders, or of a field that is cut at
    numbers in one column and compared with categories in another of the same table. Also for more than MOST_TABLES or
    MOST_CELLS in all, and for weights whose sum is not finite.
    """
    tables: dict[tuple[str, str], dict[Both, float]] = {}
    for column, weight in weights.items():
        first, second = column.first.field, column.second.field
        if first == second or (second, first) in tables:
            raise ValueError(f"{first!r} and {second!r} are one field, or also have a table in the other order")
        tables.setdefault((first, second), {})[column] = weight
    if len(tables) > MOST_TABLES:
        raise ValueError(f"it has {len(tables):,} tables of two fields, and a model has at most {MOST_TABLES:,}")
    axes = [
        (_make_axis([column.first for column in columns]), _make_axis([column.second for column in columns]))
        for columns in tables.values()
    ]
    if (cells := sum(first.size * second.size for first, second in axes)) > MOST_CELLS:
        raise ValueError(f"its tables of two fields have {cells:,} cells, and a model has at most {MOST_CELLS:,}")
    interactions = [
        Interaction(first, second, _fill(first, second, columns))
        for (first, second), columns in zip(axes, tables.values(), strict=True)
    ]
    if not all(math.isfinite(cell) for interaction in interactions for row in interaction.log_odds for cell in row):
        raise ValueError("its weights of two fields do not add up to finite numbers")
    return interactions


def average_columns(
    interaction: Interaction, shares: Sequence[Sequence[float]], columns: Iterable[Both]
) -> dict[Both, float]:
    """The mean of each of the interaction's columns over customers that `shares` distributes over the cells."""
    first, second = interaction.first, interaction.second
    reached = _add_up([row[::-1] for row in reversed(shares)], first, second)  # the sums from each cell on
    firsts, seconds = _number_conditions(first), _number_conditions(second)
    return {column: reached[-1 - firsts[column.first]][-1 - seconds[column.second]] for column in columns}


def _make_axis(conditions: list[Condition]) -> Axis:
    field = conditions[0].field
    cuts = {condition.cut for condition in conditions if isinstance(condition, AtLeast)}
    others = [condition for condition in conditions if not isinstance(condition, AtLeast)]
    if cuts and others:
        raise ValueError(f"{field} is cut at numbers and compared with categories in one table")
    categories = dict.fromkeys(condition.category for condition in others if condition.category is not None)
    return Axis(field, tuple(sorted(cuts)), tuple(sorted(categories)))


def _fill(first: Axis, second: Axis, weights: Mapping[Both, float]) -> tuple[tuple[float, ...], ...]:
    """The sum, for each cell, of the weights of the columns that are 1 there."""
    rows = [[0.0] * second.size for _ in range(first.size)]
    firsts, seconds = _number_conditions(first), _number_conditions(second)
    for column, weight in weights.items():
        rows[firsts[column.first]][seconds[column.second]] += weight
    return _add_up(rows, first, second)


def _add_up(rows: Sequence[Sequence[float]], first: Axis, second: Axis) -> tuple[tuple[float, ...], ...]:
    """The cumulative sums of the rows along each axis that has cuts."""
    if second.cuts:
        rows = [list(accumulate(row)) for row in rows]
    if first.cuts:
        rows = list(zip(*map(accumulate, zip(*rows, strict=True)), strict=True))
    return tuple(map(tuple, rows))


def _number_conditions(axis: Axis) -> dict[Condition, int]:
    """The first place on the axis at which each condition holds; an Equals holds at that place only."""
    if axis.cuts:
        return {AtLeast(axis.field, cut): number for number, cut in enumerate(axis.cuts, start=1)}
    return {Equals(axis.field, category): number for number, category in enumerate((*axis.categories, None))}
