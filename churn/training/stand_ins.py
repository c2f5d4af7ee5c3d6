"""Numbers that stand for a missing value, as 99999999 does in a column of incomes.

Owns what makes a number look like one. A model would take it for an amount, and the fit for its scale.
"""

from typing import NamedTuple

import numpy as np

FACTOR = 100
"""A stand-in is at least so many times the 99.9th percentile of the other numbers."""
MOST_STAND_INS = 3
"""A column may have several: one for "not asked", one for "no answer"."""
FEWEST_OTHERS = 10
"""Fewer other numbers tell no scale."""


class StandIn(NamedTuple):
    """A number that stands for a missing value, and in how many rows."""

    number: float
    rows: int

    @property
    def word(self) -> str:
        """The number as `--missing` takes it."""
        return f"{self.number:.15g}"


def find_far_stand_ins(values: np.ndarray) -> tuple[StandIn, ...]:
    """The numbers that lie far from all others and repeat, the farthest first; float64 with NaN for a blank.

    They are the largest, or the smallest below 0: each in two rows or more, and in size at least 100 times the 99.9th
    percentile of the sizes of all others but 0.
    """
    others = values[~np.isnan(values) & (values != 0)]
    passed: list[StandIn] = []
    found: tuple[StandIn, ...] = ()
    while len(others) > FEWEST_OTHERS and len(passed) < MOST_STAND_INS:
        number = others[np.abs(others).argmax()]
        rows = int((others == number).sum())
        others = others[others != number]
        if rows < 2 or len(others) < FEWEST_OTHERS:
            break
        passed.append(StandIn(float(number), rows))
        if abs(number) / FACTOR >= np.quantile(np.abs(others), 0.999):
            found = tuple(passed)
    return found


def find_negative_stand_in(values: np.ndarray) -> StandIn | None:
    """The one number below 0 of a column, where it repeats and is -1 or of nines, as -99 is; else None."""
    negative = values[values < 0]
    if len(negative) < 2 or (negative != negative[0]).any():
        return None
    digits = f"{-negative[0]:.15g}"
    return StandIn(float(negative[0]), len(negative)) if digits == "1" or set(digits) == {"9"} else None
