"""The log-odds of a customer in clean spelling, and the cells that it is counted in: the hot loop of all scoring.

Owns the arithmetic and the fast check in it: looking a value up is the check. A customer that is not in clean
spelling raises one of the lookup's errors, and the contract then reads it.
"""

import math
import sys
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

from churn.model.fields import Value
from churn.model.joint_cells import Across
from churn.model.shapes import Shapes

LARGEST = sys.float_info.max
"""The largest log-odds, positive or negative: beyond it they are not finite."""
REFUSED = (KeyError, TypeError, ValueError, OverflowError)
"""The exceptions for a customer that is not in clean spelling, contradicts itself or is out of range."""

Placed = tuple[float, list[int], tuple[Value, ...]]
"""A scored customer: its log-odds; its cell in each part of Scorer.joint, numbered from 0 across all parts; its
numbers as they were read, in the contract's order.
"""
Decoded = Any
"""A customer whose categories are in the contract, and whose numbers are floats within the limits."""
Straight = tuple[int, float, float, float, float]
"""A number without a curve: its place among the contract's numbers, its two limits, its weight, and the weight of its
logarithm or 0.0.

It is a plain tuple, because Python unpacks a NamedTuple through its iterator: scoring would take a third longer.
"""
Getter = Callable[..., Callable[[Any], Any]]
"""Works as operator.itemgetter: makes a function that takes the value of one name, or a tuple of several, from a
customer.
"""


class PlacedList(NamedTuple):
    """Customers that were scored together: columns of log-odds and cells, and each customer's tuple of numbers."""

    log_odds: list[float]
    cells: list[list[int]]
    numbers: list[tuple[Value, ...]]


class Sums(NamedTuple):
    """The terms that are added up for each customer.

    `parts` has, for each part of the categories and flags, the fields' names, and by their values the sum of the
    weights and the cell's number. `numbers` are the names of all numbers, in the contract's order. `blanks` has the
    places of those in which some numbers stand for a blank, with these numbers; the contract reads such a customer.
    """

    intercept: float
    parts: Sequence[tuple[tuple[str, ...], Mapping[Any, tuple[float, int]]]]
    across: Across | None
    numbers: tuple[str, ...]
    straight: Sequence[Straight]
    blanks: Sequence[tuple[int, frozenset[float]]]
    shapes: Shapes | None


class Placer:
    """Scores customers of one Python type, from which `getter` takes the values."""

    def __init__(self, sums: Sums, getter: Getter) -> None:
        self._intercept, self._straight = sums.intercept, sums.straight
        self._blanks, self._shapes = sums.blanks, sums.shapes
        self._cells = [(getter(*names), cells) for names, cells in sums.parts]
        self._take_numbers = _take_all(getter, sums.numbers)
        self._take_others = _take_all(getter, sums.shapes.others if sums.shapes else ())
        self._contradicts = sums.across and sums.across.contradicts
        self._take_grouped = _take_all(getter, sums.across.fields if sums.across else ())

    def place(self, customer: Any) -> Placed:
        """The scored customer, which is in clean spelling. Raises one of REFUSED for any other."""
        total = self._intercept
        found: list[int] = []
        for key, cells in self._cells:
            weight, cell = cells[key(customer)]
            total += weight
            found.append(cell)
        if self._contradicts and self._contradicts(self._take_grouped(customer)):
            raise ValueError("contradicts")
        numbers = self._take_numbers(customer)
        for place, lowest, highest, weight, log_weight in self._straight:
            number = numbers[place]
            if (type(number) is not float and type(number) is not int) or not lowest <= number <= highest:
                raise ValueError(place)  # a bool, a string, a NaN, out of range: the contract words it
            total += weight * number
            if log_weight:
                total += log_weight * math.log1p(number)
        for place, blanks in self._blanks:
            if numbers[place] in blanks:
                raise ValueError(place)
        if self._shapes is not None:
            total = self._shapes.add_up(numbers, self._take_others(customer), total)
        if not -LARGEST <= total <= LARGEST:
            raise ValueError("log-odds")
        return total, found, numbers

    def place_list(self, customers: Sequence[Decoded]) -> PlacedList:
        """The scored customers, which are in clean spelling. Calling `place` for each takes half as long again.

        The terms are added in the order of `place`, so that the log-odds are the same. Raises one of REFUSED for the
        whole list when a customer contradicts itself or has a number that stands for a blank.
        """
        totals = [self._intercept] * len(customers)
        placed: list[list[int]] = []
        for key, cells in self._cells:
            found = list(map(cells.__getitem__, map(key, customers)))
            totals = [total + weight for total, (weight, _) in zip(totals, found, strict=True)]
            placed.append([cell for _, cell in found])
        if self._contradicts and any(map(self._contradicts, map(self._take_grouped, customers))):
            raise ValueError("contradicts")
        numbers = list(map(self._take_numbers, customers))
        for place, _, _, weight, log_weight in self._straight:
            column = list(map(itemgetter(place), numbers))
            if log_weight:
                in_turn = zip(totals, column, map(math.log1p, column), strict=True)
                totals = [total + weight * number + log_weight * logarithm for total, number, logarithm in in_turn]
            else:
                totals = [total + weight * number for total, number in zip(totals, column, strict=True)]
        for place, blanks in self._blanks:
            if not blanks.isdisjoint(map(itemgetter(place), numbers)):
                raise ValueError(place)
        if self._shapes is not None:
            totals = list(map(self._shapes.add_up, numbers, map(self._take_others, customers), totals))
        if not all(map(math.isfinite, totals)):
            raise ValueError("log-odds")
        return PlacedList(totals, placed, numbers)


def _take_all(getter: Getter, names: Sequence[str]) -> Callable[[Any], tuple[Any, ...]]:
    """A function that takes these values from a customer, as a tuple also for one name or none."""
    if not names:
        return lambda customer: ()
    take = getter(*names)
    return take if len(names) > 1 else lambda customer: (take(customer),)
