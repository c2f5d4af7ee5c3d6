"""Detects numbers that stand for a missing value, as 99999999 does in a column of incomes.

Owns the signs of such a number. A model would read it as an amount, and it would distort the scale of the fit.
"""

from typing import NamedTuple

import numpy as np

FACTOR = 100
"""A stand-in is at least this many times the 99.9th percentile of the other numbers."""
MOST_STAND_INS = 3
"""The most stand-ins of a column, such as one for "not asked" and one for "no answer"."""
FEWEST_OTHERS = 10
"""Fewer other numbers than this do not show a scale."""
NINES_FACTOR = 10
"""A number of nines that is more than this many times the next one may stand for missing, as 999 does among ages."""


class StandIn(NamedTuple):
    """A number that stands for a missing value, and the number of its rows."""

    number: float
    rows: int

    @property
    def word(self) -> str:
        """The number as `--missing` spells it."""
        return f"{self.number:.15g}"


def find_far_stand_ins(values: np.ndarray) -> tuple[StandIn, ...]:
    """The numbers that lie far from all others and repeat, the farthest first; `values` are float64, NaN for a blank.

    Each is the largest, or the smallest below 0, occurs in at least two rows, and is in absolute value at least 100
    times the 99.9th percentile of the absolute values of all others except 0.
    """
    known = np.unique(values[~np.isnan(values)])
    others = values[~np.isnan(values) & (values != 0)]
    passed: list[StandIn] = []
    found: tuple[StandIn, ...] = ()
    while len(others) > FEWEST_OTHERS and len(passed) < MOST_STAND_INS:
        number = others[np.abs(others).argmax()]
        rows = int((others == number).sum())
        others = others[others != number]
        if rows < 2 or len(others) < FEWEST_OTHERS or len(known) - len(passed) < 3:  # two are left
            break
        passed.append(StandIn(float(number), rows))
        if abs(number) / FACTOR >= np.quantile(np.abs(others), 0.999):
            found = tuple(passed)
    return found


def find_negative_stand_ins(values: np.ndarray) -> tuple[StandIn, ...]:
    """The numbers below 0 of a column, if each repeats and is -1 or all nines, such as -99; else an empty tuple."""
    found = [stand_in for stand_in in _count(values) if stand_in.number < 0]
    are_stand_ins = all(stand_in.rows > 1 and _is_of_nines(-stand_in.number, or_one=True) for stand_in in found)
    return tuple(found) if are_stand_ins and len(found) <= MOST_STAND_INS else ()


def find_nines(values: np.ndarray) -> StandIn | None:
    """The largest number, if it repeats, is all nines and more than 10 times the next one; else None."""
    *others, largest = _count(values) or [StandIn(np.nan, 0)]
    is_far = len(others) > 1 and largest.number > NINES_FACTOR * max(others[-1].number, 0)
    are_enough = largest.rows > 1 and sum(other.rows for other in others) >= FEWEST_OTHERS
    return largest if is_far and are_enough and _is_of_nines(largest.number) else None


def _count(values: np.ndarray) -> list[StandIn]:
    """The distinct numbers with their rows, the smallest first."""
    numbers, counts = np.unique(values[~np.isnan(values)], return_counts=True)
    return [StandIn(float(number), int(count)) for number, count in zip(numbers, counts, strict=True)]


def _is_of_nines(number: float, *, or_one: bool = False) -> bool:
    digits = f"{number:.15g}"
    return set(digits) == {"9"} or (or_one and digits == "1")
