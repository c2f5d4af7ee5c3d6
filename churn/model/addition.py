"""Sums of floats that have the same digits on every release of Python."""

from collections.abc import Iterable
from functools import reduce
from operator import add


def add_up(numbers: Iterable[float]) -> float:
    """The sum, added from the first number to the last, as arrays of NumPy are added column by column.

    Python 3.12's own `sum` compensates the rounding errors of floats, and 3.11's does not.

    >>> add_up([0.1] * 10)
    0.9999999999999999
    """
    return reduce(add, numbers, 0.0)
