"""A number's part of the log-odds as a curve in pieces, from the weights of its columns.

A curve is flat outside the range that training saw. Owns how the weights make a curve; `shapes` adds curves up.
"""

import math
from bisect import bisect_right
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from churn.model.addition import add_up
from churn.model.columns import Column, IsBlank, Ramp, Within

MOST_KNOTS = 1_000
"""The most ramps of a curve, one between each two knots: training makes some 34."""


class Piece(NamedTuple):
    """The log-odds of a number between two knots: base + slope * (number - start) + log_weight * log1p(number).

    `log_weight` is 0.0 where the piece has no logarithm. All but `start` are in log-odds, `slope` per unit.
    """

    start: float
    base: float
    slope: float
    log_weight: float


class Curve(Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """The log-odds that a number adds, as a curve.

    `knots` ascend. There is one more of the `pieces`: the first is for numbers below the first knot, and each other
    one begins at a knot. `blank` is the log-odds of a blank, None if a blank is refused or stands for a number.
    """

    field: str
    knots: tuple[float, ...]
    pieces: tuple[Piece, ...]
    blank: float | None = None

    def term(self, value: str | float) -> float:
        """The log-odds that a value adds: a number, or "" for a blank."""
        if isinstance(value, str):
            if value or self.blank is None:
                raise ValueError(self.field)
            return self.blank
        start, base, slope, log_weight = self.pieces[bisect_right(self.knots, value)]
        term = base + slope * (value - start)
        return term + log_weight * math.log1p(value) if log_weight else term


def make_curve(field: str, weights: Mapping[Column, float]) -> Curve:
    """The curve of a number from the weights of its columns, which are Within, Ramp and IsBlank.

    Raises ValueError for columns that make no curve: no range or two of them, ramps that overlap or leave the range,
    a logarithm of negative numbers, two weights of a blank, more than MOST_KNOTS ramps, numbers that are not finite.
    """
    held = {column: weight for column, weight in weights.items() if isinstance(column, Within)}
    ranges = {(column.low, column.high) for column in held}
    if len(ranges) != 1 or len(held) > 2:
        raise ValueError(f"{field!r} needs one range that it is clipped to, and has {len(ranges)}")
    ((low, high),) = ranges
    if low > high or (low < 0 and any(column.logarithm for column in held)):
        raise ValueError(f"{field!r} can't be clipped to the range {low} to {high}")
    weight = add_up(weight for column, weight in held.items() if not column.logarithm)
    log_weight = add_up(weight for column, weight in held.items() if column.logarithm)
    rises = {(column.start, column.end): rise for column, rise in weights.items() if isinstance(column, Ramp)}
    knots = _place_knots(field, low, high, sorted(rises))
    base = weight * low
    pieces = [Piece(low, base + log_weight * math.log1p(low) if log_weight else base, 0.0, 0.0)]
    for start, end in pairwise(knots):
        rise = rises.get((start, end), 0.0)
        pieces.append(Piece(start, base, weight + rise / (end - start), log_weight))
        base += weight * (end - start) + rise
    pieces.append(Piece(high, base + log_weight * math.log1p(high) if log_weight else base, 0.0, 0.0))
    if not all(math.isfinite(number) for piece in pieces for number in piece):
        raise ValueError(f"{field!r} has a curve that is not finite")
    curve = Curve(field, tuple(knots), tuple(pieces))
    blanks = [(column, weight) for column, weight in weights.items() if isinstance(column, IsBlank)]
    if len(blanks) > 1:
        raise ValueError(f"{field!r} has {len(blanks)} weights of a blank")
    for column, weight in blanks:
        return Curve(field, curve.knots, curve.pieces, blank=curve.term(column.value) + weight)
    return curve


def _place_knots(field: str, low: float, high: float, ramps: list[tuple[float, float]]) -> list[float]:
    """The ends of the range and of the ramps, ascending."""
    if len(ramps) > MOST_KNOTS:
        raise ValueError(f"{field!r} has {len(ramps):,} ramps, and a curve has at most {MOST_KNOTS:,}")
    before = low
    for start, end in ramps:
        if not before <= start < end <= high:
            raise ValueError(f"{field!r} has ramps that overlap, or leave the range {low} to {high}")
        before = end
    return sorted({low, high, *(knot for ramp in ramps for knot in ramp)})
